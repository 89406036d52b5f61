"""Reader of the referring files of GeoChat-Bench and VRSBench: json or jsonl, boxes as corners or as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..records import part, read_rows
from .card import Card, Dataset
from .expressions import Expressions
from .files import ImageIndex
from .layouts import named_file
from .refgeo import boxes_of

GRID = 100  # what the numbers of a box as text are parts of
_BRACED = re.compile(r"\{((?:\s*<\s*\d+(?:\.\d+)?\s*>)+)\s*\}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every record of the card's file; its id is its question_id, or its place in the file.

    What is true is a list of boxes or corners in pixels (GeoChat), or {<x1><y1><x2><y2>} in hundredths of
    the image (VRSBench), once for each object. Card options: `file`, `images` (a folder), and `size` (width,
    height) of all images where that is known, without which hundredths need the image. Tags: object size
    (`size_group`), question type, unique, objects, class.

    Raises:
        DataError: no such file, several, or no expression in it.
    """
    path = named_file(root, card, str(card.options["file"]))
    base = path.parent
    found = read_rows(path.read_bytes(), path.name)
    part_of = str(card.options.get("images", ""))
    expressions = Expressions(card, base, ImageIndex(base, part_of if (base / part_of).is_dir() else ""))
    for where, reason in found.faults:
        expressions.problem(where, reason)
    known = card.options.get("size")
    for where, row in found.rows:
        item = str(part(row, "id") if part(row, "id") is not None else where)
        image = expressions.image(item, str(part(row, "image") or ""), None)
        if image is None:
            continue
        if image.size is None and known:
            image = replace(image, size=(int(known[0]), int(known[1])))
        try:
            boxes = _boxes(part(row, "truth"), image.size)
        except (TypeError, ValueError) as error:
            expressions.problem(item, f"what is true cannot be read: {error}")
            continue
        kind = str(part(row, "kind") or "")
        label = str(row.get("obj_cls") or "")
        text = str(part(row, "question") or "")
        expressions.add(item, image, text, boxes, _tags(row, kind, label, len(boxes)), label=label, kind=kind)
    return expressions.dataset()


def _boxes(truth: Any, size: tuple[int, int] | None) -> list[list[float]]:
    if not isinstance(truth, str):
        return boxes_of(truth)
    groups = [[float(v) for v in _NUMBER.findall(group)] for group in _BRACED.findall(truth)]
    if not groups or any(len(group) not in (4, 8) for group in groups):
        raise ValueError(f"{truth[:40]!r} is no box in braces")
    if size is None:
        raise ValueError("hundredths of an image of unknown size")
    return [[v * size[i % 2] / GRID for i, v in enumerate(group)] for group in groups]


def _tags(row: Mapping[str, Any], kind: str, label: str, objects: int) -> dict[str, str]:
    """What the authors' tables tell apart."""
    tags = {"objects": "one" if objects == 1 else "several"}
    if label:
        tags["class"] = label
    if kind:
        tags["question type"] = kind
    if group := str(row.get("size_group") or "").strip().lower():
        tags["object size"] = group
    unique = row.get("unique", row.get("is_unique"))
    if unique is not None:
        tags["unique"] = "unique" if str(unique).strip().lower() in ("true", "1", "yes") else "not unique"
    return tags
