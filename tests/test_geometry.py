"""Geometry against shapely on random and adversarial pairs, and what improper regions mean."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.geometry import areas, box, corners, from_rotated, hull, iou, overlaps, to_rotated

Quad = tuple[float, ...]
Rng = np.random.Generator


def reference(a: list[Quad], b: list[Quad]) -> Any:
    """IoU of a[k] with b[k] by shapely, moved to b's first corner; of hulls, as dents do not count."""
    shapely = pytest.importorskip("shapely")
    origin = np.tile(np.array(b)[:, :2], 4)
    first, second = (
        shapely.convex_hull(shapely.multipoints((np.array(q) - origin).reshape(-1, 4, 2))) for q in (a, b)
    )
    shared = shapely.area(shapely.intersection(first, second))
    return shared / (shapely.area(first) + shapely.area(second) - shared)


def each(a: list[Quad], b: list[Quad]) -> Any:
    """IoU of a[k] with b[k] by the code under test."""
    return np.array([iou([p], [q])[0, 0] for p, q in zip(a, b, strict=True)])


def rotated(rng: Rng) -> Quad:
    (cx, cy), (width, height) = rng.uniform(0, 60, 2), rng.uniform(1, 50, 2)
    return from_rotated(cx, cy, width, height, rng.uniform(-9, 9))


def moved(quad: Quad, rng: Rng, by: float) -> Quad:
    return tuple((np.array(quad) + rng.normal(0, by, 8)).tolist())


def shuffled(quad: Quad, rng: Rng) -> Quad:
    return tuple(np.reshape(quad, (4, 2))[rng.permutation(4)].ravel().tolist())


def scaled(quad: Quad, by: float) -> Quad:
    return tuple(v * by for v in quad)


def pair_of(kind: str, rng: Rng) -> tuple[Quad, Quad]:
    quad = rotated(rng)
    makers: dict[str, Callable[[], tuple[Quad, Quad]]] = {
        "random": lambda: (quad, rotated(rng)),
        "any convex": lambda: (moved(quad, rng, 4), moved(rotated(rng), rng, 4)),
        "any order": lambda: (shuffled(moved(quad, rng, 3), rng), shuffled(rotated(rng), rng)),
        "moved by 1e-3": lambda: (quad, moved(quad, rng, 1e-3)),
        "moved by 1e-6": lambda: (quad, moved(quad, rng, 1e-6)),
        "contained": lambda: (
            from_rotated(30, 30, 20, 10, 0.3),
            from_rotated(30, 30, rng.uniform(1, 9), 6, 1),
        ),
        "thin": lambda: (
            from_rotated(0, 0, 500, rng.uniform(0.01, 1), 0.3),
            from_rotated(5, 1, 500, 0.5, 0.3001),
        ),
        "tiny": lambda: (scaled(quad, 1e-6), scaled(moved(quad, rng, 2), 1e-6)),
    }
    return makers[kind]()


KINDS = ["random", "any convex", "any order", "moved by 1e-3", "moved by 1e-6", "contained", "thin", "tiny"]


@pytest.mark.parametrize("kind", KINDS)
def test_equals_shapely(kind: str) -> None:
    rng = np.random.default_rng(KINDS.index(kind))
    pairs = [pair_of(kind, rng) for _ in range(300)]
    a, b = [p for p, _ in pairs], [q for _, q in pairs]
    ours = each(a, b)
    assert np.abs(ours - reference(a, b)).max() < 1e-9
    assert np.abs(ours - each(b, a)).max() < 1e-9
    assert (ours > 0).mean() > 0.25


def test_all_pairs_equal_single_pairs() -> None:
    rng = np.random.default_rng(9)
    a, b = [rotated(rng) for _ in range(120)], [rotated(rng) for _ in range(110)]
    matrix = iou(a, b)
    rows, columns = np.indices(matrix.shape).reshape(2, -1)
    expected = reference([a[i] for i in rows], [b[j] for j in columns])
    assert np.abs(matrix.ravel() - expected).max() < 1e-9


def test_identical_in_every_order_of_corners() -> None:
    """Written from another corner, the other way round, or crossing: the same region, IoU 1."""
    rng = np.random.default_rng(2)
    for _ in range(50):
        quad = np.reshape(rotated(rng), (4, 2))
        orders = [tuple(quad[list(order)].ravel()) for order in permutations(range(4))]
        assert iou(orders, [orders[0]]).min() > 1 - 1e-12


@pytest.mark.parametrize("offset", [1e4, 1e6, 1e8])
def test_far_from_the_origin(offset: float) -> None:
    """Coordinates that float64 holds exactly give the same IoU anywhere."""
    rng = np.random.default_rng(4)
    for _ in range(100):
        a, b = np.round([rotated(rng), rotated(rng)]).tolist()
        far_a, far_b = [v + offset for v in a], [v + offset for v in b]
        assert iou([far_a], [far_b])[0, 0] == iou([a], [b])[0, 0]


def test_swapped_sides_and_half_turns_are_the_same_box() -> None:
    rng = np.random.default_rng(5)
    for _ in range(100):
        cx, cy, w, h, t = *rng.uniform(0, 1000, 2), *rng.uniform(1, 90, 2), rng.uniform(-3, 3)
        others = [
            (cx, cy, h, w, t + math.pi / 2),
            (cx, cy, w, h, t - math.pi),
            (cx, cy, h, w, t - math.pi / 2),
        ]
        assert iou([from_rotated(cx, cy, w, h, t)], [from_rotated(*o) for o in others]).min() > 1 - 1e-9


def test_nearly_identical_boxes() -> None:
    """Golden case 21: mmcv's float32 IoU is 0.333."""
    a, b = (from_rotated(x, 486.524, 81, 15.725, -0.012) for x in (430.184, 430.185))
    assert iou([a], [b])[0, 0] > 0.999


