"""Plane geometry of the renderer against shapely and worked cases."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.datasets.mini import shapes

shapely = pytest.importorskip("shapely")


def test_rectangle_starts_at_the_front_left_and_runs_clockwise() -> None:
    corners = shapes.rectangle((10.0, 20.0), 6.0, 2.0, 0.0)
    assert corners.tolist() == [[13, 19], [13, 21], [7, 21], [7, 19]]
    turned = shapes.rectangle((0.0, 0.0), 6.0, 2.0, np.pi / 2)
    assert np.allclose(turned, [[1, 3], [-1, 3], [-1, -3], [1, -3]])


def drawn(rng: np.random.Generator, middle: tuple[float, float], sides: tuple[float, float]) -> shapes.Points:
    """A rectangle with its centre and sides within limits, in any direction."""
    centre = rng.uniform(*middle, 2)
    length, width = rng.uniform(*sides, 2).tolist()
    return shapes.rectangle(centre, length, width, rng.uniform(0, 6.3))


def test_oriented_box_of_a_rectangle_is_the_rectangle() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        heading = rng.uniform(0, 6.3)
        length, width = rng.uniform(1, 30, 2).tolist()
        corners = shapes.rectangle(rng.uniform(0, 50, 2), length, width, heading)
        assert np.allclose(shapes.oriented(corners[::-1], heading), corners)


def test_clipping_agrees_with_shapely() -> None:
    rng = np.random.default_rng(1)
    square = shapely.box(0, 0, 40, 40)
    for _ in range(100):
        corners = drawn(rng, (-10, 50), (2, 40))
        expected = shapely.Polygon(corners).intersection(square)
        clipped = shapes.clipped(corners, 40)
        if len(clipped) < 3:
            assert expected.area < 1e-9
            continue
        assert shapely.Polygon(clipped).area == pytest.approx(expected.area)
        bounds = [*clipped.min(0), *clipped.max(0)]
        assert bounds == pytest.approx(expected.bounds)


def test_hull_agrees_with_shapely() -> None:
    rng = np.random.default_rng(2)
    for count in (4, 8, 40):
        points = rng.normal(0, 10, (count, 2))
        hull = shapely.Polygon(shapes.hull(points))
        assert hull.symmetric_difference(shapely.MultiPoint(points).convex_hull).area < 1e-9


def test_gap_is_positive_exactly_where_rectangles_are_apart() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        first, second = (drawn(rng, (0, 40), (2, 20)) for _ in "ab")
        distance = shapely.Polygon(first).distance(shapely.Polygon(second))
        gap = shapes.gap(first, second)
        assert (gap > 0) == (distance > 0)
        assert gap <= distance + 1e-9


def test_along_steps_equally() -> None:
    places = shapes.along(np.array([(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)]), 2.0, 1.0)
    assert [point.tolist() for point, _ in places] == [[1, 0], [3, 0], [3, 2]]
    assert places[0][1] == 0 and places[-1][1] == pytest.approx(np.pi / 2)
