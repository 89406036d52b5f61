"""Every card in every dialect: what is true is worded, and understood but for the notation's rounding."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Sample, Target, Text
from rsbench.harness.conversation import next_request
from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.dialects.convention import Convention
from rsbench.harness.dialects.family import extent
from rsbench.harness.errors import UsageError
from rsbench.harness.geometry import corners, iou
from rsbench.harness.plan import build_dialect, build_task
from rsbench.harness.registry import names
from rsbench.harness.roles import Dialect, Instructing, Task

CARDS = card_names()
DIALECTS = names("dialects")
SAMPLES = 3  # of a card
MADE: dict[str, Task] = {}  # drawn once a session
GARBAGE = (
    "",
    "I cannot tell.",
    "[[[[",
    '```json\n[{"bbox_2d": [1, 2, 3',
    "{<1><2><3><4>|<nan>}<delim>{<9>",
    "<loc0001><loc9999><loc0001>",
    "<|box_start|>(1,2),(3,<|box_end|>",
    "1,2,3,4,5,6,7,8,9 ship\n" * 20,
    "[1e999, -1, 0.5, inf]",
    "\x00\ud800 (((1,2),(3,4)",
)


@pytest.fixture
def task(card: str, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The task of a card over a tiny miniature."""
    if card not in MADE:
        made, out = read_card(card), tmp_path_factory.mktemp("card") / "mini"
        write_mini(made, out, count=1 if made.family == "classification" else SAMPLES)
        MADE[card] = build_task(made, open_dataset(made, out, cache=out.parent)[0])
    return MADE[card]


@cache
def dialect(name: str) -> Dialect:
    made = build_dialect(name)
    assert made is not None
    return made


def sized(image: Image) -> Image:
    """The picture with its size, which adapters have from the picture where the data do not say."""
    if image.size is not None:
        return image
    with Pictures.open(image.path) as picture:
        return replace(image, size=picture.size)


def frame_of(spoken: Dialect, image: Image) -> Frame:
    """What a model of the family sees, as the dialect declares it."""
    declared: Any = spoken
    frame = declared.frame(extent(sized(image)))
    assert isinstance(frame, Frame)
    return frame


def unit(spoken: Dialect, frame: Frame) -> float:
    """The coarser of both axes' steps in which a dialect writes, in pixels of the original."""
    declared: Any = spoken
    written: Convention = declared.convention
    ground = written.over(frame)
    steps = (1.0, 1.0) if written.range is None else (
        ground.seen_width / written.range, ground.seen_height / written.range
    )  # fmt: skip
    return max(steps[0] / ground.scale_x, steps[1] / ground.scale_y) / 10.0**written.decimals


