"""The stretch of a card against the same by hand: bands, percentiles, ranges, decibels, corners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from rsbench.harness.contract import Image, Stretch
from rsbench.harness.datasets.card import Card
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.datasets.raster import chosen, declared, limits, shown
from rsbench.harness.errors import DataError

from .tif_writer import write_tif


def card(**raster: Any) -> Card:
    return Card("bands", "classification", 1, "Bands", "folders", raster=raster)


def by_hand(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.uint8]:
    part = (values.astype(np.float64) - low) / (high - low)
    return np.rint(np.clip(part, 0, 1) * 255).astype(np.uint8)


def stretched(values: npt.NDArray[Any], stretch: Stretch, chunk: int = 7) -> npt.NDArray[np.uint8]:
    places = chosen(values.shape[2], stretch, "a.tif")
    chunks = (values[i : i + chunk] for i in range(0, len(values), chunk))
    return shown(stretch, places, limits(chunks, places, stretch))(values)


@pytest.fixture(params=["u2", "i2", "u4", "i4", "f4", "f8"])
def values(request: pytest.FixtureRequest) -> npt.NDArray[Any]:
    rng = np.random.default_rng(3)
    return rng.normal(3000, 800, (40, 31, 13)).astype(request.param)


def test_a_card_without_a_raster_declares_nothing() -> None:
    assert declared(card()) is None
    assert declared(card(bands=[4, 3, 2])) == Stretch((4, 3, 2))
    full = declared(card(bands=[1], percentiles=[1, 99.5], range=[0, 3000], per="band", scale="decibel"))
    assert full == Stretch((1,), (1.0, 99.5), (0.0, 3000.0), "band", "decibel")


@pytest.mark.parametrize(
    ("raster", "words"),
    [
        ({"band": [1]}, "an unknown key 'band'"),
        ({"bands": [1, 2]}, "one or three"),
        ({"bands": [0, 1, 2]}, "from 1"),
        ({"bands": 4}, "not iterable"),
        ({"percentiles": [98, 2]}, "lower one first"),
        ({"percentiles": [2]}, "not enough values"),
        ({"range": [5, 5]}, "lower one first"),
        ({"range": ["a", 5]}, "could not convert"),
        ({"per": "pixel"}, "image or band"),
        ({"scale": "log"}, "linear or decibel"),
    ],
)
def test_a_raster_that_cannot_be_used_names_the_card(raster: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=f"card bands.*{words}"):
        declared(card(**raster))


def test_percentiles_over_all_shown_bands(values: npt.NDArray[Any]) -> None:
    picked = values[..., [3, 2, 1]]
    low, high = np.percentile(picked.astype(np.float64), (2, 98))
    np.testing.assert_array_equal(stretched(values, Stretch((4, 3, 2))), by_hand(picked, low, high))


def test_percentiles_of_each_band(values: npt.NDArray[Any]) -> None:
    values[..., 2] *= 2
    found = stretched(values, Stretch((4, 3, 2), (1, 90), per="band"))
    for place, band in enumerate((3, 2, 1)):
        low, high = np.percentile(values[..., band].astype(np.float64), (1, 90))
        np.testing.assert_array_equal(found[..., place], by_hand(values[..., band], low, high))


def test_a_range_is_the_same_for_every_picture(values: npt.NDArray[Any]) -> None:
    found = stretched(values, Stretch((8,), range=(2000, 5000)))
    np.testing.assert_array_equal(found, by_hand(values[..., [7, 7, 7]], 2000, 5000))


def test_decibels(values: npt.NDArray[Any]) -> None:
    values[0] = 0
    if values.dtype.kind != "u":
        values[1] = -5
    lit = values[..., 0] > 0
    power = 10 * np.log10(np.where(lit, values[..., 0], 1).astype(np.float64))
    found = stretched(values, Stretch((1,), range=(20, 40), scale="decibel"))[..., 0]
    np.testing.assert_array_equal(found, np.where(lit, by_hand(power, 20, 40), 0))
    low, high = np.percentile(values[..., 0][lit].astype(np.float64), (2, 98))
    found = stretched(values, Stretch((1,), scale="decibel"))[..., 0]
    expected = by_hand(power, 10 * np.log10(low), 10 * np.log10(high))
    np.testing.assert_array_equal(found, np.where(lit, expected, 0))


@pytest.mark.parametrize("dtype", ["u2", "i2", "f4"])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 51, 1000])
def test_percentiles_are_numpys_to_the_last_bit(dtype: str, count: int) -> None:
    values = np.random.default_rng(count).integers(0, 60, (count, 1, 1)).astype(dtype)
    for percent in ((2, 98), (0, 100), (33.3, 66.6)):
        expected = np.percentile(values.astype(np.float64), percent)
        if expected[0] < expected[1]:
            assert limits([values], [0], Stretch(percentiles=percent)) == (tuple(expected),)


def test_what_is_not_finite_is_black_or_white_and_does_not_count() -> None:
    values = np.linspace(0, 100, 101, dtype=np.float32).reshape(101, 1, 1)
    values[50], values[51], values[52] = np.nan, np.inf, -np.inf
    low, high = np.percentile(values[np.isfinite(values)].astype(np.float64), (2, 98))
    found = stretched(values, Stretch())[:, 0, 0]
    assert found[50:53].tolist() == [0, 255, 0]
    np.testing.assert_array_equal(found[:50], by_hand(values[:50, 0, 0], low, high))
    with pytest.raises(ValueError, match="no finite values"):
        stretched(np.full((3, 3, 1), np.nan), Stretch())
    with pytest.raises(ValueError, match="no finite values"):
        stretched(np.zeros((3, 3, 1), np.uint16), Stretch(scale="decibel"))


def test_constant_pictures_and_single_pixels_are_black() -> None:
    for dtype in ("u2", "f4"):
        assert not stretched(np.full((5, 5, 1), 7, dtype), Stretch()).any()
        assert stretched(np.full((1, 1, 3), 7, dtype), Stretch()).tolist() == [[[0, 0, 0]]]
    nearly = np.zeros((100, 1, 1), np.uint16)
    nearly[0] = 9  # both percentiles are 0: the least and the largest count
    assert stretched(nearly, Stretch())[:2, 0, 0].tolist() == [255, 0]


def test_the_largest_floats() -> None:
    values = np.array([-1.7e308, 0, 1.7e308]).reshape(3, 1, 1)
    assert stretched(values, Stretch(percentiles=(0, 100))).shape == (3, 1, 3)


def test_bands_that_are_not_there_or_not_chosen() -> None:
    assert chosen(13, Stretch((4, 3, 2)), "a") == (3, 2, 1)
    assert chosen(4, None, "a") == (0, 1, 2) and chosen(2, None, "a") == (0,)
    with pytest.raises(DataError, match=r"a\.tif has 4 bands, and its card shows band 13"):
        chosen(4, Stretch((13,)), "a.tif")
    with pytest.raises(DataError, match=r"a\.tif has 13 bands, and nothing says.*\n.*bands: \[4, 3, 2\]"):
        chosen(13, Stretch(), "a.tif")


def test_a_tif_of_thirteen_bands_as_the_card_shows_it(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 4000, (64, 64, 13), np.uint16)
    path = write_tif(tmp_path / "a.tif", values, deflate=True, predictor=2)
    image = Image("a.tif", str(path), stretch=Stretch((4, 3, 2), range=(0, 2750)))
    expected = by_hand(values[..., [3, 2, 1]], 0, 2750)
    np.testing.assert_array_equal(np.asarray(open_rgb(image)), expected)
    window = Image("a.tif", str(path), window=(5, 6, 20, 30), stretch=Stretch((4, 3, 2)))
    low, high = np.percentile(values[..., [3, 2, 1]], (2, 98))  # of the picture, not of the window
    np.testing.assert_array_equal(
        np.asarray(open_rgb(window)), by_hand(values[6:30, 5:20, [3, 2, 1]], low, high)
    )
