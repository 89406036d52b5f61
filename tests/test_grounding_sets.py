"""Sets of boxes against brute force and shapely."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.geometry import iou
from rsbench.harness.metrics.grounding_sets import (
    Agreement,
    agreement,
    bottleneck,
    giou,
    hull_area,
    right_by_giou,
)

A, B, C = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (40.0, 0.0, 50.0, 10.0)
BOXES = st.lists(
    st.tuples(*[st.integers(0, 12)] * 2, *[st.integers(1, 12)] * 2).map(
        lambda v: (float(v[0]), float(v[1]), float(v[0] + v[2]), float(v[1] + v[3]))
    ),
    min_size=1,
    max_size=4,
)


@given(BOXES, BOXES)
@settings(deadline=None)
def test_least_and_mean_by_trying_every_pairing(
    said: list[tuple[float, ...]], gold: list[tuple[float, ...]]
) -> None:
    ours = agreement(said, gold)
    if len(gold) == 1:
        assert ours.iou == ours.least == pytest.approx(iou(said[:1], gold)[0, 0])
        return
    value = iou(said, gold)
    if len(said) > len(gold):
        value = value.T
    rows = range(value.shape[0])
    pairings = [
        [value[i, j] for i, j in zip(rows, p, strict=True)]
        for p in permutations(range(value.shape[1]), len(rows))
    ]
    assert ours.iou == pytest.approx(max(map(sum, pairings)) / max(value.shape))
    least = max(map(min, pairings)) if len(said) == len(gold) else 0.0
    assert ours.least == pytest.approx(least)


def test_order_and_number_of_boxes() -> None:
    assert agreement([C, A, B], [A, B, C]) == Agreement(1.0, 1.0, 300.0, 300.0)
    fewer = agreement([A, B], [A, B, C])
    assert fewer.iou == pytest.approx(2 / 3)
    assert (fewer.least, fewer.shared, fewer.union) == (0.0, 200.0, 300.0)
    assert agreement([A, A], [A, B]).least == 0.0
    assert agreement([], [A, B]) == Agreement(0.0, 0.0, 0.0, 200.0)
    assert agreement([A, B, C], [A]) == Agreement(1.0, 1.0, 100.0, 100.0)  # the first counts
    assert agreement([B, A], [A]).least == 0.0


def test_what_is_no_region_shares_nothing() -> None:
    assert agreement([[]], [A]) == Agreement(0.0, 0.0, 0.0, 100.0)
    assert agreement([(10.0, 10.0, 0.0, 0.0)], [A]) == Agreement(0.0, 0.0, 0.0, 200.0)  # reversed corners
    assert agreement([A], [(5.0, 5.0, 5.0, 5.0)]) == Agreement(0.0, 0.0, 0.0, 100.0)


def test_bottleneck_of_numbers() -> None:
    assert bottleneck(np.array([[0.3]])) == 0.3
    assert bottleneck(np.array([[0.9, 0.2], [0.8, 0.1]])) == 0.2
    assert bottleneck(np.ones((2, 3))) == 0.0


def test_greedy_by_giou() -> None:
    assert right_by_giou([B, A], [A, B])
    assert not right_by_giou([A], [A, B]) and not right_by_giou([A, B, C], [A, B])
    assert not right_by_giou([], [A]) and not right_by_giou([A], [])
    assert right_by_giou([(10.0, 10.0, 0.0, 0.0)], [A])  # the same polygon
    half = (0.0, 0.0, 10.0, 20.0)
    assert right_by_giou([A], [half])  # IoU and generalised IoU are both 0.5
    corner = (1.8, 1.8, 11.8, 11.8)
    value = iou([A], [corner])[0, 0]
    assert value > 0.5 > giou([A], [corner])[0, 0] and not right_by_giou([A], [corner])


@pytest.mark.parametrize("seed", range(20))
def test_equal_shapely(seed: int) -> None:
    geometry = pytest.importorskip("shapely")
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 50, (2, 4, 2)).astype(float)
    rings = [geometry.MultiPoint(p).convex_hull for p in points]
    assert hull_area([tuple(p) for p in points.reshape(-1, 2)]) == pytest.approx(
        geometry.MultiPoint(points.reshape(-1, 2)).convex_hull.area
    )
    if any(ring.geom_type != "Polygon" or len(ring.exterior.coords) != 5 for ring in rings):
        return
    a, b = rings
    union, hull = a.union(b).area, geometry.union_all([a, b]).convex_hull.area
    expected = a.intersection(b).area / union - (hull - union) / hull
    said, gold = ([tuple(p.ravel())] for p in points)
    assert giou(said, gold)[0, 0] == pytest.approx(expected, abs=1e-9)
