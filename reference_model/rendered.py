"""Rendered scenes as a source of training: seen once by the frozen encoders, asked anew every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..harness.contract import Frame, Region
from ..harness.datasets.mini import SCENES
from ..harness.dialects.earthgpt import EarthGPT as Dialect
from ..harness.errors import unknown
from ..harness.geometry import iou
from .batches import turned_boxes, turned_points
from .data.record import Turn
from .instructions import NOUN, choose_list, classify, detect
from .lessons import Facts, answered, facts_of, ground, grounded, how_many, options, reminded
from .perceive import Perceived, perceive
from .pointers import Slots
from .proposals import input_size
from .scenes import Shard, read_shards, render
from .trainer.example import Context, Example

if TYPE_CHECKING:
    import numpy.typing as npt

    from .config import Config
    from .model import EarthGPT

MATCHED = 0.5  # least IoU of an object with the proposal that stands for it
COUNTED = 0.3  # and with one that is counted for it
LESSONS = ("everything", "captions", "phrases")


class RenderedScenes:
    """A source (see `trainer.example.Source`) over shards of rendered scenes."""

    def __init__(self, shard: Shard, seen: Perceived, config: Config, only: str = "everything") -> None:
        if only not in LESSONS:
            raise unknown("lesson", only, LESSONS)
        self.shard, self.seen = shard, seen
        self._config, self._only = config, only
        fitting = {"captions": shard.label >= 0, "phrases": np.diff(shard.offsets) > 0}
        self._scenes = np.flatnonzero(fitting.get(only, np.ones(len(shard.label), bool)))

    def __len__(self) -> int:
        return len(self._scenes)

    def example(self, index: int, rng: np.random.Generator) -> Example:
        """Some of what can be asked of a scene, in any order."""
        scene = int(self._scenes[index])
        facts = turned_facts(facts_of(self.shard, scene), int(self.seen.turns[scene]))
        wording = "paper" if rng.random() < 0.7 else "released"
        dialect = Dialect(wording)
        said = answered(facts, wording, rng, partial(self._tallied, scene, facts))
        if self._only == "captions":  # which come first
            return Example((next(said),), self.seen.one(scene))
        if self._only == "phrases":
            return Example(tuple(self._phrases(scene, facts, dialect, rng, 12)), self.seen.one(scene))
        turns = [*said, self._detected(scene, facts, dialect, rng)]
        turns += self._phrases(scene, facts, dialect, rng, 4)
        if facts.label is not None:
            turns.append(classify(*choose_list(facts.label, SCENES, rng), dialect))
            if rng.random() < 0.3:
                turns.append(options(facts.label, SCENES, rng))
        return Example(tuple(turns[i] for i in rng.permutation(len(turns))), self.seen.one(scene))

    def _detected(self, scene: int, facts: Facts, dialect: Dialect, rng: np.random.Generator) -> Turn:
        """Detection in one of the notations, over what the head lists."""
        head, oriented = self._config.proposals, bool(rng.random() < 0.5)
        assert head is not None
        slots, regions = self.seen.slots(scene), self.seen.found(scene, head, oriented)
        found = detect(regions, oriented, Frame.plain(1, 1), dialect)
        found = Turn(found.question, slots.pointed(found.answer, oriented, range(len(regions))))
        upright = self.seen.found(scene, head, oriented=False) if oriented else regions
        return _reminded(found, upright, facts, dialect, rng)

    def _tallied(self, scene: int, facts: Facts, answer: str, name: str) -> str:
        slots = self.seen.slots(scene)
        matches = matched([item.box for item in facts.objects if item.name == name], slots.boxes, COUNTED)
        return slots.tallied(answer, [match for match in matches if match is not None])

    def _phrases(
        self, scene: int, facts: Facts, dialect: Dialect, rng: np.random.Generator, most: int
    ) -> list[Turn]:
        """Some of the phrases whose objects all have a proposal."""
        slots, turns = self.seen.slots(scene), []
        matches = matched([item.box for item in facts.objects], slots.boxes)
        phrases = list(grounded(facts, rng))
        for place in rng.permutation(len(phrases))[:most]:
            phrase, items = phrases[place]
            used = [matches[facts.objects.index(item)] for item in items]
            if None not in used:
                turns.append(_pointed(phrase, [u for u in used if u is not None], slots, dialect))
        return turns


def scenes(
    context: Context,
    seeds: Sequence[int],
    each: int,
    folder: str | None = None,
    only: str = "everything",
    per_shard: int = 250,
) -> RenderedScenes:
    """The source of `each` scenes from every seed, drawn and perceived where they are not yet.

    `folder` is `scenes` beside the output folder without it; `only` one of LESSONS.

    Raises:
        UsageError: a seed that tests are drawn from, or another `only`.
    """
    place = Path(folder) if folder else context.folder.parent / "scenes"
    size = context.config.image_size
    shard = read_shards([path for seed in seeds for path in render(place, seed, each, size, per_shard)])
    return RenderedScenes(shard, _perceived(context, shard, place), context.config, only)


def turned_facts(facts: Facts, turn: int) -> Facts:
    """The same scene under one of the eight symmetries."""

    def moved(item: Any) -> Any:
        corners = turned_points(np.array(item.corners).reshape(4, 2), turn).ravel().tolist()
        return replace(
            item, corners=tuple(corners), box=tuple(turned_boxes(np.array([item.box]), turn)[0].tolist())
        )

    return replace(facts, objects=tuple(moved(item) for item in facts.objects))


def matched(
    boxes: Sequence[Sequence[float]], proposals: Sequence[Sequence[float]], least: float = MATCHED
) -> list[int | None]:
    """The proposal that stands for each box: the one of largest IoU, None under `least`."""
    if not boxes or not proposals:
        return [None] * len(boxes)
    overlaps = iou([tuple(box) for box in boxes], [tuple(box) for box in proposals])
    return [int(row.argmax()) if row.max() >= least else None for row in overlaps]


def _reminded(
    found: Turn, upright: Sequence[Region], facts: Facts, dialect: Dialect, rng: np.random.Generator
) -> Turn:
    """Now and then another question stands before detection: the count, or horizontal boxes (VI-C)."""
    draw = rng.random()
    if draw < 0.15:
        planes = [item for item in facts.objects if item.name == NOUN]
        everything = bool(rng.random() < 0.5)
        noun, count = ("object", len(facts.objects)) if everything else (NOUN, len(planes))
        return reminded(how_many(noun, count), found)
    if draw < 0.3:
        return reminded(detect(upright, False, Frame.plain(1, 1), dialect), found)
    return found


def _pointed(phrase: str, used: Sequence[int], slots: Slots, dialect: Dialect) -> Turn:
    regions = [Region(tuple(slots.boxes[i]), phrase) for i in used]
    return ground(phrase, regions, False, dialect, lambda text: slots.walked(text, False, used))


def _perceived(context: Context, shard: Shard, folder: Path) -> Perceived:
    """What the encoders see of a shard, kept beside the scenes under the digest of the encoders."""
    name = f"seen-{_digest(context.model, shard.images)}.pt"
    if not (folder / name).is_file():
        seen = perceive(context.model, shard.images, np.random.default_rng(context.seed))
        torch.save(seen.to_dict(), folder / f"{name}.part")
        (folder / f"{name}.part").replace(folder / name)
    return Perceived.from_dict(torch.load(folder / name, weights_only=True, mmap=True))


def _digest(model: EarthGPT, images: npt.NDArray[np.uint8]) -> str:
    head = model.config.proposals
    assert head is not None and model.head is not None
    total = sha256(images[:: max(len(images) // 64, 1)].tobytes())
    total.update(repr((len(images), input_size(head), model.config)).encode())
    for part in (model.encoders, model.head):
        for tensor in part.state_dict().values():
            total.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return total.hexdigest()[:16]
