"""Detections and objects of many images, ready to be compared under any labels in one compiled pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..geometry import Floats, Indices, Points, Shapes, corners
from ..legacy_iou import Singles, mmcv_boxes, mmcv_nearest
from ..rotated import Convention


class Pairs:
    """`found` and `gold` regions with the image of each; those of `gold` by image, in rising order.

    Regions are sequences of 4 or 8 numbers (geometry.py) or arrays (n, 4), (n, 8) or (n, 5), the last being
    (cx, cy, width, height, clockwise radians). `iou` as in detection_rules.py; "plus1" is for 4 numbers.
    """

    def __init__(
        self, found: Any, gold: Any, found_sample: Indices, gold_sample: Indices, iou: str = "exact"
    ) -> None:
        if iou == "plus1":
            found, gold = _one_more(found), _one_more(gold)
        self.found, self.gold = _shapes(found), _shapes(gold)
        self._single = (_single(found), _single(gold)) if iou == "mmcv" else None
        samples = int(max(found_sample.max(initial=-1), gold_sample.max(initial=-1))) + 1
        edges = np.concatenate([[0], np.cumsum(np.bincount(gold_sample, minlength=samples))])
        self._first, self._last = edges[found_sample], edges[found_sample + 1]

    def nearest(self, found_label: Indices, gold_label: Indices) -> tuple[Indices, Floats]:
        """For each detection the object of its image and class with the largest IoU, and that IoU.

        The first of equals; -1 and 0.0 where nothing overlaps. A label below 0 is outside every class.
        """
        if self._single:
            found, gold = self._single
            return mmcv_nearest(found, found_label, self._first, self._last, gold, gold_label)
        return self.found.nearest(found_label, self._first, self._last, self.gold, gold_label)


def _shapes(regions: Sequence[Points] | Any) -> Shapes:
    if not isinstance(regions, np.ndarray):
        return Shapes.of(regions)
    return Shapes.of_points(Convention().corners(regions) if regions.shape[1:] == (5,) else regions)


def _single(regions: Sequence[Points] | Any) -> Singles:
    """Boxes for mmcv's rule: arrays as they are, regions by their corners, whatever their lengths."""
    return mmcv_boxes(regions if isinstance(regions, np.ndarray) else [corners(r) for r in regions])


def _one_more(boxes: Any) -> Floats:
    """Boxes whose last pixel belongs to them, as continuous ones."""
    return np.asarray(boxes, float).reshape(-1, 4) + (0.0, 0.0, 1.0, 1.0)
