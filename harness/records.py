"""Rows of JSON, one a line or one list, in which questions, truths and answers are kept under many names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DataError

# part of a record -> the names it has in the files of published kits, the first that is there counting
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "question_id"),
    "image": ("image", "image_path", "filename", "file_name", "image_id"),
    "question": ("question", "text"),
    "truth": ("truth", "annotation", "ground_truth", "groundtruth", "gt_bbox"),
    "references": ("references", "captions", "sentences"),
    "kind": ("kind", "vqa_type", "type", "category", "task_type"),
    "choices": ("choices", "options"),
    "region": ("region", "regions"),
    "label": ("label", "class", "class_name"),
    "size": ("size", "image_size"),
    "said": ("said", "prediction", "response", "output"),
    "answer": ("answer",),
}
_NUMBERED = "caption"  # EarthDial: caption0 ... caption4, one reference each


@dataclass(frozen=True, slots=True)
class Rows:
    """`rows`: (where it stands, the record); `faults`: what is no record, and why."""

    rows: tuple[tuple[str, Mapping[str, Any]], ...]
    faults: tuple[tuple[str, str], ...]


def read_rows(content: bytes, name: str) -> Rows:
    """The records of a file: a JSON list, alone or as the `logs` of an object, or JSON lines.

    Empty lines are passed by.

    Raises:
        DataError: a list that is not JSON.
    """
    text = content.decode("utf-8-sig", errors="replace")
    items: list[tuple[str, Any]]
    if (logs := _logs(text)) is not None:
        items = [(f"item {i}", v) for i, v in enumerate(logs, 1)]
    elif text.lstrip().startswith("["):
        try:
            items = [(f"item {i}", v) for i, v in enumerate(json.loads(text), 1)]
        except (ValueError, RecursionError) as error:
            raise DataError(f"{name} is not JSON: {error}.", "A list of objects is expected.") from error
    else:
        items = [(f"line {i}", _parsed(v)) for i, v in enumerate(text.split("\n"), 1) if v.strip()]
    good = tuple((where, row) for where, row in items if isinstance(row, dict))
    faults = ((where, _fault(row)) for where, row in items if not isinstance(row, dict))
    return Rows(good, tuple(faults))


def part(row: Mapping[str, Any], role: str) -> Any:
    """A part of a record under whichever name it has, or None.

    What is true is `truth` and its other names, or the references; only where there is none of these is
    `answer` the truth. Else `answer` is what a model said.

    >>> part({"question": "?", "answer": "yes"}, "truth"), part({"annotation": "no", "answer": "yes"}, "said")
    ('yes', 'yes')
    """
    found = next((row[name] for name in FIELDS[role] if row.get(name) is not None), None)
    if role == "references" and found is None:
        return _numbered(row)
    if found is None and role in ("truth", "said") and (role == "said") == has_truth(row):
        return row.get("answer")
    return found


def has_truth(row: Mapping[str, Any]) -> bool:
    """Whether a record holds what is true apart from its `answer`."""
    named = (*FIELDS["truth"], *FIELDS["references"])
    return any(row.get(name) is not None for name in named) or bool(_numbered(row))


def _numbered(row: Mapping[str, Any]) -> Sequence[Any] | None:
    found: list[Any] = []
    while (value := row.get(f"{_NUMBERED}{len(found)}")) is not None:
        found.append(value)
    return found or None


def _logs(text: str) -> list[Any] | None:
    """The rows of a file that is one object with `logs`, as lmms-eval wrote them up to version 0.2."""
    if not text.startswith("{") or '"logs"' not in text:
        return None
    whole = _parsed(text)
    logs = whole.get("logs") if isinstance(whole, dict) else None
    return logs if isinstance(logs, list) else None


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _fault(row: Any) -> str:
    return "not JSON" if row is None else "not an object with named parts"
