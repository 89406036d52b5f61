"""IoU as public scripts round it, for reproducing a published number; never for a new one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .geometry import Floats, Indices
from .rotated import Convention

Singles = NDArray[np.float32]


def mmcv_boxes(points: Any) -> Singles:
    """Regions as mmcv's operator takes them: float32 (cx, cy, width, height, radians).

    `points` (n, 5) are such boxes already; (n, 8) corners and (n, 4) boxes become the smallest oriented box
    (le90), as mmrotate's qbox2rbox makes them: a quadrilateral that is no rectangle grows. What is no proper
    region has no sides.
    """
    rows = np.asarray(points, float)
    if not len(rows):
        return np.zeros((0, 5), np.float32)
    if rows.shape[1:] != (5,):
        rows = Convention().boxes(rows)
    proper = (np.abs(rows) < np.finfo(np.float32).max).all(1)
    return np.where(proper[:, None], rows, 0.0).astype(np.float32)


def mmcv_iou(boxes: Any, others: Any) -> Floats:
    """IoU of every box with every other as `mmcv.ops.box_iou_rotated` gives it on a CPU: (n, m).

    Golden case obb 21, two boxes a thousandth of a pixel apart, of exact IoU above 0.999:

    >>> a, b = (430.184, 486.524, 81, 15.725, -0.012), (430.185, 486.524, 81, 15.725, -0.012)
    >>> mmcv_iou([a], [b]).round(3).tolist()
    [[0.333]]
    """
    from .legacy_iou_kernel import iou_matrix

    first, second = mmcv_boxes(boxes), mmcv_boxes(others)
    overlap = np.empty((len(first), len(second)))
    iou_matrix(first, second, overlap)
    return overlap


def mmcv_nearest(
    boxes: Singles, label: Indices, first: Indices, last: Indices, others: Singles, labels: Indices
) -> tuple[Indices, Floats]:
    """As `Shapes.nearest`, of boxes as `mmcv_boxes` makes them and under their IoU."""
    from .legacy_iou_kernel import nearest

    best, overlap = np.empty(len(label), np.intp), np.empty(len(label))
    nearest(boxes, first, last, label, others, labels, best, overlap)
    return best, overlap
