"""The `segmentation` of COCO json files: compressed or plain run lengths, or polygons."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Raster
from ..errors import DataError
from .mask_codec import MAX_PIXELS, polygon, runs_of, union
from .mask_regions import Mask


def mask_of_segmentation(given: Any, size: tuple[int, int] | None) -> Mask:
    """A mask as pycocotools' annToRLE reads it; `size` (height, width) of the image, which polygons need.

    Raises:
        DataError: what is none of the three forms, or damaged.
    """
    if isinstance(given, list):
        return _of_polygons(given, size)
    try:
        height, width = (int(v) for v in given["size"])
        counts = given["counts"]
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"the segmentation {given!r:.60} is no polygons and no run lengths") from error
    if isinstance(counts, str):
        return Mask(height, width, runs_of(Raster(height, width, counts)))
    try:
        runs = np.array(counts, np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the run lengths {counts!r:.60} are no whole numbers") from error
    if runs.ndim != 1 or (runs < 0).any() or height * width > MAX_PIXELS or runs.sum() != height * width:
        raise DataError(f"the run lengths {counts!r:.60} are not of {height} x {width} pixels")
    return Mask(height, width, runs)


def _of_polygons(given: list[Any], size: tuple[int, int] | None) -> Mask:
    if size is None or not all(0 <= side for side in size) or size[0] * size[1] > MAX_PIXELS:
        raise DataError(f"its polygons lie on an image of {size} pixels")
    try:
        outlines = [np.array(row, float) for row in given]
    except (TypeError, ValueError) as error:
        raise DataError(f"the segmentation {given!r:.60} is no list of polygons") from error
    if not outlines or any(row.ndim != 1 or len(row) < 6 or len(row) % 2 for row in outlines):
        raise DataError(f"the segmentation {given!r:.60} is no list of polygons x, y, x, y, x, y ...")
    return Mask(*size, union([polygon(row, *size) for row in outlines], size[0] * size[1]))
