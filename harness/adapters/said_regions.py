"""Boxes and masks as programs and files write them in JSON, checked one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..contract import Raster, Region


def box_of(item: Any) -> Region | None:
    """A region from {"box": 4 or 8 numbers, "label": text, "score": number or null}; None where it is none.

    >>> box_of({"box": [1, 2, 3, 4], "label": "ship"})
    Region(points=(1.0, 2.0, 3.0, 4.0), label='ship', score=None, ignore=False, crowd=False, area=None, \
span=None, mask=None)
    """
    if not isinstance(item, dict):
        return None
    points, label, score = item.get("box"), item.get("label"), item.get("score")
    if not isinstance(points, list) or len(points) not in (4, 8) or not finite(points):
        return None
    if not isinstance(label, str) or not (score is None or finite([score])):
        return None
    return Region(tuple(float(v) for v in points), label, score=None if score is None else float(score))


def mask_of(item: Any) -> Region | None:
    """A region from {"size": [height, width], "counts": COCO's run lengths}; None where it is none."""
    if not isinstance(item, dict) or not isinstance(item.get("counts"), str):
        return None
    size = item.get("size")
    if not isinstance(size, list) or len(size) != 2 or not finite(size):
        return None
    return Region((), "", mask=Raster(int(size[0]), int(size[1]), item["counts"]))


def finite(values: Sequence[Any]) -> bool:
    """Whether all are numbers, none of them infinite."""
    return all(isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values)
