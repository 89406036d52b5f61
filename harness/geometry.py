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
and nearly identical boxes keep their precision; the same four corners in any order have IoU 1, not nearly 1.
The loops are compiled (geometry_kernel.py). Other conventions of an oriented box: rotated.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]
Points: TypeAlias = Sequence[float]

_LIMIT = 1e100  # squares of larger numbers leave float64


def iou(a: Sequence[Points], b: Sequence[Points]) -> Floats:
    """Intersection over union of every region of `a` with every region of `b`: (n, m), in [0, 1].

    >>> iou([(0, 0, 10, 10)], [(0, 0, 10, 20), (10, 0, 20, 10), (0, 0, 10, 10, 3)]).tolist()
    [[0.5, 0.0, 0.0]]
    >>> diamond = (5, 0, 10, 5, 5, 10, 0, 5)
    >>> iou([(0, 0, 10, 10)], [diamond]).tolist()
    [[0.5]]
    """
    return overlaps(a, b).iou()


@dataclass(frozen=True, slots=True)
class Shapes:
    """Regions laid out for measuring; improper ones have area 0 and share nothing."""

    rings: Floats  # (n, 8) convex, from the leftmost corner on, so that their signed area is positive
    areas: Floats  # (n,) square pixels
    envelopes: Floats  # (n, 4) x1, y1, x2, y2
    straight: NDArray[np.bool_]  # (n,) sides follow the axes: the region is its envelope

    @classmethod
    def of(cls, regions: Sequence[Points]) -> Shapes:
        """Regions of 4 numbers, 8, or any other count, mixed as they come."""
        counts = {len(points) for points in regions}
        if counts <= {4} or counts <= {8}:
            return cls.of_points(np.array(regions, float))
        return cls.of_points(np.array([corners(points) for points in regions]))

    @classmethod
    def of_points(cls, points: Any) -> Shapes:
        """Regions as an array: (n, 4) boxes or (n, 8) corners; of no rows, any number of columns.

        Raises:
            ValueError: an array of another shape.
        """
        numbers = np.ascontiguousarray(points, float)
        if not len(numbers):
            numbers = np.zeros((0, 4))
        if numbers.shape[1:] == (4,):
            return cls._of_boxes(numbers)
        if numbers.shape[1:] == (8,):
            return cls._of_corners(numbers)
        raise ValueError(f"Boxes are (n, 4) and corners (n, 8), not {numbers.shape}.")

    @classmethod
    def _of_boxes(cls, boxes: Floats) -> Shapes:
        proper = np.asarray((np.abs(boxes) < _LIMIT).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1))
        if not proper.all():
            boxes = np.where(proper[:, None], boxes, 0.0)
        sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return cls(boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]], sizes, boxes, np.ones(len(boxes), bool))

    @classmethod
    def _of_corners(cls, numbers: Floats) -> Shapes:
        from .geometry_kernel import ordered

        n = len(numbers)
        shapes = cls(np.empty((n, 8)), np.empty(n), np.empty((n, 4)), np.empty(n, bool))
        ordered(numbers, shapes.rings, shapes.areas, shapes.envelopes, shapes.straight)
        return shapes

    def shared_with(self, others: Shapes) -> Floats:
        """Area of the intersection of every region with every other, (n, m)."""
        from .geometry_kernel import shared_areas

        shared = np.empty((len(self.areas), len(others.areas)))
        shared_areas(
            self.rings, self.envelopes, self.straight,
            others.rings, others.envelopes, others.straight, shared,
        )  # fmt: skip
        return shared

    def nearest(
        self, label: Indices, first: Indices, last: Indices, others: Shapes, labels: Indices
    ) -> tuple[Indices, Floats]:
        """For each region that of `others[first:last]` with its label and the largest IoU, and that IoU.

        Of equals the first; -1 and 0.0 where nothing overlaps. A label below 0 is like no other.
        """
        from .geometry_kernel import nearest

        best, overlap = np.empty(len(label), np.intp), np.empty(len(label))
        nearest(
            self.rings, self.envelopes, self.straight, self.areas, first, last, label,
            others.rings, others.envelopes, others.straight, others.areas, labels, best, overlap,
        )  # fmt: skip
        return best, overlap


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
    first, second = Shapes.of(a), Shapes.of(b)
    return Overlaps(first.shared_with(second), first.areas, second.areas)


def areas(regions: Sequence[Points]) -> Floats:
    """Area of each region: (n,), square pixels; 0 for what is not a proper region.

    >>> areas([(0, 0, 3, 2), (0, 0, 3, 2, 3, 0, 0, 2), (3, 0, 0, 2), (0, 0, float("nan"), 2)]).tolist()
    [6.0, 6.0, 0.0, 0.0]
    """
    return Shapes.of(regions).areas


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
    from .rotated import Convention

    row = Convention().boxes([corners(points)])[0].tolist()
    if math.isnan(row[0]):
        raise ValueError(f"{tuple(points)} is not a region with an area.")
    return row[0], row[1], row[2], row[3], row[4]


def _ratio(part: Floats, whole: Floats, proper: NDArray[np.bool_]) -> Floats:
    return np.minimum(np.divide(part, whole, out=np.zeros_like(part), where=proper), 1.0)
