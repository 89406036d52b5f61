"""The float32 IoU of oriented boxes that mmcv's `box_iou_rotated` computes, rounding and all, compiled.

Every operation is in float32 and in the order of that operator, because its failures (0.333 for two boxes
a thousandth of a pixel apart) come from rounding and are what has to be reproduced. The points where sides
cross and the corners inside the other box are gathered, sorted around the lowest of them, and the area of
their hull is taken (R. Graham, 1972).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .metrics.compiled import compiled

ROOM = 24  # 4 x 4 crossings of sides and 4 + 4 corners

_ZERO, _ONE, _HALF = np.float32(0), np.float32(1), np.float32(0.5)


@compiled
def _cross(ax: Any, ay: Any, bx: Any, by: Any) -> Any:
    return ax * by - bx * ay


@compiled
def _corners(cx: Any, cy: Any, width: Any, height: Any, angle: Any, out: Any) -> None:
    """Corners of a box around (cx, cy), (4, 2) float32; the third and fourth by point reflection."""
    cos = np.float32(np.cos(np.float64(angle))) * _HALF
    sin = np.float32(np.sin(np.float64(angle))) * _HALF
    two = np.float32(2)
    out[0, 0], out[0, 1] = cx - sin * height - cos * width, cy + cos * height - sin * width
    out[1, 0], out[1, 1] = cx + sin * height - cos * width, cy - cos * height - sin * width
    out[2, 0], out[2, 1] = two * cx - out[0, 0], two * cy - out[0, 1]
    out[3, 0], out[3, 1] = two * cx - out[1, 0], two * cy - out[1, 1]


@compiled
def _crossings(a: Any, b: Any, found: Any) -> int:
    """Points where a side of a meets a side of b."""
    count = 0
    for i in range(4):
        ax, ay = a[(i + 1) % 4, 0] - a[i, 0], a[(i + 1) % 4, 1] - a[i, 1]
        for j in range(4):
            bx, by = b[(j + 1) % 4, 0] - b[j, 0], b[(j + 1) % 4, 1] - b[j, 1]
            det = _cross(bx, by, ax, ay)
            if abs(np.float64(det)) <= 1e-14:
                continue
            dx, dy = b[j, 0] - a[i, 0], b[j, 1] - a[i, 1]
            s, t = _cross(bx, by, dx, dy) / det, _cross(ax, ay, dx, dy) / det
            if s >= _ZERO and s <= _ONE and t >= _ZERO and t <= _ONE:
                found[count, 0], found[count, 1] = a[i, 0] + ax * s, a[i, 1] + ay * s
                count += 1
    return count


@compiled
def _corners_inside(a: Any, b: Any, found: Any, count: int) -> int:
    """Corners of a whose projections lie within the first and the last side of b."""
    ux, uy = b[1, 0] - b[0, 0], b[1, 1] - b[0, 1]
    vx, vy = b[0, 0] - b[3, 0], b[0, 1] - b[3, 1]
    uu, vv = ux * ux + uy * uy, vx * vx + vy * vy
    for i in range(4):
        px, py = a[i, 0] - b[0, 0], a[i, 1] - b[0, 1]
        pu, pv = px * ux + py * uy, -(px * vx + py * vy)
        if pu >= _ZERO and pv >= _ZERO and pu <= uu and pv <= vv:
            found[count, 0], found[count, 1] = a[i, 0], a[i, 1]
            count += 1
    return count


@compiled
def _before(ax: Any, ay: Any, bx: Any, by: Any) -> bool:
    """The order of two points around the origin; nearly collinear ones by distance. Not transitive."""
    turn = _cross(ax, ay, bx, by)
    if abs(np.float64(turn)) < 1e-6:
        return bool(ax * ax + ay * ay < bx * bx + by * by)
    return bool(turn > _ZERO)


@compiled
def _insert_sorted(points: Any, first: int, last: int) -> None:
    """Insertion sort of points[first:last] as libstdc++ does it: a new least element goes to the front."""
    for i in range(first + 1, last):
        x, y = points[i, 0], points[i, 1]
        k = i
        if _before(x, y, points[first, 0], points[first, 1]):
            while k > first:
                points[k, 0], points[k, 1] = points[k - 1, 0], points[k - 1, 1]
                k -= 1
        else:
            while k > first and _before(x, y, points[k - 1, 0], points[k - 1, 1]):
                points[k, 0], points[k, 1] = points[k - 1, 0], points[k - 1, 1]
                k -= 1
        points[k, 0], points[k, 1] = x, y


@compiled
def _hull(points: Any, count: int) -> int:
    """Hull of the first points, in place and around the lowest (then leftmost); how many corners it has."""
    start = 0
    for i in range(1, count):
        lower = points[i, 1] < points[start, 1]
        if lower or (points[i, 1] == points[start, 1] and points[i, 0] < points[start, 0]):
            start = i
    sx, sy = points[start, 0], points[start, 1]
    for i in range(count):
        points[i, 0], points[i, 1] = points[i, 0] - sx, points[i, 1] - sy
    for k in range(2):
        points[0, k], points[start, k] = points[start, k], points[0, k]
    _insert_sorted(points, 1, count)
    second = 1
    while second < count:
        x, y = points[second, 0], points[second, 1]
        if np.float64(x * x + y * y) > 1e-8:
            break
        second += 1
    if second == count:
        return 1
    points[1, 0], points[1, 1] = points[second, 0], points[second, 1]
    kept = 2
    for i in range(second + 1, count):
        x, y = points[i, 0], points[i, 1]
        while kept > 1:
            bx, by = points[kept - 2, 0], points[kept - 2, 1]
            if _cross(x - bx, y - by, points[kept - 1, 0] - bx, points[kept - 1, 1] - by) < _ZERO:
                break
            kept -= 1
        points[kept, 0], points[kept, 1] = x, y
        kept += 1
    return kept


@compiled
def _iou(a: Any, b: Any, p: Any, q: Any, points: Any) -> Any:
    """IoU of two float32 boxes (cx, cy, width, height, angle); p, q (4, 2) and points (24, 2) are scratch."""
    first, second = a[2] * a[3], b[2] * b[3]
    if np.float64(first) < 1e-14 or np.float64(second) < 1e-14:
        return _ZERO
    mx, my = np.float64(a[0] + b[0]) / 2.0, np.float64(a[1] + b[1]) / 2.0
    _corners(np.float32(a[0] - mx), np.float32(a[1] - my), a[2], a[3], a[4], p)
    _corners(np.float32(b[0] - mx), np.float32(b[1] - my), b[2], b[3], b[4], q)
    count = _crossings(p, q, points)
    count = _corners_inside(p, q, points, count)
    count = _corners_inside(q, p, points, count)
    shared = _ZERO
    if count > 2:
        count = _hull(points, count)
        if count > 2:
            for i in range(1, count - 1):
                ax, ay = points[i, 0] - points[0, 0], points[i, 1] - points[0, 1]
                bx, by = points[i + 1, 0] - points[0, 0], points[i + 1, 1] - points[0, 1]
                shared += abs(_cross(ax, ay, bx, by))
            shared = np.float32(np.float64(shared) / 2.0)
    return shared / (first + second - shared)


@compiled
def iou_matrix(boxes: Any, others: Any, out: Any) -> None:
    """IoU of every float32 box (n, 5) with every other (m, 5) into `out` (n, m)."""
    p, q = np.empty((4, 2), np.float32), np.empty((4, 2), np.float32)
    points = np.empty((ROOM, 2), np.float32)
    for i in range(len(boxes)):
        for j in range(len(others)):
            out[i, j] = _iou(boxes[i], others[j], p, q, points)


@compiled
def nearest(
    boxes: Any, first: Any, last: Any, label: Any, others: Any, labels: Any, best: Any, value: Any
) -> None:
    """For each box, that of `others[first:last]` with its label and the largest IoU, of equals the first."""
    p, q = np.empty((4, 2), np.float32), np.empty((4, 2), np.float32)
    points = np.empty((ROOM, 2), np.float32)
    for i in range(len(boxes)):
        best[i], value[i] = -1, 0.0
        if label[i] < 0:
            continue
        reach = np.hypot(np.float64(boxes[i, 2]), np.float64(boxes[i, 3]))
        for j in range(first[i], last[i]):
            if labels[j] != label[i]:
                continue
            far = np.hypot(np.float64(boxes[i, 0] - others[j, 0]), np.float64(boxes[i, 1] - others[j, 1]))
            if far > 0.51 * (reach + np.hypot(np.float64(others[j, 2]), np.float64(others[j, 3]))):
                continue
            ratio = np.float64(_iou(boxes[i], others[j], p, q, points))
            if ratio > value[i]:
                best[i], value[i] = j, ratio
