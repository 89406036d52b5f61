"""Every picture of a data set knows the card's stretch; bands that are missing are said once, by the card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Image, Sample, Stretch, Target
from rsbench.harness.datasets.card import Card, Dataset
from rsbench.harness.datasets.stretched import stretched
from rsbench.harness.errors import DataError

from .tif_writer import write_tif


def card(**raster: Any) -> Card:
    return Card("bands", "classification", 1, "Bands", "folders", raster=raster)


def data(*images: Image) -> Dataset:
    return Dataset(tuple(Sample(str(i), (image,), Target()) for i, image in enumerate(images)), (), ())


def test_pictures_are_marked_and_shared(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.zeros((4, 4, 13), np.uint16))
    image = Image("a.tif", str(path))
    found = stretched(data(image, image, Image("b.tif", "")), card(bands=[4, 3, 2]))
    assert {s.images[0].stretch for s in found.samples} == {Stretch((4, 3, 2))}
    assert found.samples[0].images[0] is found.samples[1].images[0]
    plain = data(image)
    assert stretched(plain, card()) is plain


def test_bands_that_are_not_there_are_said_before_the_run(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.zeros((4, 4, 4), np.uint16))
    with pytest.raises(DataError, match=r"card bands: a\.tif has 4 bands.*band 8"):
        stretched(data(Image("a.tif", str(path))), card(bands=[8, 3, 2]))
    PIL.Image.fromarray(np.zeros((4, 4), np.uint16)).save(tmp_path / "b.png")
    with pytest.raises(DataError, match=r"card bands: b\.png has 1 band,"):
        stretched(data(Image("b.png", str(tmp_path / "b.png"))), card(bands=[2]))


def test_pictures_that_say_nothing_of_bands(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (4, 4)).save(tmp_path / "rgb.png")
    (tmp_path / "broken.png").write_bytes(b"x")
    for name in ("rgb.png", "broken.png", "gone.png"):
        assert stretched(data(Image(name, str(tmp_path / name))), card(bands=[8, 3, 2])).samples
