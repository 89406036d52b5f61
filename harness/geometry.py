"""Horizontal boxes, oriented boxes and convex quadrilaterals: areas, overlaps and IoU, exact in float64.

A region is 4 numbers (x1, y1, x2, y2) or 8 (four corners, any order, either orientation), in pixels of a
continuous plane: the box (0, 0, 10, 10) has area 100, no pixel is added. What the numbers mean when they do
not describe a proper region is defined, so that no answer of a model can stop or distort a score:

- corners in crossing order are put in order around their centroid; a quadrilateral with a dent counts as its
  convex hull;
- a box whose x2 <= x1 or y2 <= y1, a region without area, one with a number that is not finite (or beyond
  1e100), and one that is not 4 or 8 numbers long have area 0 and IoU 0 with everything, themselves included.

Overlap is found by clipping one polygon with the edges of the other (I. Sutherland, G. Hodgman: Reentrant
polygon clipping, CACM 17(1), 1974) after moving each pair to a common origin, so that far-away, tiny, thin
and nearly identical boxes keep their precision. Inside this file a corner is one complex number, x + iy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Corners: TypeAlias = NDArray[np.complex128]  # (n, 4), counter-clockwise in x-right y-up axes
Points: TypeAlias = Sequence[float]

_LIMIT = 1e100  # squares of larger numbers leave float64


def iou(a: Sequence[Points], b: Sequence[Points]) -> Floats:
    """Intersection over union of every region of `a` with every region of `b`: (n, m), in [0, 1].

    Two sets of 4 numbers are compared as boxes; as soon as one region has 8, all are compared as polygons.

    >>> iou([(0, 0, 10, 10)], [(0, 0, 10, 20), (10, 0, 20, 10), (0, 0, 10, 10, 3)]).tolist()
    [[0.5, 0.0, 0.0]]
    >>> diamond = (5, 0, 10, 5, 5, 10, 0, 5)
    >>> iou([(0, 0, 10, 10)], [diamond]).tolist()
    [[0.5]]
    """
    return _ratio(intersections(a, b), areas(a)[:, None], areas(b)[None, :])


def intersections(a: Sequence[Points], b: Sequence[Points]) -> Floats:
    """Area shared by every region of `a` with every region of `b`: (n, m), square pixels."""
    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)))
    if all(len(p) == 4 for p in a) and all(len(p) == 4 for p in b):
        return _box_intersections(_boxes(a), _boxes(b))
    return _polygon_intersections(_corners(a), _corners(b))


def areas(regions: Sequence[Points]) -> Floats:
    """Area of each region: (n,), square pixels; 0 for what is not a proper region.

    >>> areas([(0, 0, 3, 2), (0, 0, 3, 2, 3, 0, 0, 2), (3, 0, 0, 2), (0, 0, float("nan"), 2)]).tolist()
    [6.0, 6.0, 0.0, 0.0]
    """
    if all(len(p) == 4 for p in regions):
        boxes = _boxes(regions)
        return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    corners = _corners(regions)
    return _shoelace(corners - corners[:, :1])


def corners(points: Points) -> tuple[float, ...]:
    """The four corners of a region as 8 numbers, in order around it; a box starts at (x1, y1).

    >>> corners((0, 0, 3, 2))
    (0.0, 0.0, 3.0, 0.0, 3.0, 2.0, 0.0, 2.0)
    """
    ring = _ring(points)
    return tuple(float(v) for z in ring for v in (z.real, z.imag))


def hull(points: Points) -> tuple[float, float, float, float]:
    """The smallest horizontal box (x1, y1, x2, y2) around any number of points (x, y, x, y, ...).

    >>> hull((5, 0, 10, 5, 5, 10, 0, 5))
    (0.0, 0.0, 10.0, 10.0)
    """
    xs, ys = [float(v) for v in points[0::2]], [float(v) for v in points[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


def from_rotated(cx: float, cy: float, width: float, height: float, angle: float) -> tuple[float, ...]:
    """Corners of an oriented box: `angle` in radians turns x towards y (clockwise on screen, y down).

    The same convention as mmcv's with clockwise=True (le90, oc and le135 only restrict the angle's range).

    >>> [round(v, 9) for v in from_rotated(5, 5, 4, 2, math.pi / 2)]
    [6.0, 3.0, 6.0, 7.0, 4.0, 7.0, 4.0, 3.0]
    """
    ux, uy = math.cos(angle) * width / 2, math.sin(angle) * width / 2
    vx, vy = -math.sin(angle) * height / 2, math.cos(angle) * height / 2
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return tuple(v for s, t in signs for v in (cx + s * ux + t * vx, cy + s * uy + t * vy))


def to_rotated(points: Points) -> tuple[float, float, float, float, float]:
    """The smallest oriented box (cx, cy, width, height, angle) around a region.

    The long side is the width; the angle is in [-pi/2, pi/2) (le90). A rectangle comes back as itself; any
    other quadrilateral grows, so that IoU must not be taken after this.

    Raises:
        ValueError: points that are not a proper region.
    """
    ring = np.array(_ring(points))
    if not float(areas([points])[0]) > 0:
        raise ValueError(f"{tuple(points)} is not a region with an area.")
    edges = np.roll(ring, -1) - ring
    axes = edges[np.abs(edges) > 0]
    axes = axes / np.abs(axes)
    turned = (ring[None, :] - ring[0]) * axes[:, None].conj()
    low = turned.real.min(1) + 1j * turned.imag.min(1)
    high = turned.real.max(1) + 1j * turned.imag.max(1)
    extent = high - low
    best = int(np.argmin(extent.real * extent.imag))
    centre = complex(ring[0] + (low[best] + high[best]) / 2 * axes[best])
    width, height, axis = float(extent[best].real), float(extent[best].imag), complex(axes[best])
    if width < height:
        width, height, axis = height, width, axis * 1j
    angle = (math.atan2(axis.imag, axis.real) + math.pi / 2) % math.pi - math.pi / 2
    return centre.real, centre.imag, width, height, angle


def _boxes(regions: Sequence[Points]) -> Floats:
    """(n, 4); what is not a proper box becomes four zeros."""
    boxes = np.array(regions, float).reshape(-1, 4)
    with np.errstate(invalid="ignore"):
        proper = (np.abs(boxes) < _LIMIT).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    return np.where(proper[:, None], boxes, 0.0)


def _ring(points: Points) -> list[complex]:
    """Corners in the order written; four zeros for what is not a region."""
    if len(points) == 4:
        x1, y1, x2, y2 = (float(v) for v in points)
        proper = x2 > x1 and y2 > y1
        ring = [complex(x1, y1), complex(x2, y1), complex(x2, y2), complex(x1, y2)] if proper else []
    elif len(points) == 8:
        ring = [complex(points[i], points[i + 1]) for i in (0, 2, 4, 6)]
    else:
        ring = []
    proper = bool(ring) and all(abs(z.real) < _LIMIT and abs(z.imag) < _LIMIT for z in ring)
    return ring if proper else [0j] * 4


def _corners(regions: Sequence[Points]) -> Corners:
    """(n, 4) convex and counter-clockwise, possibly with repeated corners."""
    ring = np.array([_ring(p) for p in regions], complex).reshape(-1, 4)
    turns = _turns(ring)
    bent = (turns > 0).any(1) & (turns < 0).any(1)
    if bent.any():
        ring[bent] = _unfold(ring[bent])
    clockwise = _shoelace(ring - ring[:, :1]) < 0
    ring[clockwise] = ring[clockwise, ::-1]
    return ring


def _unfold(ring: Corners) -> Corners:
    """Order corners around their mean, then flatten the corner that still dents inwards (at most one)."""
    around = ring - ring.mean(1, keepdims=True)
    ring = np.take_along_axis(ring, np.argsort(np.angle(around), 1, kind="stable"), 1)
    dent = _turns(ring) < 0
    return np.where(dent, np.roll(ring, 1, 1), ring)


def _turns(ring: Corners) -> Floats:
    """Cross product of the edges that meet at each corner."""
    edges = np.roll(ring, -1, 1) - ring
    return _cross(np.roll(edges, 1, 1), edges)


def _cross(a: Corners, b: Corners) -> Floats:
    return np.asarray(a.real * b.imag - a.imag * b.real)


def _shoelace(ring: Corners) -> Floats:
    """Signed area of each row of corners."""
    return np.asarray(_cross(ring, np.roll(ring, -1, 1)).sum(1) / 2)


def _ratio(shared: Floats, a: Floats, b: Floats) -> Floats:
    union = a + b - shared
    proper = (a > 0) & (b > 0)
    return np.minimum(np.divide(shared, union, out=np.zeros_like(shared), where=proper), 1.0)


def _box_intersections(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def _polygon_intersections(a: Corners, b: Corners) -> Floats:
    i, j = np.nonzero(_box_intersections(_envelopes(a), _envelopes(b)) > 0)
    shared = np.zeros((len(a), len(b)))
    origin = b[j, :1]
    shared[i, j] = _clipped_area(a[i] - origin, b[j] - origin)
    return shared


def _envelopes(ring: Corners) -> Floats:
    x, y = ring.real, ring.imag
    return np.stack([x.min(1), y.min(1), x.max(1), y.max(1)], 1)


def _clipped_area(subject: Corners, clip: Corners) -> Floats:
    """Area of each row's intersection of two convex polygons: (n,)."""
    for k in range(4):
        if not subject.size:
            break
        subject = _clip_by_edge(subject, clip[:, k], clip[:, (k + 1) % 4])
    return np.maximum(_shoelace(subject), 0.0)


def _clip_by_edge(ring: Corners, start: Corners, end: Corners) -> Corners:
    """Keep of each row of corners what lies left of its line; free places repeat the first corner.

    Repeated corners are edges without length: they change neither the area nor a later clip.
    """
    rows, places = ring.shape
    side = _cross((end - start)[:, None], ring - start[:, None])
    following, side_after = np.roll(ring, -1, 1), np.roll(side, -1, 1)
    inside = side >= 0
    crosses = inside != (side_after >= 0)
    share = np.divide(side, side - side_after, out=np.zeros_like(side), where=crosses)
    crossing = ring + share * (following - ring)
    emitted = inside.astype(np.intp) + crosses
    stop = emitted.cumsum(1)
    first = stop - emitted
    width = max(int(stop[:, -1].max()), 1)
    kept = np.zeros((rows, width), complex)
    row = np.broadcast_to(np.arange(rows)[:, None], (rows, places))
    kept[row[inside], first[inside]] = ring[inside]
    kept[row[crosses], (stop - 1)[crosses]] = crossing[crosses]
    return np.where(np.arange(width) < stop[:, -1:], kept, kept[:, :1])
