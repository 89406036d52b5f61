"""Charts as values: what is drawn, its axes with units, and the same as a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .blocks import Foreign, Table, grid
from .cells import DASH

Filter: TypeAlias = tuple[tuple[str, str], ...]  # which samples a mark stands for, as the pages filter them


@dataclass(frozen=True, slots=True)
class Axis:
    """A title with its unit, and the range that is shown."""

    title: str
    low: float = 0.0
    high: float = 1.0
    percent: bool = True  # values are fractions, written in percent
    whole: bool = False  # values are whole numbers


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value with its 95 % interval, of `count` samples or objects; `other` is another run's value."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    count: int | None = None
    other: float | None = None
    filter: Filter = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars from 0. `counted` says what the counts are of, `other` which run the other values are of."""

    name: str
    title: str
    axis: Axis
    bars: tuple[Bar, ...]
    counted: str = "Samples"
    other: str = ""
    note: str = ""

    def table(self) -> Table:
        """A row a bar."""
        ranged = any(bar.low is not None for bar in self.bars)
        head = ["", self.counted, self.axis.title, *(["Low", "High"] if ranged else [])]
        rows = [
            [
                Foreign(bar.name),
                DASH if bar.count is None else f"{bar.count:,}",
                *(written(v, self.axis) for v in (bar.value, *((bar.low, bar.high) if ranged else ()))),
                *([written(bar.other, self.axis)] if self.other else []),
            ]
            for bar in self.bars
        ]
        return grid([*head, *([Foreign(self.other)] if self.other else [])], rows)


@dataclass(frozen=True, slots=True)
class Line:
    """Points joined in their order; `count` of samples behind each where they differ."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    count: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Curves:
    """Lines in one pair of axes. `marked`: the points are drawn too; `diagonal`: so is y = x, a reference."""

    name: str
    title: str
    x: Axis
    y: Axis
    lines: tuple[Line, ...]
    marked: bool = False
    diagonal: bool = False
    note: str = ""

    def table(self) -> Table:
        """A row a point."""
        counted = any(line.count for line in self.lines)
        rows = [
            [
                Foreign(line.name),
                written(x, self.x),
                written(y, self.y),
                *([f"{line.count[i]:,}" if line.count else DASH] if counted else []),
            ]
            for line in self.lines
            for i, (x, y) in enumerate(zip(line.x, line.y, strict=True))
        ]
        return grid(["", self.x.title, self.y.title, *(["Samples"] if counted else [])], rows)


@dataclass(frozen=True, slots=True)
class Panels:
    """Small charts side by side that share their axes, one a class."""

    name: str
    title: str
    panels: tuple[Curves, ...]
    note: str = ""

    def table(self) -> Table:
        """The points of every panel."""
        tables = [(panel.title, panel.table()) for panel in self.panels]
        head = tables[0][1].head if tables else ("",)
        return grid(["Class", *head], [[Foreign(name), *row] for name, t in tables for row in t.rows], 2)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many samples lie between two edges, the upper one excluded but for the last."""

    name: str
    title: str
    x: Axis
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    note: str = ""

    def table(self) -> Table:
        """A row a bin."""
        edges = [f"{edge:.4g}" for edge in self.edges]
        rows = [
            [f"{low} to {high}", f"{count:,}"]
            for low, high, count in zip(edges, edges[1:], self.counts, strict=False)
        ]
        return grid([self.x.title, "Samples"], rows)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts of pairs: a row is what is true, a column what was said; the last columns may be no class.

    `filters`: which samples a row, and which a column stands for, as far as the pages can say it.
    """

    name: str
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    row_filters: tuple[Filter, ...]
    column_filters: tuple[Filter, ...]
    note: str = ""

    def filter(self, row: int, column: int) -> Filter:
        """The samples of a cell; none where the pages cannot tell them."""
        return tuple(dict((*self.row_filters[row], *self.column_filters[column])).items())

    def pairs(self) -> list[tuple[int, int, int]]:
        """Count, row and column of what was confused, the commonest first."""
        found = [
            (n, i, j)
            for i, row in enumerate(self.counts)
            for j, n in enumerate(row)
            if n and self.rows[i] != self.columns[j]
        ]
        return sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))

    def table(self) -> Table:
        """A row a confusion."""
        return grid(
            ["Truth", "Answer", "Count"],
            [[Foreign(self.rows[i]), Foreign(self.columns[j]), f"{n:,}"] for n, i, j in self.pairs()],
            2,
        )


Chart: TypeAlias = Bars | Curves | Panels | Histogram | Matrix


def written(value: float | None, axis: Axis) -> str:
    """A value as the axis writes it.

    >>> written(0.5, Axis("top-1 (%)")), written(None, Axis("x")), written(3.25, Axis("s", percent=False))
    ('50.0', '–', '3.25')
    """
    if value is None:
        return DASH
    return f"{100 * value:.1f}" if axis.percent else f"{value:.4g}"


def steps(axis: Axis, most: int = 5) -> list[float]:
    """Round values inside an axis, at most about so many, for its grid lines.

    >>> steps(Axis("")), steps(Axis("", 0, 37, False))
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0, 10.0, 20.0, 30.0])
    """
    span = axis.high - axis.low
    if span <= 0:
        return [axis.low]
    step = max(round_up(span / most), 1.0 if axis.whole else 0.0)
    first = -(-axis.low // step)
    count = int((axis.high - first * step) / step + 1e-9)
    return [round((first + k) * step, 12) for k in range(count + 1)]


def reaching(title: str, values: Iterable[float | None]) -> Axis:
    """The axis of fractions from 0 to 1, or further where some are above, as CIDEr is.

    >>> reaching("x", [0.5, None]).high, reaching("x", [3.6]).high
    (1.0, 5.0)
    """
    most = max((value for value in values if value is not None), default=0.0)
    return Axis(title, high=1.0 if most <= 1 else round_up(most))


def thinned(line: Line, most: int = 120) -> Line:
    """At most so many points of a line, the first and the last among them."""
    if len(line.x) <= most:
        return line
    kept = sorted({round(k * (len(line.x) - 1) / (most - 1)) for k in range(most)})

    def of(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(values[k] for k in kept)

    return Line(line.name, of(line.x), of(line.y))


def round_up(value: float) -> float:
    """The next of 1, 2, 5, 10 and so on, at any power of ten, that is not below a value above 0.

    >>> round_up(0.17), round_up(2.0), round_up(61)
    (0.2, 2.0, 100.0)
    """
    unit = 10.0 ** math.floor(math.log10(value))
    return round(next(k * unit for k in (1, 2, 5, 10) if k * unit >= value * (1 - 1e-9)), 12)
