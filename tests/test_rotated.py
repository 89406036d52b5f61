"""Conventions of oriented boxes: there and back, ranges of angles, and what OpenCV and mmrotate write."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from rsbench.harness.errors import UsageError
from rsbench.harness.geometry import from_rotated, to_rotated
from rsbench.harness.metrics.pairs import Pairs
from rsbench.harness.rotated import Convention

RANGES = {"le90": (-90, 90), "le135": (-45, 135), "oc": (0, 90), "oc-old": (-90, 0)}
ALL = [Convention(*options) for options in product((False, True), (False, True), RANGES)]


def boxes(n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(0)
    sides = rng.uniform(1, 90, (n, 2))
    return np.concatenate([rng.uniform(-50, 900, (n, 2)), sides, rng.uniform(-7, 7, (n, 1))], 1)


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    rows, nobody = np.arange(len(a)), np.zeros(len(a), int)
    return Pairs(a, b, rows, rows).nearest(nobody, nobody)[1]


@pytest.mark.parametrize("convention", ALL, ids=str)
def test_there_and_back(convention: Convention) -> None:
    corners = Convention().corners(boxes())
    written = convention.boxes(corners)
    assert overlap(convention.corners(written), corners).min() > 1 - 1e-9
    again = convention.boxes(convention.corners(written))
    assert np.abs(again - written).max() < 1e-7
    degrees = written[:, 4] if convention.degrees else np.degrees(written[:, 4])
    low, high = RANGES[convention.angles]
    assert degrees.min() >= low - 1e-9 and degrees.max() <= high + 1e-9
    if convention.angles.startswith("le"):
        assert (written[:, 2] >= written[:, 3]).all()


@pytest.mark.parametrize("target", ALL, ids=str)
def test_from_any_convention_to_any(target: Convention) -> None:
    corners = Convention().corners(boxes(60))
    for source in ALL:
        there = source.rewritten(source.boxes(corners), target)
        assert overlap(target.corners(there), corners).min() > 1 - 1e-9


def test_corners_of_any_order_are_one_box() -> None:
    rng = np.random.default_rng(1)
    corners = Convention().corners(boxes())
    order = rng.permuted(np.tile(np.arange(4), (len(corners), 1)), axis=1)
    shuffled = np.take_along_axis(corners.reshape(-1, 4, 2), order[..., None], 1).reshape(-1, 8)
    assert np.abs(Convention().boxes(shuffled) - Convention().boxes(corners)).max() == 0


def test_equals_the_scalar_functions_of_geometry() -> None:
    rows = boxes(100)
    corners = Convention().corners(rows)
    assert np.abs(corners - [from_rotated(*row) for row in rows]).max() < 1e-9
    rng = np.random.default_rng(2)
    quads = corners + rng.normal(0, 3, corners.shape)
    ours, theirs = Convention().boxes(quads), np.array([to_rotated(q) for q in quads.tolist()])
    assert np.abs(ours - theirs).max() < 1e-9


def test_smallest_box_equals_shapely() -> None:
    shapely = pytest.importorskip("shapely")
    rng = np.random.default_rng(3)
    quads = Convention().corners(boxes()) + rng.normal(0, 4, (300, 8))
    areas = Convention().boxes(quads)[:, 2:4].prod(1)
    around = [shapely.minimum_rotated_rectangle(shapely.MultiPoint(q.reshape(4, 2))).area for q in quads]
    assert areas == pytest.approx(around, rel=1e-9)


def test_an_upright_box_in_every_range() -> None:
    """10 wide and 4 high: minAreaRect writes 90 degrees from OpenCV 4.5.1 on and -90 before."""
    box = [(0, 0, 10, 4)]
    expected = {
        "le90": (5, 2, 10, 4, 0),
        "le135": (5, 2, 10, 4, 0),
        "oc": (5, 2, 4, 10, 90),
        "oc-old": (5, 2, 4, 10, -90),
    }
    for angles, row in expected.items():
        assert Convention(degrees=True, angles=angles).boxes(box)[0] == pytest.approx(row)


def test_the_direction_of_turning_on_screen() -> None:
    """A tenth of a turn: clockwise, the right end of the width goes down (y grows)."""
    clockwise = Convention(degrees=True).corners([(0, 0, 10, 2, 36)])[0]
    against = Convention(degrees=True, clockwise=False).corners([(0, 0, 10, 2, 36)])[0]
    assert (clockwise[3] + clockwise[5]) / 2 == pytest.approx(5 * math.sin(math.radians(36)))
    assert (against[3] + against[5]) / 2 == pytest.approx(-5 * math.sin(math.radians(36)))


def test_what_is_no_region_is_no_box() -> None:
    rows = np.array([(0, 0, 5, 5, 9, 9, 7, 7), (0, 0, 1, 0, 1, math.nan, 0, 1), (0, 0, 2, 0, 2, 1, 0, 1)])
    written = Convention().boxes(rows)
    assert np.isnan(written[:2]).all() and written[2] == pytest.approx((1, 0.5, 2, 1, 0))
    assert Convention().boxes(np.zeros((0, 8))).shape == (0, 5)
    assert Convention().corners(np.zeros((0, 5))).shape == (0, 8)


def test_ranges_have_names() -> None:
    with pytest.raises(UsageError, match="le90"):
        Convention(angles="le91")