def test_touching_regions_share_nothing() -> None:
    square = (0, 0, 10, 0, 10, 10, 0, 10)
    beside = (10, 0, 20, 0, 20, 10, 10, 10)
    corner = (10, 10, 20, 10, 20, 20, 10, 20)
    tip = (10, 5, 15, 0, 20, 5, 15, 10)
    assert iou([square], [beside, corner, tip]).tolist() == [[0.0, 0.0, 0.0]]


def test_exact_halves() -> None:
    assert iou([from_rotated(50, 50, 20, 20, 0)], [from_rotated(50, 45, 20, 10, 0)])[0, 0] == 0.5
    assert iou([(0, 0, 10, 10)], [(0, 0, 10, 20), (0, 0, 20, 5)]).tolist() == [[0.5, 1 / 3]]


def test_boxes_and_polygons_agree_and_mix() -> None:
    rng = np.random.default_rng(6)
    low, high = rng.uniform(0, 50, (40, 2)), rng.uniform(0, 50, (40, 2)) + 5
    boxes = [tuple(row) for row in np.concatenate([low, np.maximum(low + 1, high)], 1)]
    quads = [corners(b) for b in boxes]
    assert np.abs(iou(boxes, boxes) - iou(quads, quads)).max() < 1e-12
    assert np.abs(iou(boxes, quads) - iou(boxes, boxes)).max() < 1e-12
    assert np.abs(areas(boxes) - areas(quads)).max() < 1e-9


def test_a_dent_counts_as_the_hull() -> None:
    dart = (0, 0, 10, 0, 2, 2, 0, 10)
    assert areas([dart]).tolist() == [50.0]
    assert iou([dart], [(0, 0, 10, 0, 0, 10, 0, 10)]).tolist() == [[1.0]]


IMPROPER = [
    (), (1.0,), (0, 0, 10), (0, 0, 10, 10, 5), (0, 0, 9, 0, 9, 9, 0), (0,) * 9,
    (10, 0, 0, 10), (0, 10, 10, 0), (0, 0, 0, 10),
    (0, 0, 10, math.nan), (0, 0, 10, math.inf), (0, 0, 1e308, 9),
    (0, 0, 10, 0, 10, 10, 0, math.nan), (-math.inf, 0, 10, 0, 10, 10, 0, 10),
    (5,) * 8, (0, 0, 5, 5, 9, 9, 7, 7),
]  # fmt: skip


@pytest.mark.parametrize("points", IMPROPER)
def test_what_is_no_region_overlaps_nothing(points: Quad) -> None:
    square = (0, 0, 10, 0, 10, 10, 0, 10)
    assert areas([points]).tolist() == [0.0]
    assert iou([points], [points, square, (0, 0, 10, 10)]).tolist() == [[0.0, 0.0, 0.0]]
    assert iou([points], [points]).tolist() == [[0.0]]
    with pytest.raises(ValueError, match="not a region"):
        to_rotated(points)


def test_nothing_has_a_shape() -> None:
    square = (0, 0, 10, 10)
    assert iou([], []).shape == (0, 0)
    assert iou([square], []).shape == (1, 0)
    assert iou([], [square, corners(square)]).shape == (0, 2)
    assert areas([]).shape == (0,)


NUMBER = st.one_of(st.floats(), st.floats(-50, 50), st.integers(0, 8).map(float))
REGION = st.one_of(*(st.tuples(*[NUMBER] * n) for n in (4, 8, 5)))


@given(st.lists(REGION, max_size=4), st.lists(REGION, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_numbers_give_a_fraction(a: list[Quad], b: list[Quad]) -> None:
    pairs = overlaps(a, b)
    for matrix in (pairs.iou(), pairs.share_of_first()):
        assert matrix.shape == (len(a), len(b))
        assert ((matrix >= 0) & (matrix <= 1)).all()
    assert (np.isfinite(pairs.first) & (pairs.first >= 0)).all()


GRID = st.tuples(*[st.integers(0, 6).map(float)] * 8)


@given(GRID, GRID)
@settings(max_examples=250, deadline=None)
def test_small_whole_numbers_equal_shapely(a: Quad, b: Quad) -> None:
    """Corners on a coarse grid: shared corners, collinear edges, triangles, dents and crossings abound."""
    if areas([a])[0] > 0 and areas([b])[0] > 0:
        assert iou([a], [b])[0, 0] == pytest.approx(reference([a], [b])[0], abs=1e-9)


def test_rotated_boxes_there_and_back() -> None:
    rng = np.random.default_rng(8)
    for _ in range(100):
        quad = shuffled(rotated(rng), rng)
        cx, cy, w, h, angle = to_rotated(quad)
        assert w >= h and -math.pi / 2 <= angle < math.pi / 2
        assert iou([quad], [from_rotated(cx, cy, w, h, angle)])[0, 0] > 1 - 1e-9


def test_smallest_box_equals_shapely() -> None:
    shapely = pytest.importorskip("shapely")
    rng = np.random.default_rng(10)
    for _ in range(100):
        quad = moved(rotated(rng), rng, 5)
        _, _, w, h, _ = to_rotated(quad)
        around = shapely.minimum_rotated_rectangle(shapely.MultiPoint(np.reshape(quad, (4, 2))))
        assert w * h == pytest.approx(around.area, rel=1e-9)


def test_horizontal_box_of_a_region() -> None:
    diamond = (5, 0, 10, 5, 5, 10, 0, 5)
    assert box(diamond) == hull(diamond) == (0, 0, 10, 10)
    assert box((3, 0, 0, 2)) == (3, 0, 0, 2)
    assert all(math.isnan(v) for points in ((1, 2, 3), (*diamond[:7], math.inf)) for v in box(points))
