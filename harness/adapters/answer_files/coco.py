"""COCO results, and MMDetection's and MMRotate's bbox.json: a list of {image_id, category_id, bbox, score}.

COCO and MMDetection: bbox is x, y, width, height, category_id that of the annotations (mmdet CocoMetric,
results2json). MMRotate: bbox is cx, cy, width, height, radians, image_id the picture's name, category_id the
place of the class in the detector's list, from 0 (mmrotate DOTAMetric, results2json): option `categories`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ...geometry import from_rotated
from ..said_regions import box_of, finite
from .said import Answers, Content, Said, faults_of, has, names


def recognises(content: Content) -> bool:
    """By the parts of the first row, or an empty list."""
    return has(content.first, "image_id", "bbox", "category_id") or content.bytes.split() == [b"[]"]


def read(content: Content) -> Answers:
    """The boxes of every image; an image without any is not named.

    Category n is called `category_id n`, as the COCO reader's aliases have it, or by the n-th name of the
    option `categories` (A;B;C).
    """
    called = [name.strip() for name in content.options.get("categories", "").split(";") if name.strip()]
    faults = list(faults_of(content.rows))
    found: dict[str, list[Any]] = {}
    for where, row in content.rows.rows:
        if not has(row, "image_id", "bbox"):
            faults.append(f"{where} is no result")
            continue
        region = box_of(
            {"box": _points(row["bbox"]), "label": _label(row, called), "score": row.get("score")}
        )
        if region is None:
            faults.append(f"{where} has a box that is none")
        found.setdefault(str(row["image_id"]), []).extend([region] if region else [])
    said = (
        Said(f"image_id {key}", {"regions": tuple(regions)}, key, names(key), place=place)
        for place, (key, regions) in enumerate(found.items())
    )
    return Answers(tuple(said), tuple(faults), complete=True)


def _points(box: Any) -> list[float] | None:
    """Corners of x, y, width, height, or of cx, cy, width, height, radians."""
    if not isinstance(box, list) or not finite(box):
        return None
    if len(box) == 4:
        return [box[0], box[1], box[0] + box[2], box[1] + box[3]]
    return list(from_rotated(*box)) if len(box) == 5 else None


def _label(row: Mapping[str, Any], called: list[str]) -> str:
    number = row.get("category_id")
    if not called:
        return f"category_id {number}"
    if not isinstance(number, int) or not 0 <= number < len(called):
        raise UsageError(f"categories= has {len(called)} names, and none for category_id {number}.")
    return called[number]
