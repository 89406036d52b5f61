"""Run lengths and polygons against pycocotools.mask; hostile text; every form into every other."""

from __future__ import annotations

import doctest
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Raster
from rsbench.harness.errors import DataError
from rsbench.harness.metrics import mask_codec as module
from rsbench.harness.metrics.mask_codec import (
    MAX_PIXELS,
    area,
    decode,
    encode,
    polygon,
    raster_of,
    runs_of,
    shared,
    union,
)

# pycocotools' own conversion of its arrays
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def picture(rng: np.random.Generator) -> Any:
    """Pixels in blobs, or noise, sometimes all clear or all set."""
    height, width = rng.integers(1, 70, 2)
    field = rng.random((height, width))
    if rng.random() < 0.5:
        field = np.add.outer(np.sin(np.arange(height) / 5), np.cos(np.arange(width) / 7))
    return field < rng.choice([-9, 0.1, 0.5, 9])


@pytest.mark.parametrize("seed", range(60))
def test_text_is_that_of_pycocotools(seed: int) -> None:
    masks = pytest.importorskip("pycocotools.mask")
    pixels = picture(np.random.default_rng(seed))
    packed = masks.encode(np.asfortranarray(pixels, np.uint8))
    raster = encode(pixels)
    assert raster.counts == packed["counts"].decode()
    assert (decode(raster) == pixels).all()
    assert area(runs_of(raster)) == masks.area(packed) == pixels.sum()


@pytest.mark.parametrize("seed", range(60))
def test_shared_and_joined_pixels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    one = picture(rng)
    other = rng.random(one.shape) < 0.5
    third = np.zeros_like(one)
    third[: len(one) // 2] = True
    runs = [runs_of(encode(p)) for p in (one, other, third)]
    assert shared(runs[0], runs[1]) == (one & other).sum()
    joined = raster_of(union(runs, one.size), *one.shape)
    assert joined == encode(one | other | third)
    assert union([], 12).tolist() == [12]


@pytest.mark.parametrize("seed", range(8))
def test_polygons_are_filled_as_pycocotools_fills_them(seed: int) -> None:
    masks = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(seed)
    for case in range(60):
        height, width = (int(v) for v in rng.integers(1, 50, 2))
        points = rng.uniform(-8, 55, 2 * rng.integers(3, 9)) * rng.choice([1, 1, 0.1, 30])
        if case % 3 == 0:
            points = points.round()
        if case % 5 == 0:
            points[2:4] = points[:2]  # a corner that is there twice
        expected = masks.decode(masks.frPyObjects([points.tolist()], height, width)[0]).astype(bool)
        found = decode(raster_of(polygon(points.tolist(), height, width), height, width))
        assert (found == expected).all(), (points.tolist(), height, width)


def test_what_is_no_polygon_has_no_pixels() -> None:
    for points in (
        (),
        (0, 0, 9, 9),
        (0, 0, 9, 0, 9),
        (0, 0, 9, 0, float("nan"), 9),
        (0, 0, 1e9, 0, 1e9, 1e9),
    ):
        assert polygon(points, 10, 10).tolist() == [100]
    assert area(polygon((0, 0, 4, 0, 4, 3, 0, 3), 10, 10)) == 12


@given(st.text(max_size=60), st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_runs_of_this_many_pixels_or_an_error(text: str, height: int, width: int) -> None:
    try:
        runs = runs_of(Raster(height, width, text))
    except DataError:
        return
    assert runs.sum() == height * width
    assert (runs >= 0).all()


@pytest.mark.parametrize(
    ("height", "width", "counts", "complaint"),
    [
        (2, 2, "!", "characters"),
        (2, 2, "é1", "characters"),
        (2, 2, "o" * 40, "characters"),  # one number without end
        (2, 2, "T", "breaks off"),
        (2, 2, "O", "negative"),
        (2, 2, "5", "more pixels than 2 x 2"),
        (2, 2, "3", "fewer pixels than 2 x 2"),
        (2, 2, "", "fewer pixels"),
        (-2, 2, "4", "cannot be read"),
        (100_000, 100_000, "4", "cannot be read"),
    ],
)
def test_text_that_is_no_mask(height: int, width: int, counts: str, complaint: str) -> None:
    with pytest.raises(DataError, match=complaint):
        runs_of(Raster(height, width, counts))


def test_memory_is_bounded_by_the_text() -> None:
    """A short text that claims the largest mask costs nothing until it is decoded."""
    runs_of(Raster(2, 2, "22"))  # compiled before measuring
    clear = raster_of(np.array([MAX_PIXELS]), MAX_PIXELS, 1)
    tracemalloc.start()
    assert runs_of(clear).tolist() == [MAX_PIXELS]
    with pytest.raises(DataError):
        runs_of(Raster(10, 10, "0" * 1000))
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
