"""Masks as paths of SVG, filled again by other arithmetic."""

from __future__ import annotations

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from rsbench.harness.contract import Answer, Raster, Region, Target
from rsbench.harness.metrics.mask_codec import encode
from rsbench.harness.site.mask_outlines import outlines, path_of


def filled(path: str, height: int, width: int) -> NDArray[np.bool_]:
    """The pixels of a path of upright bars."""
    pixels = np.zeros((height, width), bool)
    bars = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\3z", path)
    assert "".join(f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in bars) == path
    for x, y, w, h in (map(int, bar) for bar in bars):
        pixels[y : y + h, x : x + w] = True
    return pixels


@pytest.mark.parametrize("seed", range(4))
def test_a_path_covers_the_mask_and_nothing_else(seed: int) -> None:
    pixels = np.random.default_rng(seed).random((17, 23)) < 0.5
    path, block = path_of(pixels)
    assert block == 1
    assert (filled(path, 17, 23) == pixels).all()


def test_many_runs_are_drawn_coarser_and_stay_in_place() -> None:
    pixels = np.random.default_rng(0).random((128, 128)) < 0.5
    pixels[:, 64:] = True
    path, block = path_of(pixels, most=300)
    assert block > 1 and path.count("M") <= 300
    coarse = filled(path, 256, 256)
    assert coarse[:128, 64:128].all() and 0.3 < coarse[:128, :64].mean() < 0.7
    assert not coarse[128 + block :].any()


def test_masks_of_objects_and_of_the_answer_are_told_apart() -> None:
    left, right = np.zeros((2, 4, 6), bool)
    left[:, :2], right[:, 4:] = True, True
    gold = tuple(Region((), "roof", mask=encode(one)) for one in (left, right))
    broken = Region((), "roof", mask=Raster(4, 6, "!"))
    found = outlines(Target(regions=gold), Answer(regions=(broken, Region((0, 0, 1, 1), "roof"))))
    ((whose, path, block),) = found
    assert (whose, block) == ("object", 1)
    assert (filled(str(path), 4, 6) == left | right).all()
    assert outlines(Target(), Answer(regions=gold[:1]))[0][0] == "answer"
    huge = Region((), "roof", mask=Raster(100_000, 100_000, "x"))
    assert outlines(Target(regions=(huge,)), Answer()) == []
