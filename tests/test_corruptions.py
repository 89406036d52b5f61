"""Disturbances against their definitions, and that each strength is worse than the one before."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray
from scipy.signal import convolve2d

from rsbench.harness.contract import Image
from rsbench.harness.datasets import corruptions
from rsbench.harness.datasets.corruptions import (
    FACTOR,
    KINDS,
    LOOKS,
    SIGMA,
    STRENGTHS,
    TRANSMISSION,
    corrupted,
)
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.datasets.mini import draw_scene
from rsbench.harness.errors import DataError

KIND = pytest.mark.parametrize("kind", KINDS)


def disturbed(picture: PIL.Image.Image, change: str, name: str = "a.png") -> NDArray[np.float64]:
    made = corrupted(picture, Image(name, "", change=change))
    assert (made.mode, made.size) == ("RGB", picture.size)
    return np.asarray(made, float)


def psnr(picture: PIL.Image.Image, other: NDArray[np.float64]) -> float:
    """Decibels: 10 log10 of 255 squared over the mean squared difference."""
    return 10 * math.log10(255**2 / float(((np.asarray(picture, float) - other) ** 2).mean()))


def qualities(picture: PIL.Image.Image, kind: str) -> list[float]:
    return [psnr(picture, disturbed(picture, f"{kind}/{step + 1}")) for step in range(STRENGTHS)]


@pytest.fixture(scope="module")
def drawn() -> list[PIL.Image.Image]:
    """Scenes of the renderer."""
    kinds = ("port", "airport", "forest")
    return [PIL.Image.fromarray(draw_scene(kind, seed=1, index=0, size=128).image) for kind in kinds]


@KIND
def test_each_strength_is_worse_than_the_one_before(kind: str, drawn: list[PIL.Image.Image]) -> None:
    for picture in drawn:
        assert all(worse < better for better, worse in pairwise(qualities(picture, kind)))


@KIND
def test_so_it_is_on_real_pictures(kind: str, shared: Path) -> None:
    paths = sorted((shared / "data" / "AID").rglob("*.jpg"))[:4]
    for path in paths:
        picture = open_rgb(Image(path.name, str(path)))
        assert all(worse < better for better, worse in pairwise(qualities(picture, kind)))


@KIND
def test_the_same_picture_is_disturbed_the_same_way(kind: str, drawn: list[PIL.Image.Image]) -> None:
    once, again = (disturbed(drawn[0], f"{kind}/3") for _ in range(2))
    assert (once == again).all()


def test_noise_differs_by_name_strength_part_and_seed(drawn: list[PIL.Image.Image]) -> None:
    images = [
        Image("a", "", change="speckle/3"),
        Image("b", "", change="speckle/3"),
        Image("a", "", change="speckle/3/7"),
        Image("a", "", change="speckle/3/8"),
        Image("a", "", page=1, change="speckle/3"),
        Image("a", "", window=(0, 0, 128, 128), change="speckle/3"),
    ]
    made = {corrupted(drawn[0], image).tobytes() for image in images}
    assert len(made) == len(images)
    moved = Image("a", "elsewhere.png", size=(9, 9), change="speckle/3")  # where it lies is no matter
    assert corrupted(drawn[0], moved).tobytes() in made


@pytest.mark.parametrize("step", range(STRENGTHS))
def test_speckle_has_the_moments_of_its_looks(step: int) -> None:
    """Mean 1 and standard deviation 1 / sqrt(L), on a grey on which hardly anything is cut off at 255."""
    grey = PIL.Image.new("RGB", (300, 300), (20, 20, 20))
    values = disturbed(grey, f"speckle/{step + 1}") / 20
    assert (values[..., 0] == values[..., 1]).all()
    assert values.mean() == pytest.approx(1, abs=0.02)
    assert values.std() == pytest.approx(1 / math.sqrt(LOOKS[step]), rel=0.05)


def test_speckle_does_not_depend_on_how_many_rows_are_drawn_at_once(
    monkeypatch: pytest.MonkeyPatch, drawn: list[PIL.Image.Image]
) -> None:
    whole = disturbed(drawn[0], "speckle/2")
    monkeypatch.setattr(corruptions, "_BAND", 1000)
    assert (disturbed(drawn[0], "speckle/2") == whole).all()


@pytest.mark.parametrize("step", range(STRENGTHS))
def test_haze_is_the_scattering_equation(step: int, drawn: list[PIL.Image.Image]) -> None:
    clear = np.asarray(drawn[0], float)
    expected = clear * TRANSMISSION[step] + 230 * (1 - TRANSMISSION[step])
    assert np.abs(disturbed(drawn[0], f"haze/{step + 1}") - expected).max() <= 0.5 + 1e-9


def test_blur_is_a_convolution_with_the_gaussian(drawn: list[PIL.Image.Image]) -> None:
    for step, sigma in enumerate(SIGMA):
        reach = int(4 * sigma + 0.5)
        line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        kernel = np.outer(line, line) / line.sum() ** 2
        band = np.pad(np.asarray(drawn[0], float)[..., 1], reach, mode="edge")
        expected = convolve2d(band, kernel, mode="valid")
        assert np.abs(disturbed(drawn[0], f"blur/{step + 1}")[..., 1] - expected).max() <= 0.51


def test_gsd_keeps_means_and_loses_what_is_finer() -> None:
    stripes = np.zeros((60, 60, 3), np.uint8)
    stripes[:, ::2] = 200  # finer than any coarser footprint shows
    made = disturbed(PIL.Image.fromarray(stripes), "gsd/2")  # factor 2: both stripes in one footprint
    assert FACTOR[1] == 2 and np.abs(made - 100).max() <= 1
    wide = np.zeros((60, 60, 3), np.uint8)
    wide[20:40, 20:40] = 200
    made = disturbed(PIL.Image.fromarray(wide), "gsd/2")
    assert made[30, 30, 0] == pytest.approx(200, abs=2) and made[5, 5, 0] == 0  # it stays where it is


@KIND
def test_the_smallest_picture(kind: str) -> None:
    assert disturbed(PIL.Image.new("RGB", (1, 1), (9, 9, 9)), f"{kind}/5").shape == (1, 1, 3)


def test_a_side_that_a_jpeg_cannot_have() -> None:
    with pytest.raises(DataError, match="65501 x 1"):
        corrupted(PIL.Image.new("RGB", (65_501, 1)), Image("a", "", change="jpeg/1"))
