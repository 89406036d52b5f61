"""Charts of a report's figure over parts of the data: its classes, its slices, and what is confused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from .chart_values import Axis, Bar, Bars, Filter, Matrix, reaching
from .contract import Report
from .page import shown_figure

UNPARSABLE = "unparsable"  # the last column of a confusion matrix of answers (metrics/choice.py)
FALSE_POSITIVE, MISS = "false positive", "miss"  # outcomes, as the pages filter them
NOTHING, NOT_FOUND = "nothing there", "not found"  # of boxes: the last row and the last column
OTHER = "the other run"
_NAMES = ("samples", "objects")  # what a row of a class is counted in
_TYPE = "question type"
_Rows = Mapping[str, Mapping[str, Any]]


def classes(report: Report, other: Report | None = None) -> Iterator[Bars]:
    """The figure shown, class by class, for every view of the classes; `other` is a run to set beside it."""
    compared = {chart.name: _values(chart) for chart in classes(other)} if other else {}
    for name, title, axis, rows, key, filtered in _tables(report):
        met = {label: row for label, row in rows.items() if _count(row)}
        if len(met) < 2:
            continue
        beside = compared.get(name, {})
        bars = tuple(
            Bar(label, row.get(key), count=_count(row), other=beside.get(label), filter=((filtered, label),))
            for label, row in met.items()
        )
        counted = "Objects" if "objects" in next(iter(met.values())) else "Samples"
        absent = len(rows) - len(met)
        note = f"Classes without any are left out: {absent}." if absent else ""
        yield Bars(name, title, Axis(axis), bars, counted, OTHER if beside else "", note)


def slices(report: Report, other: Report | None = None) -> Iterator[Bars]:
    """The figure shown with its interval over the values of every tag, a chart a tag."""
    shown = shown_figure(report)
    beside = {(s.tag, s.value): s.figure.value for s in other.slices} if other else {}
    for tag, group in groupby(report.slices, key=lambda s: s.tag):
        bars = tuple(
            Bar(
                s.value, s.figure.value, s.figure.low, s.figure.high, s.count,
                beside.get((tag, s.value)), ((f"tag:{tag}", s.value),),
            )
            for s in group
        )  # fmt: skip
        axis = reaching(f"{shown} (%)", (v for bar in bars for v in (bar.value, bar.high, bar.other)))
        yield Bars(f"slice {tag}", f"By {tag}", axis, bars, other=OTHER if beside else "")


def confusions(report: Report) -> Iterator[Matrix]:
    """Which class is taken for which: of answers that name one, and of boxes."""
    found = report.details.get("choice", {}).get("confusion")
    if found and any(map(any, found["rows"])):
        columns = found["columns"]
        yield _matrix(
            "confusion",
            "Confusion matrix: answers",
            found["rows"],
            [(name, (("class", name),)) for name in columns[:-1]],
            [*((n, (("answer", n),)) for n in columns[:-1]), (UNPARSABLE, (("outcome", UNPARSABLE),))],
        )
    detected = report.details.get("detection", {})
    for view, found in report.details.get("detection-f1-public", {}).items():
        names = list(detected.get(view, {}).get("classes", ()))
        if (
            len(names) < 2
            or len(names) + 1 != len(found["confusion"])
            or not any(map(any, found["confusion"]))
        ):
            continue
        yield _matrix(
            f"confusion {view}",
            f"Confusion matrix: boxes ({view}, at the IoU of F1-public)",
            found["confusion"],
            [*((n, (("class", n),)) for n in names), (NOTHING, (("outcome", FALSE_POSITIVE),))],
            [*((n, (("answer", n),)) for n in names), (NOT_FOUND, (("outcome", MISS),))],
            "Every pair of a box and an object that overlap counts, so an object may count several times.",
        )


def _tables(report: Report) -> Iterator[tuple[str, str, str, _Rows, str, str]]:
    """Of every table by class: name, title, what is shown, the rows, the key in them, the filter."""
    shown, details = shown_figure(report), report.details
    if "choice" in details:
        yield (
            "classes",
            "Accuracy by class",
            "accuracy (%)",
            details["choice"]["classes"],
            "accuracy",
            "class",
        )
    if "coco" in details:
        yield "classes", "AP by class", "AP (%)", details["coco"]["classes"], "AP", "class"
    level = "AP@" + shown.partition("AP@")[2].rpartition("/")[0]  # one-class/mAP@0.50/voc07/none
    for view, found in details.get("detection", {}).items():
        key = level if level in next(iter(found["classes"].values()), {}) else "AP@0.50/voc07"
        yield f"classes {view}", f"{key} by class ({view})", f"{key} (%)", found["classes"], key, "class"
    rule = shown.rpartition("/")[0]
    types = details.get("vqa", {}).get("types")
    if types and not any(s.tag == _TYPE for s in report.slices):  # where a slice is drawn, with intervals
        title = f"Share of right answers by type of question ({rule})"
        yield "types", title, f"{rule} (%)", types, rule, f"tag:{_TYPE}"


def _matrix(
    name: str,
    title: str,
    counts: Sequence[Sequence[float]],
    rows: Sequence[tuple[str, Filter]],
    columns: Sequence[tuple[str, Filter]],
    note: str = "",
) -> Matrix:
    """Of the classes that are true or were said, in the order of the data."""
    said = {name for (name, _), n in zip(columns, map(sum, zip(*counts, strict=True)), strict=True) if n}
    true = {name for (name, _), row in zip(rows, counts, strict=True) if any(row)}
    down = [i for i, (name, _) in enumerate(rows) if name in said | true]
    across = [j for j, (name, _) in enumerate(columns) if name in said | true]
    if left := len(rows) - len(down):
        note = f"{note} Classes that are neither true nor said anywhere are left out: {left}.".strip()
    return Matrix(
        name,
        title,
        tuple(rows[i][0] for i in down),
        tuple(columns[j][0] for j in across),
        tuple(tuple(int(counts[i][j]) for j in across) for i in down),
        tuple(rows[i][1] for i in down),
        tuple(columns[j][1] for j in across),
        note,
    )


def _values(chart: Bars) -> dict[str, float | None]:
    return {bar.name: bar.value for bar in chart.bars}


def _count(row: Mapping[str, Any]) -> int:
    return int(next((row[name] for name in _NAMES if name in row), 0))
