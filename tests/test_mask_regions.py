"""Which pixels a region has, and on which canvas."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Raster, Region, Target
from rsbench.harness.errors import DataError
from rsbench.harness.metrics.mask_codec import encode
from rsbench.harness.metrics.mask_regions import answered, asked, canvas

MASK = Region((), "it", mask=encode(np.eye(3, 5, dtype=bool)))
BROKEN = Region((), "it", mask=Raster(3, 5, "~"))


def test_the_canvas_is_that_of_the_image_then_of_the_first_mask() -> None:
    assert canvas(Target(size=(8, 6)), Answer(regions=(MASK,))) == (6, 8)
    assert canvas(Target(regions=(Region((0, 0, 1, 1), "it"), MASK)), Answer()) == (3, 5)
    assert canvas(Target(), Answer(regions=(MASK,))) == (3, 5)
    assert canvas(Target(), Answer()) is None


def test_own_mask_then_outline() -> None:
    height, width, runs = asked(MASK, (9, 9))
    assert (height, width, runs.tolist()) == (3, 5, [0, 1, 3, 1, 3, 1, 6])
    drawn = answered(Region((1, 1, 3, 2), "it"), (2, 4))
    assert drawn is not None
    assert drawn.runs.tolist() == [3, 1, 1, 1, 2]
    assert answered(Region((1, 1, 3, 2), "it"), None) is None
    assert answered(Region((3, 1, 1, 2), "it"), (2, 4)) is None
    assert answered(BROKEN, (3, 5)) is None


def test_an_object_without_pixels_is_an_error() -> None:
    for region in (BROKEN, Region((), "it"), Region((1, 1, 1, 1), "it")):
        with pytest.raises(DataError, match="'it'"):
            asked(region, (3, 5))
