"""Real pictures as training scenes for the encoders: what MMRS-1M conversations say is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pictures

from ..harness.contract import Boxes, Frame, Image, Region
from ..harness.datasets.images import open_rgb
from ..harness.dialects.earthgpt import EarthGPT as Dialect
from ..harness.errors import DataError
from ..harness.geometry import corners
from .data.record import Record, Turn
from .preprocess import pad_to_square, square_pixels
from .scenes import Shard, crops_of, stacked
from .world import World

CATEGORY = "What is the category"  # how both wordings begin
DETECT = "Detect all objects"
_UNIT = Frame.plain(1, 1)


@dataclass(frozen=True, slots=True)
class Known:
    """What is said of a picture: its class, and its objects in parts of the padded square; None: nothing."""

    label: str | None
    regions: tuple[Region, ...] | None


def known(turns: Iterable[Turn], world: World) -> Known:
    """The class and the objects turns tell: oriented boxes where they have them, else horizontal ones."""
    label: str | None = None
    found: dict[bool, tuple[Region, ...]] = {}
    for turn in turns:
        if turn.question.startswith(CATEGORY):
            label = turn.answer.rstrip(".").lower()
        elif turn.question.startswith(DETECT):
            wants = Boxes(world.objects, "oriented" in turn.question)
            found[wants.oriented] = Dialect().parse(turn.answer, wants, _UNIT).regions
    return Known(label, found.get(True) or found.get(False))


def real_shard(
    records: Sequence[Record], folder: Path, world: World, size: int, seed: int
) -> tuple[Shard, Counter[str]]:
    """The pictures of some records below `folder` as a shard of `size` pixels, and what could not be used.

    A class or an object under a name that `world` does not have is left out and counted, a picture that
    cannot be read as well. A picture with no words about all its objects teaches its class only.
    """
    rows, lost = [], Counter[str]()
    pictures: dict[str, list[Turn]] = {}
    for record in records:
        if record.image is not None:
            pictures.setdefault(record.image, []).extend(record.turns)
    for number, (name, turns) in enumerate(pictures.items()):
        try:
            picture = pad_to_square(open_rgb(Image(name, str(folder / name))))
        except DataError as error:
            lost[error.message] += 1
            continue
        said = known(turns, world)
        if said.label is not None and said.label not in world.scenes:
            lost[f"no such class: {said.label}"] += 1
        told = said.regions or ()
        kept = tuple(region for region in told if region.label in world.objects)
        lost.update(f"no such object: {r.label}" for r in told if r.label not in world.objects)
        one = Known(said.label, None if said.regions is None else kept)
        rows.append(_row(picture, one, world, size, np.random.default_rng((seed, number))))
    if not rows:
        raise DataError(
            f"No picture in {folder} can be used.", "Check the folder and the names of the recipe."
        )
    return stacked(rows), lost


def _row(
    picture: Pictures.Image, said: Known, world: World, size: int, rng: np.random.Generator
) -> dict[str, Any]:
    side = picture.size[0]
    unknown = said.regions is None  # then one object that none can see, so that no place counts as empty
    regions = (Region((0, 0, 1, 1), world.objects[0]),) if said.regions is None else said.regions
    names = [world.objects.index(region.label) for region in regions]
    shapes = np.array([corners(region.points) for region in regions], dtype=np.float32).reshape(-1, 4, 2)
    boxes = np.concatenate([shapes.min(1), shapes.max(1)], -1).clip(0, 1)
    types = [-1] * len(names)
    return {
        "images": square_pixels(picture, size),
        "label": world.scenes.index(said.label) if said.label in world.scenes else -1,
        "look": -1,
        "side": side,
        "name": np.array(names, dtype=np.int64),
        "type": np.array(types, dtype=np.int64),
        "box": boxes,
        "corners": shapes.reshape(-1, 8),
        "visible": np.full(len(names), 0 if unknown else 1, dtype=np.float32),
        "crops": []
        if unknown
        else list(crops_of(rng, picture, names, types, boxes * side, len(world.objects))),
    }
