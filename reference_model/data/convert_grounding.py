"""VG-to-instruction (IV-B): the box of a phrase, and the phrase of a box."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...harness.contract import Boxes, Frame, Region, Request, Sample, Target, Text
from ...harness.dialects.earthgpt import EarthGPT
from .boxes import Size, to_parts
from .problems import Tally
from .record import Record, Turn

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset

_Teach = Callable[[Sample, Size, EarthGPT], Turn]


def grounding(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, a turn a phrase: the phrase is asked, its boxes are the answer."""
    yield from _by_picture(dataset, dialect, tally, _locate)


def region_captions(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, a turn a region: its box is asked, the phrase or the first description answers."""
    yield from _by_picture(dataset, dialect, tally, _describe)


def _locate(sample: Sample, size: Size, dialect: EarthGPT) -> Turn:
    regions = sample.target.regions
    wants = Boxes((), len(regions[0].points) == 8, phrase=sample.question.strip())
    answer = dialect.express(Target(regions=regions), wants, Frame.padded_square(*size))
    return Turn(dialect.render(Request("", "", (), wants)), answer)


def _describe(sample: Sample, size: Size, dialect: EarthGPT) -> Turn:
    """Regions a question points at are described by texts; those a phrase refers to, by the phrase."""
    asked, said = (sample.question, sample.target.texts[0]) if sample.regions else ("", sample.question)
    image = replace(sample.images[0], size=size)
    request = Request("", "", (image,), Text(asked.strip(), sentences=True), regions=_regions(sample))
    return Turn(dialect.render(request), said.strip())


def _by_picture(dataset: Dataset, dialect: EarthGPT, tally: Tally, teach: _Teach) -> Iterator[Record]:
    pictures: dict[str, dict[Turn, None]] = {}
    for sample in dataset.samples:
        size = sample.images[0].size or sample.target.size
        if size is None or (lacks := _lacks(sample)):
            tally.add(f"a sample without {'the size of its picture' if size is None else lacks}", sample.id)
            continue
        _count(_regions(sample), size, sample.id, tally)
        turn = teach(sample, size, dialect)
        turns = pictures.setdefault(sample.images[0].name, {})
        if turn in turns:
            tally.add("the same phrase and region of a picture again", f"{sample.id}: {sample.question}")
        turns[turn] = None
    for name, turns in pictures.items():
        yield Record(name, tuple(turns))


def _regions(sample: Sample) -> tuple[Region, ...]:
    return sample.regions or sample.target.regions


def _lacks(sample: Sample) -> str:
    if not _regions(sample):
        return "a region"
    said = sample.target.texts[:1] if sample.regions else (sample.question,)
    return "" if any(text.strip() for text in said) else "a description"


def _count(regions: Sequence[Region], size: Size, name: str, tally: Tally) -> None:
    for region in regions:
        parts = to_parts(region.points, size)
        if len(set(parts[0::2])) == 1 or len(set(parts[1::2])) == 1:
            tally.add("a box too small for two decimals, kept without area", name)
