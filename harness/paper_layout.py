"""A table in a paper's layout before it is markdown, HTML or LaTeX: rows of ours above the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .published import HIGHER, NEITHER

Text: TypeAlias = tuple[str, ...]  # in pieces, of which some are Foreign (blocks.py)
BEST, SECOND = 1, 2


@dataclass(frozen=True, slots=True)
class Row:
    """A method. `values` as shown, `numbers` the same as they are ranked, None where there is no figure.

    `counts` are samples, failed and unparsable ones, empty for a published row. A row of `ours` that is not
    `comparable` (of mini data, limited, incomplete) is not ranked.
    """

    group: str
    lead: tuple[Text, ...]
    values: tuple[str, ...]
    numbers: tuple[float | None, ...]
    counts: tuple[str, ...] = ()
    ours: bool = False
    comparable: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """A table: heads of the columns before the figures, of the figures, and of the counts behind them.

    `better` says of every figure which direction is (published.py).
    """

    title: str
    head: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[str, ...]
    rows: tuple[Row, ...]
    better: tuple[str, ...]
    notes: tuple[Text, ...] = ()

    def places(self) -> tuple[tuple[int | None, ...], ...]:
        """Of every row and column: BEST, SECOND, or None; of comparable rows only."""
        columns = [
            places([row.numbers[c] if row.comparable else None for row in self.rows], better)
            for c, better in enumerate(self.better)
        ]
        return tuple(zip(*columns, strict=True)) if columns else ((),) * len(self.rows)


def places(values: Sequence[float | None], better: str = HIGHER) -> list[int | None]:
    """BEST and SECOND of some figures; equal ones share a place, and one alone has none.

    >>> places([70.0, 90.4, None, 90.4, 88.2]), places([3.0])
    ([None, 1, None, 1, 2], [None])
    """
    known = sorted({v for v in values if v is not None}, reverse=better == HIGHER)
    if better == NEITHER or sum(v is not None for v in values) < 2:
        return [None] * len(values)
    placed = dict(zip(known, (BEST, SECOND), strict=False))
    return [None if v is None else placed.get(v) for v in values]
