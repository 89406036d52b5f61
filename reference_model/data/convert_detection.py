"""Detection-to-instruction (IV-B): all objects at once, and a session with a question for each class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...harness.contract import Boxes, Frame, Region, Request, Sample, Target
from ...harness.dialects.earthgpt import EarthGPT
from ...harness.geometry import hull
from .boxes import to_parts
from .problems import Tally
from .record import Record, Turn
from .wording import referred, referring

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset


def detection(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """Two records a picture: one turn for all objects (for each form of box), then one for each class.

    Where the data set has oriented boxes the horizontal ones around them are asked for first. The session of
    referring detection is a conversation of its own ("additional multi-round conversation session"); its
    order, that of the classes, is INFERRED. A picture without objects has the first record alone.
    """
    oriented = any(len(r.points) == 8 for s in dataset.samples for r in s.target.regions)
    forms = (False, True) if oriented else (False,)
    for sample in dataset.samples:
        size = sample.images[0].size
        if size is None:
            tally.add("a picture whose size is not known", sample.id)
            continue
        regions = [r for r in sample.target.regions if not (r.ignore or r.crowd)]
        _count(regions, size, sample, tally)
        frame, order = Frame.padded_square(*size), dataset.classes
        name = sample.images[0].name
        yield Record(name, tuple(_all(regions, order, form, frame, dialect) for form in forms))
        if session := tuple(_each(regions, order, forms, frame, dialect)):
            yield Record(name, session)


def _all(
    regions: Sequence[Region], order: tuple[str, ...], oriented: bool, frame: Frame, dialect: EarthGPT
) -> Turn:
    wants = Boxes(order, oriented)
    answer = dialect.express(Target(regions=tuple(regions)), wants, frame)
    return Turn(dialect.render(Request("", "", (), wants)), answer)


def _each(
    regions: Sequence[Region],
    order: tuple[str, ...],
    forms: Sequence[bool],
    frame: Frame,
    dialect: EarthGPT,
) -> Iterator[Turn]:
    """Referring detection: the classes that are there, in order, each in every form of box."""
    for label in order:
        own = tuple(region for region in regions if region.label == label)
        for oriented in forms if own else ():
            wants = Boxes((label,), oriented, phrase=label)
            bracket = dialect.express(Target(regions=own), wants, frame)
            yield Turn(referring(label, oriented), referred(label, len(own), bracket))


def _count(regions: Sequence[Region], size: tuple[int, int], sample: Sample, tally: Tally) -> None:
    """Boxes that lose something on the way: over the border, or too small for two decimals."""
    for region in regions:
        x1, y1, x2, y2 = hull(region.points)
        where = f"{sample.id}: {region.label} {[round(v, 1) for v in region.points]}"
        if x1 < 0 or y1 < 0 or x2 > size[0] or y2 > size[1]:
            tally.add("a box over the border of the picture, cut by the square", where)
        left, top, right, bottom = to_parts((x1, y1, x2, y2), size)
        if left == right or top == bottom:
            tally.add("a box too small for two decimals, kept without area", where)
