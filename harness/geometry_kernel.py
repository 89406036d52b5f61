"""Convex quadrilaterals in machine code: put in order, measured, and clipped against each other.

A quadrilateral is a row of 8 numbers, its corners; all coordinates of a pair are taken relative to the first
corner of the second, so that boxes far from the origin keep their precision. `straight` marks those whose
sides follow the axes: two of them share a plain rectangle.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .metrics.compiled import compiled

LIMIT = 1e100  # squares of larger numbers leave float64
ROOM = 64  # corners: a clip by one edge can at most double them, and there are four


@compiled
def ordered(points: Any, rings: Any, areas: Any, envelopes: Any, straight: Any) -> None:
    """Corners of any order to convex rings that start at their leftmost (then topmost) corner.

    `points` (n, 8) to `rings` (n, 8), `areas` (n,), `envelopes` (n, 4), `straight` (n,), which are written.
    Rings run such that their area is positive. A row that is no proper region has area 0 and all zeros.
    """
    x, y = np.empty(4), np.empty(4)
    for i in range(len(points)):
        proper = True
        for k in range(8):
            proper = proper and abs(points[i, k]) < LIMIT
        for k in range(4):
            x[k], y[k] = (points[i, 2 * k], points[i, 2 * k + 1]) if proper else (0.0, 0.0)
        if _bent(x, y):
            _unfold(x, y)
        if _area(x, y, 4) < 0:
            x[1], x[3] = x[3], x[1]
            y[1], y[3] = y[3], y[1]
        first = 0
        for k in range(1, 4):
            if x[k] < x[first] or (x[k] == x[first] and y[k] < y[first]):
                first = k
        for k in range(4):
            rings[i, 2 * k], rings[i, 2 * k + 1] = x[(first + k) % 4], y[(first + k) % 4]
        for k in range(4):
            x[k], y[k] = rings[i, 2 * k], rings[i, 2 * k + 1]
        flat = y[0] == y[1] and x[1] == x[2] and y[2] == y[3] and x[3] == x[0]
        area = (x[2] - x[0]) * (y[2] - y[0]) if flat else _area(x, y, 4)
        if area > 0:
            areas[i], straight[i] = area, flat
            envelopes[i, 0], envelopes[i, 1] = x[0], min(min(y[0], y[1]), min(y[2], y[3]))
            envelopes[i, 2] = max(max(x[1], x[2]), x[3])
            envelopes[i, 3] = max(max(y[0], y[1]), max(y[2], y[3]))
        else:
            areas[i], straight[i] = 0.0, True
            rings[i, :], envelopes[i, :] = 0.0, 0.0


@compiled
def _turn(x: Any, y: Any, k: int) -> Any:
    """Cross product of the edges that meet at corner k."""
    before, after = (k + 3) % 4, (k + 1) % 4
    return (x[k] - x[before]) * (y[after] - y[k]) - (y[k] - y[before]) * (x[after] - x[k])


@compiled
def _bent(x: Any, y: Any) -> bool:
    """Whether the corners turn both ways: they cross, or have a dent."""
    left = right = False
    for k in range(4):
        turn = _turn(x, y, k)
        left, right = left or turn > 0, right or turn < 0
    return left and right


@compiled
def _unfold(x: Any, y: Any) -> None:
    """Order corners around their mean, then flatten the corner that still dents inwards (at most one)."""
    order = np.argsort(np.arctan2(y - y.mean(), x - x.mean()), kind="mergesort")
    x[:], y[:] = x[order], y[order]
    for k in range(4):
        if _turn(x, y, k) < 0:
            x[k], y[k] = x[(k + 1) % 4], y[(k + 1) % 4]
            return


@compiled
def _area(x: Any, y: Any, count: int) -> Any:
    """Signed area of the first `count` corners, as triangles around the first of them."""
    total = 0.0
    for k in range(1, count - 1):
        total += (x[k] - x[0]) * (y[k + 1] - y[0]) - (y[k] - y[0]) * (x[k + 1] - x[0])
    return total / 2


@compiled
def clipped(a: Any, b: Any, x: Any, y: Any, u: Any, v: Any, side: Any) -> Any:
    """Area that two rings of 8 numbers share (Sutherland and Hodgman); the other arrays are scratch room."""
    ox, oy = b[0], b[1]
    for k in range(4):
        x[k], y[k] = a[2 * k] - ox, a[2 * k + 1] - oy
    count = 4
    for edge in range(4):
        start, end = 2 * edge, (2 * edge + 2) % 8
        sx, sy = b[start] - ox, b[start + 1] - oy
        dx, dy = b[end] - ox - sx, b[end + 1] - oy - sy
        inside = 0
        for k in range(count):
            side[k] = dx * (y[k] - sy) - dy * (x[k] - sx)
            inside += side[k] >= 0
        if inside == 0:
            return 0.0
        if inside == count:
            continue
        kept = 0
        for k in range(count):
            after = k + 1 if k + 1 < count else 0
            if side[k] >= 0:
                u[kept], v[kept] = x[k], y[k]
                kept += 1
            if (side[k] >= 0) != (side[after] >= 0):
                share = side[k] / (side[k] - side[after])
                u[kept] = x[k] + share * (x[after] - x[k])
                v[kept] = y[k] + share * (y[after] - y[k])
                kept += 1
        x, u = u, x
        y, v = v, y
        count = kept
    return max(_area(x, y, count), 0.0)


@compiled
def shared_areas(
    rings: Any, envelopes: Any, straight: Any, others: Any, frames: Any, upright: Any, out: Any
) -> None:
    """Intersection of every region with every other, (n, m) into `out`; see `ordered` for the arrays."""
    x, y, u, v, side = np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM)
    for i in range(len(rings)):
        for j in range(len(others)):
            width = min(envelopes[i, 2], frames[j, 2]) - max(envelopes[i, 0], frames[j, 0])
            height = min(envelopes[i, 3], frames[j, 3]) - max(envelopes[i, 1], frames[j, 1])
            if not (width > 0 and height > 0):
                out[i, j] = 0.0
            elif straight[i] and upright[j]:
                out[i, j] = width * height
            else:
                out[i, j] = clipped(rings[i], others[j], x, y, u, v, side)


@compiled
def nearest(
    rings: Any, envelopes: Any, straight: Any, areas: Any, first: Any, last: Any, label: Any,
    others: Any, frames: Any, upright: Any, sizes: Any, labels: Any, best: Any, value: Any,
) -> None:  # fmt: skip
    """For each region the one of `others[first:last]` with its label and the largest IoU, and that IoU.

    Of equals the first; -1 and 0 where nothing overlaps. Pairs that cannot beat the best so far (even the
    whole overlap of their envelopes would not do) are not clipped.
    """
    x, y, u, v, side = np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM)
    for i in range(len(rings)):
        best[i], value[i] = -1, 0.0
        if not areas[i] > 0 or label[i] < 0:
            continue
        for j in range(first[i], last[i]):
            if labels[j] != label[i]:
                continue
            width = min(envelopes[i, 2], frames[j, 2]) - max(envelopes[i, 0], frames[j, 0])
            height = min(envelopes[i, 3], frames[j, 3]) - max(envelopes[i, 1], frames[j, 1])
            if not (width > 0 and height > 0):
                continue
            shared = width * height
            both = areas[i] + sizes[j]
            if not (straight[i] and upright[j]):
                bound = min(shared, areas[i], sizes[j])
                if bound * (1 + 1e-9) < value[i] * (both - bound):
                    continue
                shared = clipped(rings[i], others[j], x, y, u, v, side)
            ratio = min(shared / (both - shared), 1.0)
            if ratio > value[i]:
                best[i], value[i] = j, ratio
