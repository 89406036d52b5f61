"""Boxes as parts of the padded square: against the printed arithmetic, and how much two decimals cost."""

from __future__ import annotations

import doctest
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Boxes, Frame, Region, Target
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.reference_model.data import boxes, wording
from rsbench.reference_model.data.boxes import (
    boxes_in,
    from_corner_and_size,
    greatest_error,
    to_parts,
    to_pixels,
)

SIZES = [(640, 512), (512, 640), (801, 600), (600, 801), (101, 100), (7, 1000), (256, 256)]


def test_doctests() -> None:
    assert doctest.testmod(boxes).failed == doctest.testmod(wording).failed == 0


def printed(x0: float, y0: float, w: float, h: float, width: int, height: int) -> list[float]:
    """The rule of EarthGPT's notes, written out: [x, y, w, h] to [sx0, sy0, sx1, sy1]."""
    if width > height:
        pad = int((width - height) / 2)
        return [x0 / width, (y0 + pad) / width, (x0 + w) / width, (y0 + h + pad) / width]
    pad = int((height - width) / 2)
    return [(x0 + pad) / height, y0 / height, (x0 + w + pad) / height, (y0 + h) / height]


@pytest.mark.parametrize("size", SIZES)
def test_against_the_printed_rule_and_back(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(7)
    width, height = size
    worst = 0.0
    for _ in range(400):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        w, h = rng.uniform(0, width - x), rng.uniform(0, height - y)
        box = from_corner_and_size((x, y, w, h))
        parts = to_parts(box, size)
        assert parts == pytest.approx([round(v, 2) for v in printed(x, y, w, h, width, height)], abs=1e-9)
        worst = max(worst, max(abs(a - b) for a, b in zip(to_pixels(parts, size), box, strict=True)))
    bound = greatest_error(size)
    assert bound == max(size) / 200
    assert 0.9 * bound < worst <= bound + 1e-9  # the bound holds, and is reached


@pytest.mark.parametrize("size", SIZES)
def test_the_same_numbers_as_the_dialect_writes(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    for oriented in (False, True):
        centre = np.array(size) / 2
        corners = (centre + rng.uniform(-0.4, 0.4, (4, 2)) * size).ravel()
        points = corners if oriented else np.sort(corners[:4].reshape(2, 2), axis=0).ravel()
        region = Region(tuple(points.tolist()), "ship")
        text = EarthGPT().express(
            Target(regions=(region,)), Boxes(("ship",), oriented, phrase="it"), Frame.padded_square(*size)
        )
        if oriented:  # the dialect's corners are in convex order, which may differ for crossing ones
            assert sorted(boxes_in(text)[0]) == sorted(to_parts(region.points, size))
        else:
            assert boxes_in(text) == [to_parts(region.points, size)]


def test_corners_from_the_origin_on() -> None:
    """Section IV-B: the corner closest to the origin, then by rising angle seen from it."""
    rng = np.random.default_rng(11)
    for _ in range(100):
        angle, (w, h) = rng.uniform(0, np.pi), rng.uniform(5, 30, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        square = np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) @ turn.T + 60
        given: list[float] = rng.permutation(square).ravel().tolist()
        parts: Any = np.array(to_parts(given, (120, 120), decimals=6), dtype=float).reshape(4, 2)
        assert np.hypot(*parts[0]) == pytest.approx(min(np.hypot(*p) for p in square / 120), abs=1e-5)
        seen = parts[1:] - parts[0]
        angles = np.arctan2(seen[:, 1], seen[:, 0])
        assert (np.diff(angles) >= -1e-5).all()
        gaps = np.abs(parts[:, None] - square / 120).max(
            2
        )  # each corner is one of the four, and each is there
        assert (np.sort(gaps.argmin(1)) == np.arange(4)).all() and gaps.min(1).max() < 1e-6


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no box", []),
        ("[0.1,0.2,0.3,0.4] and [1,0,1,0,1,0,1,0]", [4, 8]),
        ("[ 0.1, 0.2 ,.3,1e-1;0,0,1,1 ]", [4, 4]),
        ("[a, b] [] [;] [1-2]", []),
        ("[1,2,3]", [3]),
    ],
)
def test_boxes_in_text(text: str, found: list[int]) -> None:
    assert [len(box) for box in boxes_in(text)] == found
