"""Charts of what turned and disturbed pictures did to the figure that is shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .chart_values import Axis, Bar, Bars, Curves, Line, reaching


def robustness(details: Mapping[str, Any]) -> Iterator[Bars | Curves]:
    """The figure view by view, and over the strength of every disturbance; each where it was asked for.

    None of views where no sample could be turned.
    """
    if (views := details.get("views")) and views["samples"]:
        bars = tuple(
            Bar(name, row["figure"], row["low"], row["high"]) for name, row in views["views"].items()
        )
        title = "Turned and mirrored pictures"
        note = f"Over the {views['samples']:,} samples with an answer in every view."
        axis = reaching(f"{views['figure']} (%)", (bar.high for bar in bars))
        yield Bars("views", title, axis, bars, note=note)
    if (found := details.get("corruptions")) and found["samples"]:
        lines = tuple(_line(name, kind["strengths"]) for name, kind in found["kinds"].items())
        note = f"Over the {found['samples']:,} samples with an answer under every disturbance; 0 is clean."
        strength = Axis(
            "strength", 0, max((max(line.x, default=0) for line in lines), default=1) or 1, False, True
        )
        figure = reaching(f"{found['figure']} (%)", (y for line in lines for y in line.y))
        yield Curves("corruptions", "Disturbed pictures", strength, figure, lines, True, note=note)


def _line(name: str, strengths: Mapping[str, Mapping[str, Any]]) -> Line:
    known = sorted((float(s), row["figure"]) for s, row in strengths.items() if row["figure"] is not None)
    return Line(name, tuple(s for s, _ in known), tuple(figure for _, figure in known))