def some(task: Task) -> list[Sample]:
    """Samples apart from each other."""
    samples = task.samples()
    return [samples[i * (len(samples) - 1) // max(SAMPLES - 1, 1)] for i in range(min(SAMPLES, len(samples)))]


def drawn(rng: np.random.Generator, wants: Boxes, width: int, height: int) -> Target:
    """Objects of the classes asked for, with sides from 32 pixels to two fifths of the picture's."""
    regions = []
    most = 0.4 * min(width, height)
    for i in range(1 if wants.phrase is not None else 40):
        w, h = np.exp(rng.uniform(np.log(min(32.0, most)), np.log(most), 2))
        reach = float(np.hypot(w, h)) / 2
        cx, cy = (rng.uniform(reach, side - reach) for side in (width, height))
        angle = rng.uniform(0, np.pi) if wants.oriented else 0.0
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        flat = ((np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2) @ turn + (cx, cy)).ravel().tolist()
        label = wants.classes[i % len(wants.classes)] if wants.classes else ""
        regions.append(Region(tuple(flat if wants.oriented else (*flat[:2], *flat[4:6])), label))
    return Target(regions=tuple(regions))


def sides(region: Region) -> tuple[float, ...]:
    """Lengths in pixels: two of a box, four of corners."""
    points = np.reshape(corners(region.points), (4, 2))
    return tuple(np.hypot(*(np.roll(points, -1, 0) - points).T).tolist())


def overlaps(spoken: Dialect, wants: Boxes, frame: Frame, target: Target) -> list[float]:
    """IoU of each object with what comes back of it under its own name; 0 where nothing does."""
    answer = spoken.parse(spoken.express(target, wants, frame), wants, frame)
    assert answer.unparsable is None
    asked = [r for r in target.regions if not (r.ignore or r.crowd)]
    assert len(answer.regions) <= len(asked)
    if not asked:
        return []
    found = iou([r.points for r in asked], [r.points for r in answer.regions] or [(0, 0, 0, 0)])
    same = [
        [wants.phrase is not None or a.label == b.label for b in answer.regions] or [False] for a in asked
    ]
    return [float(v) for v in (found * np.array(same)).max(1)]


def moved(spoken: Dialect, wants: Boxes, frame: Frame, target: Target) -> float:
    """How far, in pixels, a coordinate is from the nearest box that comes back."""
    answer = spoken.parse(spoken.express(target, wants, frame), wants, frame)
    asked, found = (np.array([r.points for r in side.regions]) for side in (target, answer))
    return float(np.abs(asked[:, None] - found[None]).max(2).min(1).max())


def cut(spoken: Dialect) -> bool:
    """Whether a dialect cuts decimals off: a coordinate may then be a whole step away."""
    declared: Any = spoken
    return bool(declared.convention.down)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("card", CARDS)
def test_the_truth_comes_back(task: Task, card: str, name: str) -> None:
    """Words as they are; objects under their classes, moved by the rounding alone.

    Those of 32 pixels and more have a mean IoU of 0.90. (Whole hundredths of 512 pixels are steps of 5: of
    objects of 32 pixels alone less is left; benchmarks/notation_loss.py shows it by size.)
    """
    spoken, rng = dialect(name), np.random.default_rng(11)
    for sample in some(task):
        wants = task.request(sample, ())
        assert wants is not None
        if isinstance(wants, Mask) and name == "earthgpt":  # has no words for it
            with pytest.raises(UsageError):
                next_request(task, spoken, sample, ())
            continue
        request = next_request(task, spoken, sample, ())
        assert request is not None and request.prompt
        assert (request.system is None) or isinstance(spoken, Instructing)
        target = sample.target
        if isinstance(wants, Label):
            answer = spoken.parse(spoken.express(target, wants, None), wants, None)
            assert answer.label == target.label
        elif isinstance(wants, Text):
            answer = spoken.parse(spoken.express(target, wants, None), wants, None)
            assert answer.text == ((target.texts[0] if target.texts else target.label) or "").strip()
        elif isinstance(wants, Boxes):
            frame = frame_of(spoken, sample.images[0])
            least = 2 * unit(spoken, frame)
            seen = [r for r in target.regions if all(v > least for v in sides(r))]
            assert all(overlaps(spoken, wants, frame, Target(regions=tuple(seen))))
            large = drawn(rng, wants, frame.width, frame.height)
            assert np.mean(overlaps(spoken, wants, frame, large)) >= 0.9
            if not wants.oriented:
                assert moved(spoken, wants, frame, large) <= least / 2 * (1 if cut(spoken) else 0.5) + 1e-6


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("card", CARDS)
def test_garbage_is_an_answer(task: Task, card: str, name: str) -> None:
    """It is read without a fault; what is found of boxes can be measured."""
    sample = task.samples()[0]
    wants = task.request(sample, ())
    assert wants is not None
    frame = frame_of(dialect(name), sample.images[0]) if isinstance(wants, (Boxes, Mask)) else None
    for text in GARBAGE:
        answer = dialect(name).parse(text, wants, frame)
        assert all(np.isfinite(region.points).all() for region in answer.regions)
    assert dialect(name).parse("", wants, frame).unparsable
