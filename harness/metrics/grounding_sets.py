"""How well the boxes said agree with the boxes that an expression refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Floats, Points, overlaps
from .grounding_floors import Boxes


@dataclass(frozen=True, slots=True)
class Agreement:
    """One expression: IoU of its boxes, the least of them, and areas in square pixels.

    With one box to find, `iou` and `least` are both its IoU with the first box said. With several, boxes are
    paired one to one: `iou` is the sum over the pairs of the best pairing divided by the larger number of
    boxes; `least` is the largest t for which some pairing leaves no box over and no pair below t, 0 where
    the numbers of boxes differ. `shared` and `union` are summed over the pairs and what is left over.
    """

    iou: float
    least: float
    shared: float
    union: float


def agreement(said: Boxes, gold: Boxes) -> Agreement:
    """Compare boxes of 4 or 8 numbers, in pixels; of several boxes said for one, the first counts.

    >>> agreement([(0, 0, 10, 10), (5, 5, 6, 6)], [(0, 0, 10, 20)])
    Agreement(iou=0.5, least=0.5, shared=100.0, union=200.0)
    """
    if len(gold) == 1:
        said = said[:1]
    total = sum(map(extent, said)) + sum(map(extent, gold))
    if not said or not gold:
        return Agreement(0.0, 0.0, 0.0, total)
    both = overlaps(said, gold)
    iou = both.iou()
    if iou.size == 1:
        shared, value = float(both.shared[0, 0]), float(iou[0, 0])
        return Agreement(value, value, shared, total - shared)
    rows, columns = _best(iou)
    shared = float(both.shared[rows, columns].sum())
    mean = float(iou[rows, columns].sum()) / max(iou.shape)
    return Agreement(mean, bottleneck(iou), shared, total - shared)


def near_pairs(
    said: Boxes, gold: Boxes, level: float, strict: bool = False
) -> tuple[list[bool | None], list[bool]]:
    """Which boxes said find one that is meant, and which of those are found, in the most pairs there can be.

    A pair is near where its IoU reaches the level, or with `strict` exceeds it. Of several boxes said for
    one, the first counts: the others are None.

    >>> near_pairs([(0, 0, 10, 10), (0, 0, 10, 20)], [(0, 0, 10, 20)], 0.5)
    ([True, None], [True])
    """
    counted = said[:1] if len(gold) == 1 else said
    hits: list[bool | None] = [False] * len(counted)
    found = [False] * len(gold)
    if counted and gold:
        iou = overlaps(counted, gold).iou()
        near = iou > level if strict else iou >= level
        for row, column in zip(*_best(near + iou * 1e-6), strict=True):
            hits[row] = found[column] = bool(near[row, column])
    return [*hits, *[None] * (len(said) - len(counted))], found


def extent(points: Points) -> float:
    """Area of a region in a union: a box with its corners the wrong way round still has one; inf has none."""
    if len(points) == 4:
        area = abs((points[2] - points[0]) * (points[3] - points[1]))
        return area if np.isfinite(area) else 0.0
    return float(overlaps([points], ()).first[0])


def bottleneck(iou: Floats) -> float:
    """The largest t for which every row has a column of its own with a value >= t; 0 if not square.

    >>> bottleneck(np.array([[0.9, 0.8], [0.7, 0.1]]))
    0.7
    """
    if iou.shape[0] != iou.shape[1]:
        return 0.0
    values = np.unique(iou)
    low, high = 0, len(values) - 1  # every row has its own column at values[low]
    while low < high:
        middle = (low + high + 1) // 2
        reached = iou >= values[middle]
        if reached[_best(reached.astype(float))].all():
            low = middle
        else:
            high = middle - 1
    return float(values[low])


def right_by_giou(said: Boxes, gold: Boxes, threshold: float = 0.5) -> bool:
    """RSCoVLM's rule for GeoChat's expressions, "Pr(F1=1, IoU 0.5)": nothing missing, nothing too much.

    Boxes become polygons; the pair with the largest generalised IoU is taken out, again and again, until it
    is below the threshold; right if all boxes of both lists are taken. Generalised IoU is never above IoU, so
    the rule is harder than its name says. A box with reversed corners is the same polygon as any other; a
    polygon without area has 0 with everything; one with a dent counts as its hull here, as itself there.

    H. Rezatofighi and others: Generalized intersection over union, CVPR 2019.
    """
    if len(said) != len(gold) or not gold:
        return False
    value = giou([_upright(points) for points in said], [_upright(points) for points in gold])
    for _ in gold:
        row, column = np.unravel_index(int(value.argmax()), value.shape)
        if value[row, column] < threshold:
            return False
        value[row, :], value[:, column] = 0.0, 0.0
    return True


def giou(a: Boxes, b: Boxes) -> Floats:
    """IoU less the share of the common convex hull that neither region covers: (n, m), from -1 to 1.

    0 where a region has no area, as the script has it (the definition would give up to -1).

    >>> giou([(0, 0, 10, 10)], [(10, 0, 20, 10), (10, 10, 20, 20)]).round(4).tolist()
    [[0.0, -0.3333]]
    """
    both = overlaps(a, b)
    value = both.iou()
    for i, j in np.ndindex(value.shape):
        if both.first[i] > 0 and both.second[j] > 0:
            hull = hull_area([*_corners(a[i]), *_corners(b[j])])
            union = float(both.first[i] + both.second[j] - both.shared[i, j])
            value[i, j] -= max(hull - union, 0.0) / hull
    return value


def hull_area(points: Sequence[tuple[float, float]]) -> float:
    """Area of the convex hull (A. Andrew: Another efficient algorithm for convex hulls, 1979).

    >>> hull_area([(0, 0), (2, 0), (2, 2), (0, 2), (1, 1)])
    4.0
    """
    ordered = sorted(set(points))
    ring: list[tuple[float, float]] = []
    for run in (ordered, ordered[::-1]):
        start = len(ring)
        for point in run:
            while len(ring) >= start + 2 and _turn(ring[-2], ring[-1], point) <= 0:
                ring.pop()
            ring.append(point)
        ring.pop()
    return sum((x * v - u * y) / 2 for (x, y), (u, v) in zip(ring, ring[1:] + ring[:1], strict=True))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _corners(points: Points) -> list[tuple[float, float]]:
    if len(points) == 8:
        return list(zip(points[0::2], points[1::2], strict=True))
    return [(x, y) for x in points[0::2] for y in points[1::2]]


def _upright(points: Points) -> Points:
    if len(points) != 4:
        return points
    (x1, x2), (y1, y2) = sorted(points[0::2]), sorted(points[1::2])
    return x1, y1, x2, y2


def _best(value: Floats) -> tuple[Floats, Floats]:
    """Rows and columns of the pairing with the largest sum."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(value, maximize=True)
    return rows, columns
