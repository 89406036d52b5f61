"""What metrics say besides figures, as sections of a page: classes, sizes, counts, confusions, reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from .blocks import Block, Foreign, Item, Items, Line, Literal, Section, Table, grid
from .cells import DASH, number
from .page_contamination import contamination_section
from .page_robustness import NAMES as ROBUSTNESS
from .page_robustness import sections as robustness

_COUNTED = {"samples", "hits", "objects", "detections", "true", "false", "missed", "count"}
_AMOUNTS = {"MAE", "MAPE", "captions", "references"}  # neither fractions nor counts
_LONGEST = 100  # rows of a table
_OF_THE_RUN = {
    "shown",
    "unparsable",
    "errors",
    "unrated",
    "not computed",
    "absent",
    "note",
    "raters",
    "tokens",
    "cut",
    "contamination",
}
_NOT_SHOWN = {"detection-f1-public"}  # confusion matrices of all views: in report.json


def sections(details: Mapping[str, Any], shown: str) -> Iterator[Section]:
    """What each metric says, in their order; `shown` is the figure it is of."""
    source = shown.rpartition("/")[2]
    for name, found in details.items():
        if name == "detection":
            yield from _detection(found, source)
        elif name == "choice":
            yield Section("Classes", _grid("Class", found["classes"]))
            yield Section(
                "Confusion matrix (rows: truth, columns: answer)", (_confusion(found["confusion"]),)
            )
            rest = {key: value for key, value in found.items() if key not in ("classes", "confusion")}
            yield from _any(name, rest)
        elif name not in _OF_THE_RUN | _NOT_SHOWN | ROBUSTNESS:
            yield from _any(name, found)
    yield from robustness(details)
    if cut := details.get("cut"):
        yield Section(f"Boxes above the score {cut['score']:g} alone, chosen on validation data", _cut(cut))
    if shared := details.get("contamination"):
        yield contamination_section(shared)


def _detection(views: Mapping[str, Any], source: str) -> Iterator[Section]:
    for view, found in views.items():
        yield Section(f"{view}: object sizes ({source}; sides in pixels)", _grid("Size", found["sizes"]))
        yield Section(f"{view}: classes ({source})", _grid("Class", found["classes"]))
        counts = {f"IoU {level}": row for level, row in found["counts"].items()}
        yield Section(f"{view}: all boxes, whatever their confidence", _grid("At", counts))
        if calibrated := found.get("calibration"):
            title = f"{view}: confidence and precision at IoU 0.50 ({source})"
            yield Section(title, _reliability(calibrated))


def _any(name: str, found: Mapping[str, Any]) -> Iterator[Section]:
    """Any metric: what is a table becomes one, reasons and single values a list."""
    lines: list[Item] = []
    for key, value in found.items():
        if key == "calibration":
            yield Section(f"{name}: confidence and accuracy", _reliability(value))
        elif isinstance(value, Mapping) and value and all(isinstance(v, Mapping) for v in value.values()):
            if key == "unparsed":
                yield Section(f"{name}: answers without a score, by rule", _reasons(value))
            else:
                yield Section(f"{name}: {key}", _grid(key.capitalize(), value))
        elif isinstance(value, Mapping):
            lines += [Item((f"{key}, ", Foreign(k), ": ", _value(str(k), v))) for k, v in value.items()]
        else:
            lines.append(Item((f"{key}: ", _value(key, value))))
    if lines:
        yield Section(name, (Items(tuple(lines)),))


def _reliability(found: Mapping[str, Any]) -> tuple[Block, ...]:
    """The figures of calibration, and the curve they are of."""
    figures = ", ".join(f"{name} {number(value)}" for name, value in found.items() if name != "bins")
    bins = {f"{b['low']:.2f} to {b['high']:.2f}": _without(b, "low", "high") for b in found["bins"]}
    return Line((f"{figures} (%)",)), *_grid("Confidence", bins)


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _reasons(rules: Mapping[str, Mapping[str, int]]) -> tuple[Block, ...]:
    rows = [[rule, Literal(why), str(n)] for rule, found in rules.items() for why, n in found.items()]
    return (grid(["Rule", "Reason", "Answers"], rows, 2),) if rows else ()


def _cut(cut: Mapping[str, Any]) -> tuple[Block, ...]:
    """What was tried on the validation data, and the figures of this run under the best."""
    tried = [[score, number(value)] for score, value in cut["tried"].items()]
    found = [[name, number(value)] for name, value in cut["figures"].items()]
    head = [f"Above ({cut['figure']} of the validation run)", "%"]
    return grid(head, tried), grid(["Figure, all scores 1", "%"], found)


def _grid(title: str, rows: Mapping[str, Mapping[str, Any]]) -> tuple[Block, ...]:
    """Rows of named values: whole numbers as they are, fractions in percent."""
    if not rows:
        return ()
    shown = dict(islice(rows.items(), _LONGEST))
    head = list(dict.fromkeys(key for row in shown.values() for key in row))
    body = [[Foreign(name), *(_value(key, row.get(key)) for key in head)] for name, row in shown.items()]
    more = Line((f"and {len(rows) - len(shown)} more in report.json",))
    return grid([title, *head], body), *([more] if len(rows) > len(shown) else [])


def _value(key: str, value: Any) -> str:
    if value is None:
        return DASH
    if isinstance(value, str):
        return Foreign(value)
    if isinstance(value, (list, tuple)):
        return Foreign(", ".join(f"{v:g}" if isinstance(v, (int, float)) else str(v) for v in value))
    if isinstance(value, int) or key in _COUNTED:
        return f"{value:g}"
    return f"{value:.2f}" if key in _AMOUNTS else number(value)


def _confusion(confusion: Mapping[str, Any]) -> Table:
    """Only the classes that were met, so that a page stays readable."""
    answers: Sequence[str] = confusion["columns"]
    matrix: Sequence[Sequence[int]] = confusion["rows"]
    met = [j for j in range(len(answers)) if any(row[j] for row in matrix)]
    rows = [
        [Foreign(name), *(str(row[j]) if row[j] else "" for j in met)]
        for name, row in zip(answers, matrix, strict=False)  # the last column, unparsable, is no row
        if any(row)
    ]
    return grid(["", *(Foreign(answers[j]) for j in met)], rows)
