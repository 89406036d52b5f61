"""Charts of curves: precision over recall, and how far confidence is from accuracy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .cells import number
from .chart_values import Axis, Curves, Line, Panels, thinned
from .contract import Report
from .page import shown_figure
from .roles import Curved
from .score import Survey

_ENDS = (
    "Boxes by falling confidence, a point behind each that finds an object; where a line ends, the rest "
    "of the objects is never found."
)
_RECALL, _PRECISION = Axis("recall (%)"), Axis("precision (%)")


def precisions(survey: Survey) -> Iterator[Panels]:
    """Precision over recall of every class that has objects, a chart a view, a line an IoU threshold."""
    tally = survey.run.tally if survey.run else None
    if not isinstance(tally, Curved):
        return
    source = f" ({survey.run.source})" if survey.run and survey.run.source else ""
    for view, found in tally.curves().items():
        panels = tuple(
            Curves(name, name, _RECALL, _PRECISION, tuple(_line(*level) for level in levels.items()))
            for name, levels in found.items()
        )
        if panels:
            yield Panels(f"precision {view}", f"Precision over recall, {view}{source}", panels, _ENDS)


def reliabilities(report: Report) -> Iterator[Curves]:
    """Accuracy over confidence, wherever a metric says how the two agree."""
    for metric, found in report.details.items():
        if not isinstance(found, Mapping):
            continue
        if metric == "detection":
            for view, row in found.items():
                if calibrated := row.get("calibration"):
                    source = shown_figure(report).rpartition("/")[2]
                    title = f"Confidence and precision at IoU 0.50, {view} ({source})"
                    yield _reliability(f"reliability {view}", title, "precision (%)", calibrated)
        elif calibrated := found.get("calibration"):
            title = "Confidence and share of right answers"
            yield _reliability("reliability", title, "right answers (%)", calibrated)


def _line(level: str, curve: Any) -> Line:
    return thinned(Line(f"IoU {level}", tuple(curve.recall.tolist()), tuple(curve.precision.tolist())))


def _reliability(name: str, title: str, right: str, found: Mapping[str, Any]) -> Curves:
    bins = found["bins"]
    line = Line(
        "this run",
        tuple(b["confidence"] for b in bins),
        tuple(b["accuracy"] for b in bins),
        tuple(int(b["count"]) for b in bins),
    )
    figures = ", ".join(f"{key} {number(value)}" for key, value in found.items() if key != "bins")
    note = f"{figures} (%). On the dashed line confidence is what it promises; larger marks are more samples."
    return Curves(name, title, Axis("mean confidence (%)"), Axis(right), (line,), True, True, note)
