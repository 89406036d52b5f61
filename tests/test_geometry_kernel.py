"""IoU of 1e5 random and adversarial pairs against shapely, and against exact fractions where shapely errs."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from rsbench.harness.geometry import Shapes, iou
from rsbench.harness.metrics.pairs import Pairs
from rsbench.harness.rotated import Convention

Array = np.ndarray
Rng = np.random.Generator
N = 6500  # pairs of each of the 16 kinds: 104,000 in all
CORNERS = Convention().corners


def each(a: Array, b: Array) -> Array:
    """IoU of a[k] with b[k], every pair an image of its own."""
    rows, nobody = np.arange(len(a)), np.zeros(len(a), int)
    return Pairs(a, b, rows, rows).nearest(nobody, nobody)[1]


def by_shapely(a: Array, b: Array) -> Array:
    """The same by GEOS, moved to b's first corner; of hulls, as dents do not count."""
    shapely = pytest.importorskip("shapely")
    origin = np.tile(b[:, :2], 4)
    first, second = (shapely.convex_hull(shapely.multipoints((q - origin).reshape(-1, 4, 2))) for q in (a, b))
    shared = shapely.area(shapely.intersection(first, second))
    return np.asarray(shared / (shapely.area(first) + shapely.area(second) - shared))


def exactly(a: Array, b: Array) -> float:
    """IoU of one pair in rational arithmetic."""
    first, second = _hull(a), _hull(b)
    clipped = first
    for p, q in zip(second, second[1:] + second[:1], strict=True):
        clipped = _left_of(clipped, p, q)
    shared = _area(clipped)
    return float(shared / (_area(first) + _area(second) - shared))


Point = tuple[Fraction, Fraction]


def _hull(points: Array) -> list[Point]:
    """Monotone chain, counter-clockwise."""
    rows = sorted({(Fraction(x), Fraction(y)) for x, y in points.reshape(4, 2).tolist()})
    chains = []
    for ordered in (rows, rows[::-1]):
        chain: list[Point] = []
        for p in ordered:
            while len(chain) > 1 and _side(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        chains.append(chain[:-1])
    return chains[0] + chains[1]


def _side(p: Point, q: Point, r: Point) -> Fraction:
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])


def _left_of(ring: list[Point], p: Point, q: Point) -> list[Point]:
    kept: list[Point] = []
    for a, b in zip(ring, ring[1:] + ring[:1], strict=True):
        s, t = _side(p, q, a), _side(p, q, b)
        if s >= 0:
            kept.append(a)
        if (s >= 0) != (t >= 0):
            kept.append((a[0] + s / (s - t) * (b[0] - a[0]), a[1] + s / (s - t) * (b[1] - a[1])))
    return kept


def _area(ring: list[Point]) -> Fraction:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return abs(sum((a[0] * b[1] - a[1] * b[0] for a, b in pairs), Fraction(0))) / 2


def random_boxes(rng: Rng, n: int = N) -> Array:
    """(n, 5): centre, sides, angle."""
    return np.concatenate(
        [rng.uniform(0, 60, (n, 2)), rng.uniform(1, 50, (n, 2)), rng.uniform(-9, 9, (n, 1))], 1
    )


def shuffled(quads: Array, rng: Rng) -> Array:
    order = rng.permuted(np.tile(np.arange(4), (len(quads), 1)), axis=1)
    return np.take_along_axis(quads.reshape(-1, 4, 2), order[..., None], 1).reshape(-1, 8)


def moved(quads: Array, rng: Rng, by: float) -> Array:
    return quads + rng.normal(0, by, quads.shape)


def changed(boxes: Array, by: tuple[float, ...]) -> Array:
    return np.asarray(boxes + np.array(by))


def touching(boxes: Array) -> Array:
    """The box beside each box, one side in common."""
    along = boxes[:, 4]
    step = np.stack([np.cos(along), np.sin(along)], 1) * boxes[:, 2:3]
    return np.concatenate([boxes[:, :2] + step, boxes[:, 2:]], 1)


def thin(rng: Rng, around: Array) -> Array:
    """Sticks 500 long and a thousandth to one wide, nearly in line."""
    boxes = around.copy()
    boxes[:, :2] += rng.normal(0, 0.3, (len(boxes), 2))
    boxes[:, 2], boxes[:, 3] = 500, 10 ** rng.uniform(-3, 0, len(boxes))
    boxes[:, 4] += rng.normal(0, 1e-3, len(boxes))
    return boxes


