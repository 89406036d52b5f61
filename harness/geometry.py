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
from dataclasses import dataclass
from typing import Any, TypeAlias

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
    return overlaps(a, b).iou()


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What every region of one list shares with every region of another, in square pixels."""

    shared: Floats  # (n, m)
    first: Floats  # (n,) areas
    second: Floats  # (m,)

    def iou(self) -> Floats:
        """Shared area over that of the union, (n, m); 0 where a region has no area."""
        first, second = self.first[:, None], self.second[None, :]
        return _ratio(self.shared, first + second - self.shared, (first > 0) & (second > 0))

    def share_of_first(self) -> Floats:
        """Shared area over that of the first region, (n, m): COCO's overlap with a crowd."""
        first = np.broadcast_to(self.first[:, None], self.shared.shape)
        return _ratio(self.shared, first, first > 0)


def overlaps(a: Sequence[Points], b: Sequence[Points]) -> Overlaps:
    """Areas of both lists and of all their intersections, from which every ratio follows."""
    if all(len(p) == 4 for p in (*a, *b)):
        boxes_a, boxes_b = _boxes(a), _boxes(b)
        return Overlaps(_box_intersections(boxes_a, boxes_b), _box_areas(boxes_a), _box_areas(boxes_b))
    rings_a, rings_b = _rings(a), _rings(b)
    shared = _polygon_intersections(rings_a, rings_b)
    return Overlaps(shared, _shoelace(rings_a - rings_a[:, :1]), _shoelace(rings_b - rings_b[:, :1]))


def areas(regions: Sequence[Points]) -> Floats:
    """Area of each region: (n,), square pixels; 0 for what is not a proper region.

    >>> areas([(0, 0, 3, 2), (0, 0, 3, 2, 3, 0, 0, 2), (3, 0, 0, 2), (0, 0, float("nan"), 2)]).tolist()
    [6.0, 6.0, 0.0, 0.0]
    """
    return overlaps(regions, ()).first


def corners(points: Points) -> tuple[float, ...]:
    """The four corners of a region as 8 numbers; a box starts at (x1, y1), 8 numbers are left as they are.

    What is no box of positive sides has corners that are not a number.

    >>> corners((0, 0, 3, 2))
    (0.0, 0.0, 3.0, 0.0, 3.0, 2.0, 0.0, 2.0)
    """
    if len(points) == 8:
        return tuple(float(v) for v in points)
    if len(points) == 4:
        x1, y1, x2, y2 = (float(v) for v in points)
        if x2 > x1 and y2 > y1:
            return x1, y1, x2, y1, x2, y2, x1, y2
    return (math.nan,) * 8


def box(points: Points) -> tuple[float, ...]:
    """A region as a horizontal box (x1, y1, x2, y2): the hull of 8 numbers; 4 numbers are left as they are.

    Any other count, and 8 numbers that are not all finite, give a box that is not a number.
    """
    if len(points) == 8 and all(math.isfinite(v) for v in points):
        return hull(points)
    return tuple(float(v) for v in points) if len(points) == 4 else (math.nan,) * 4


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
    ring = _rings([points])[0]
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
    proper = (np.abs(boxes) < _LIMIT).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    return boxes if proper.all() else np.where(proper[:, None], boxes, 0.0)


def _rings(regions: Sequence[Points]) -> Corners:
    """(n, 4) convex and counter-clockwise, possibly with repeated corners; improper regions are all zeros."""
    numbers = np.array([corners(p) for p in regions]).reshape(-1, 8)
    proper = (np.abs(numbers) < _LIMIT).all(1)
    ring = np.where(proper[:, None], numbers, 0.0).view(complex)
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
    return np.where(_turns(ring) < 0, _following(ring), ring)


def _turns(ring: Corners) -> Floats:
    """Cross product of the edges that meet at each corner."""
    edges = _following(ring) - ring
    return _cross(np.concatenate([edges[:, -1:], edges[:, :-1]], 1), edges)


def _following(row: NDArray[Any]) -> NDArray[Any]:
    """Every row moved on by one place, its first element last."""
    return np.concatenate([row[:, 1:], row[:, :1]], 1)


def _cross(a: Corners, b: Corners) -> Floats:
    return np.asarray(a.real * b.imag - a.imag * b.real)


def _shoelace(ring: Corners) -> Floats:
    """Signed area of each row of corners."""
    return np.asarray(_cross(ring, _following(ring)).sum(1) / 2)


def _ratio(part: Floats, whole: Floats, proper: NDArray[np.bool_]) -> Floats:
    return np.minimum(np.divide(part, whole, out=np.zeros_like(part), where=proper), 1.0)


def _box_areas(boxes: Floats) -> Floats:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _box_intersections(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def _polygon_intersections(a: Corners, b: Corners) -> Floats:
    shared = np.zeros((len(a), len(b)))
    i, j = np.nonzero(_box_intersections(_envelopes(a), _envelopes(b)))
    if i.size:
        origin = b[j, :1]
        shared[i, j] = _clipped_area(a[i] - origin, b[j] - origin)
    return shared


def _envelopes(ring: Corners) -> Floats:
    x, y = ring.real, ring.imag
    return np.stack([x.min(1), y.min(1), x.max(1), y.max(1)], 1)


def _clipped_area(subject: Corners, clip: Corners) -> Floats:
    """Area of each row's intersection of two convex polygons: (n,)."""
    for k in range(4):
        subject = _clip_by_edge(subject, clip[:, k, None], clip[:, (k + 1) % 4, None])
    return np.maximum(_shoelace(subject), 0.0)


def _clip_by_edge(ring: Corners, start: Corners, end: Corners) -> Corners:
    """Keep of each row of corners what lies left of its line; free places repeat the first corner.

    Repeated corners are edges without length: they change neither the area nor a later clip.
    """
    side = _cross(end - start, ring - start)
    inside = side >= 0
    if inside.all():
        return ring
    side_after = _following(side)
    crosses = inside != (side_after >= 0)
    share = np.divide(side, side - side_after, out=np.zeros_like(side), where=crosses)
    crossing = ring + share * (_following(ring) - ring)
    emitted = inside.astype(np.intp) + crosses
    stop = emitted.cumsum(1)
    total = stop[:, -1:]
    kept = np.zeros((len(ring), max(int(total.max()), 1)), complex)
    row, place = np.nonzero(inside)
    kept[row, (stop - emitted)[row, place]] = ring[row, place]
    row, place = np.nonzero(crosses)
    kept[row, stop[row, place] - 1] = crossing[row, place]
    return np.where(np.arange(kept.shape[1]) < total, kept, kept[:, :1])
