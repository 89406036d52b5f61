"""Reader of refGeo, GeoGround's collection of visual grounding sets: one jsonl a set and split."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..records import read_rows
from .card import Card, Dataset
from .expressions import Expressions
from .files import ImageIndex
from .layouts import named_file

Row = Mapping[str, Any]


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every expression of metainfo/<set>_<split>.jsonl; its id is its question_id, or its place in the file.

    Card options: `set`, and `oriented`, which takes the corners (`poly`) for the boxes (`bbox`), both in
    pixels. An image is looked for below images/ by its name, with any suffix, and first in a folder named
    like the set; where the annotation does not say its size, the file does. `root` may be the jsonl itself.

    Raises:
        DataError: no such file, several, or no expression in it.
    """
    name = str(card.options["set"])
    path = named_file(root, card, f"{name}_{split or card.split}.jsonl")
    base = path.parents[1] if path.parent.name.startswith("metainfo") else path.parent
    rows, faults = read_whole(path)
    images = ImageIndex(base, "images" if (base / "images").is_dir() else "")
    expressions = Expressions(card, base, images)
    for where, reason in faults:
        expressions.problem(where, reason)
    ids = [row.get("question_id") for _, row in rows]
    numbered = None not in ids and len(set(map(str, ids))) == len(ids)
    prefer = _folder(base, name)
    for where, row in rows:
        item = str(row["question_id"]) if numbered else where
        try:
            boxes = boxes_of(row["poly" if card.options.get("oriented") else "bbox"])
            image_name, text, size = str(row["image_id"]), str(row["question"]), _size(row)
        except (KeyError, TypeError, ValueError) as error:
            expressions.problem(item, f"the record is not usable: {error!r}")
            continue
        image = expressions.image(item, image_name, size, prefer)
        if image is not None:
            kind = str(row.get("type") or "")
            expressions.add(item, image, text, boxes, {"question type": kind} if kind else {}, kind=kind)
    return expressions.dataset()


def read_whole(path: Path) -> tuple[Sequence[tuple[str, Row]], Sequence[tuple[str, str]]]:
    """The records of a file and what is none; some files of refGeo break a record over several lines.

    Raises:
        DataError: not readable, or a list that is not JSON.
    """
    content = path.read_bytes()
    found = read_rows(content, path.name)
    if not found.faults:
        return found.rows, ()
    text = content.decode("utf-8-sig", errors="replace").strip()
    decoder = json.JSONDecoder(strict=False)  # line ends within texts
    records: list[tuple[str, Row]] = []
    place = 0
    while place < len(text):
        try:
            record, place = decoder.raw_decode(text, place)
        except ValueError:
            return found.rows, found.faults
        if not isinstance(record, dict):
            return found.rows, found.faults
        records.append((f"record {len(records) + 1}", record))
        while text[place : place + 1].isspace():
            place += 1
    return records, ()


def boxes_of(value: Any) -> list[list[float]]:
    """One box or several: 4 or 8 numbers, or 4 corners as pairs, alone or in a list.

    >>> boxes_of([0, 0, 2, 2]), boxes_of([[[0, 0], [2, 0], [2, 2], [0, 2]]])
    ([[0.0, 0.0, 2.0, 2.0]], [[0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0]])

    Raises:
        TypeError, ValueError: anything else.
    """
    if not isinstance(value, list) or not value:
        raise ValueError("no list of boxes")
    if not isinstance(value[0], list):
        return [_numbers(value)]
    if value[0] and isinstance(value[0][0], list):
        return [_numbers([v for corner in points for v in corner]) for points in value]
    if len(value) == 4 and all(len(corner) == 2 for corner in value):
        return [_numbers([v for corner in value for v in corner])]
    return [_numbers(points) for points in value]


def _numbers(values: Sequence[Any]) -> list[float]:
    if len(values) not in (4, 8):
        raise ValueError(f"a box of {len(values)} numbers")
    return [float(v) for v in values]


def _size(row: Row) -> tuple[int, int] | None:
    width, height = row.get("image_width"), row.get("image_height")
    return (int(width), int(height)) if width and height else None


def _folder(base: Path, name: str) -> str:
    """The folder of the set's images: refGeo's own name for it, or that with a split behind it."""
    images = base / "images"
    folders = sorted(p.name for p in images.iterdir() if p.is_dir()) if images.is_dir() else []
    plain = name.replace("_", "")
    near = [f for f in folders if f.lower().replace("_", "").replace("-", "").startswith(plain)]
    return near[0] if near else name