def pairs_of(kind: str, rng: Rng) -> tuple[Array, Array]:
    boxes = random_boxes(rng)
    quads, others = CORNERS(boxes), CORNERS(random_boxes(rng))
    makers: dict[str, Callable[[], tuple[Array, Array]]] = {
        "random": lambda: (quads, others),
        "any convex": lambda: (moved(quads, rng, 4), moved(others, rng, 4)),
        "any order": lambda: (shuffled(moved(quads, rng, 3), rng), shuffled(others, rng)),
        "half a turn": lambda: (quads, CORNERS(changed(boxes, (0, 0, 0, 0, math.pi)))),
        "swapped sides": lambda: (
            quads,
            CORNERS(changed(boxes[:, [0, 1, 3, 2, 4]], (0, 0, 0, 0, math.pi / 2))),
        ),
        "moved by 1e-3": lambda: (quads, moved(quads, rng, 1e-3)),
        "moved by 1e-6": lambda: (quads, moved(quads, rng, 1e-6)),
        "moved by 1e-12": lambda: (quads, moved(quads, rng, 1e-12)),
        "contained": lambda: (quads, CORNERS(boxes * (1, 1, 0.3, 0.2, 1.0))),
        "touching": lambda: (quads, CORNERS(touching(boxes))),
        "touching upright": lambda: (
            CORNERS(boxes * (1, 1, 1, 1, 0)),
            CORNERS(touching(boxes * (1, 1, 1, 1, 0))),
        ),
        "thin": lambda: (CORNERS(thin(rng, boxes)), CORNERS(thin(rng, boxes))),
        "tiny": lambda: (quads * 1e-9, moved(quads, rng, 2) * 1e-9),
        "far": lambda: (np.round(quads * 64) / 64 + 1e7, np.round(moved(quads, rng, 3) * 64) / 64 + 1e7),
        "whole numbers": lambda: (
            rng.integers(0, 7, (N, 8)).astype(float),
            rng.integers(0, 7, (N, 8)).astype(float),
        ),
        "one corner in common": lambda: (quads, np.concatenate([quads[:, :2], others[:, 2:]], 1)),
    }
    return makers[kind]()


KINDS = (
    "random", "any convex", "any order", "half a turn", "swapped sides", "moved by 1e-3", "moved by 1e-6",
    "moved by 1e-12", "contained", "touching", "touching upright", "thin", "tiny", "far", "whole numbers",
    "one corner in common",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_equals_shapely_or_exact_fractions(kind: str) -> None:
    """GEOS is itself wrong for a few coincident pairs: where the two differ, fractions decide."""
    a, b = pairs_of(kind, np.random.default_rng(KINDS.index(kind)))
    proper = (Shapes.of_points(a).areas > 0) & (Shapes.of_points(b).areas > 0)
    assert proper.mean() > 0.95
    a, b = a[proper], b[proper]
    ours, theirs = each(a, b), by_shapely(a, b)
    apart = np.flatnonzero(~(np.abs(ours - theirs) <= 1e-9))
    assert len(apart) <= (0.02 if kind == "touching" else 0.005) * len(a)
    for k in apart:
        assert ours[k] == pytest.approx(exactly(a[k], b[k]), abs=1e-9)
    assert np.abs(ours - each(b, a)).max() <= 1e-9
    if kind in ("half a turn", "swapped sides", "moved by 1e-12"):
        assert ours.min() > 1 - 1e-9
    if kind == "touching":
        assert ours.max() < 1e-12
    if kind == "touching upright":
        assert ours.max() < 1e-12


def test_fractions_agree_with_the_loops_on_whole_numbers() -> None:
    rng = np.random.default_rng(99)
    a, b = rng.integers(0, 5, (300, 8)).astype(float), rng.integers(0, 5, (300, 8)).astype(float)
    proper = (Shapes.of_points(a).areas > 0) & (Shapes.of_points(b).areas > 0)
    ours = each(a[proper], b[proper])
    exact = [exactly(p, q) for p, q in zip(a[proper], b[proper], strict=True)]
    assert np.abs(ours - exact).max() < 1e-12


def test_the_same_corners_in_any_order_are_one_region() -> None:
    """IoU exactly 1, not nearly: rectangles, any convex quadrilaterals, tiny and far ones."""
    rng = np.random.default_rng(1)
    quads = CORNERS(random_boxes(rng, 4000))
    for rows in (quads, moved(quads, rng, 3), quads * 1e-9, quads + 1e7):
        assert (each(rows, shuffled(rows, rng)) == 1.0).all()


def test_nearest_equals_all_pairs() -> None:
    """Leaving out pairs that cannot win changes nothing; of equals the first counts."""
    rng = np.random.default_rng(3)
    a, b = CORNERS(random_boxes(rng, 300)), CORNERS(random_boxes(rng, 200))
    b[50:60] = b[0:10]
    labels, others = rng.integers(-1, 3, 300), rng.integers(-1, 3, 200)
    match, overlap = Pairs(a, b, np.zeros(300, int), np.zeros(200, int)).nearest(labels, others)
    same = (labels[:, None] == others[None, :]) & (labels[:, None] >= 0)
    every = np.where(same, iou(a.tolist(), b.tolist()), 0.0)
    assert (match == np.where(every.max(1) > 0, every.argmax(1), -1)).all()
    assert (overlap == every.max(1)).all()


def test_boxes_are_measured_as_boxes() -> None:
    """Corners along the axes give bit for bit what four numbers give."""
    rng = np.random.default_rng(4)
    low = rng.uniform(0, 50, (500, 2))
    boxes = np.concatenate([low, low + rng.uniform(1, 30, (500, 2))], 1)
    quads = shuffled(boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]], rng)
    assert (iou(boxes.tolist(), boxes.tolist()) == iou(quads.tolist(), quads.tolist())).all()
    assert Shapes.of_points(quads).straight.all()


def test_shapes_of_arrays_have_four_or_eight_columns() -> None:
    assert Shapes.of_points(np.zeros((0, 3))).rings.shape == (0, 8)
    with pytest.raises(ValueError, match="corners"):
        Shapes.of_points(np.zeros((2, 7)))
