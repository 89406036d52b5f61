"""Which convention of coordinates a model's answers fit: the same texts read under each, over what is true.

For a person to look at, never for a score: a run reads answers by what the dialect declares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .contract import Boxes, Frame, Region, Response
from .dialects.convention import KNOWN, Convention
from .dialects.reading import read, under
from .geometry import hull, iou
from .roles import Dialect

DECLARED = "declared"
LEAST = 0.3  # of mean overlap, for a convention to be said to fit at all
MARGIN = 0.1  # by which another has to fit better
EQUAL = 0.01


@dataclass(frozen=True, slots=True)
class Answered:
    """A question for boxes: what was wanted, what is true, and the response; `frame` is as the model saw it,
    or else the picture as it is."""

    wants: Boxes
    gold: tuple[Region, ...]
    response: Response
    frame: Frame


@dataclass(frozen=True, slots=True)
class Fit:
    """Mean overlap of written boxes with the nearest true one, by convention (`declared` among them); over
    `questions` with boxes in their answers."""

    overlaps: Mapping[str, float]
    questions: int

    @property
    def declared(self) -> float:
        """That of the dialect's own convention."""
        return self.overlaps[DECLARED]

    @property
    def better(self) -> tuple[str, ...]:
        """Conventions that fit where the declared one does not, best first; equal ones together."""
        best = max(self.overlaps.values())
        if best < LEAST or best < self.declared + MARGIN:
            return ()
        return tuple(name for name, value in self.overlaps.items() if value >= best - EQUAL)


def fit(answered: Sequence[Answered], dialect: Dialect) -> Fit | None:
    """Read every answer under every known convention; None where no answer has a box in it.

    A box that a convention puts outside of the picture overlaps nothing, as if it were written.
    """
    sums: dict[str, float] = {}
    questions = 0
    for item in answered:
        readings = _readings(item, dialect)
        count = max(map(len, readings.values()))
        if not count or not item.gold:
            continue
        questions += 1
        for name, regions in readings.items():
            sums[name] = sums.get(name, 0.0) + _overlap(regions, item.gold) / count
    if not questions:
        return None
    means = {name: total / questions for name, total in sums.items()}
    return Fit(dict(sorted(means.items(), key=lambda pair: -pair[1])), questions)


def reread(item: Answered, dialect: Dialect, name: str) -> tuple[Region, ...]:
    """The boxes of an answer under a convention by its name."""
    return _readings(item, dialect)[name]


def known(dialect: Dialect) -> Mapping[str, Convention | None]:
    """Every convention by name; None is a dialect's own where it does not say which. Oriented boxes keep the
    dialect's way with angles."""
    own: Convention | None = getattr(dialect, "convention", None)
    if own is None:
        return {DECLARED: None, **KNOWN}
    turned = {name: replace(c, angle=own.angle, turned=own.turned) for name, c in KNOWN.items()}
    return {DECLARED: own, **turned}


def _readings(item: Answered, dialect: Dialect) -> dict[str, tuple[Region, ...]]:
    text, readings = item.response.text or "", {}
    for name, convention in known(dialect).items():
        if name == DECLARED or convention is None:
            answer = dialect.parse(text, item.wants, item.frame)
        elif hasattr(dialect, "convention"):
            answer = under(dialect, convention).parse(text, item.wants, item.frame)
        else:
            answer = read(text, item.wants, convention, item.frame)
        readings[name] = answer.regions
    return readings


def _overlap(regions: Sequence[Region], gold: Sequence[Region]) -> float:
    """Sum over boxes of the IoU (horizontal) with the nearest true one, whatever their classes."""
    if not regions:
        return 0.0
    mine, true = ([hull(region.points) for region in group] for group in (regions, gold))
    return float(iou(mine, true).max(1).sum())
