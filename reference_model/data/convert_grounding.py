"""VG-to-instruction (IV-B): the box of a phrase, and the phrase of a box."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...harness.contract import Boxes, Frame, Request, Sample, Target
from ...harness.dialects.earthgpt import EarthGPT
from .boxes import to_parts
from .problems import Tally
from .record import Record, Turn
from .wording import REGION

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset


def grounding(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, a turn a phrase: the phrase is asked, its boxes are the answer."""
    yield from _by_picture(dataset, dialect, tally, asked=True)


def region_captions(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, a turn a region: its box is asked, the phrase is the answer."""
    yield from _by_picture(dataset, dialect, tally, asked=False)


def _by_picture(dataset: Dataset, dialect: EarthGPT, tally: Tally, asked: bool) -> Iterator[Record]:
    pictures: dict[str, dict[Turn, None]] = {}
    for sample in dataset.samples:
        turn = _turn(sample, dialect, tally, asked)
        if turn is None:
            continue
        turns = pictures.setdefault(sample.images[0].name, {})
        if turn in turns:
            tally.add("the same phrase and region of a picture again", f"{sample.id}: {sample.question}")
        turns[turn] = None
    for name, turns in pictures.items():
        yield Record(name, tuple(turns))


def _turn(sample: Sample, dialect: EarthGPT, tally: Tally, asked: bool) -> Turn | None:
    phrase, regions = sample.question.strip(), sample.target.regions
    size = sample.images[0].size or sample.target.size
    if not phrase or not regions or size is None:
        lacks = "a phrase" if not phrase else "a region" if not regions else "the size of its picture"
        tally.add(f"a sample without {lacks}", sample.id)
        return None
    for region in regions:
        parts = to_parts(region.points, size)
        if len(set(parts[0::2])) == 1 or len(set(parts[1::2])) == 1:
            tally.add("a box too small for two decimals, kept without area", f"{sample.id}: {phrase}")
    wants = Boxes((), len(regions[0].points) == 8, phrase=phrase)
    bracket = dialect.express(Target(regions=regions), wants, Frame.padded_square(*size))
    if asked:
        return Turn(dialect.render(Request("", "", (), wants)), bracket)
    return Turn(f"{REGION}{bracket}", phrase)
