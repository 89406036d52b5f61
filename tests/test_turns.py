"""The eight views against pixels: what is true of a picture lies where its pixels went."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from rsbench.harness.contract import Image, Raster, Region, Target
from rsbench.harness.geometry import iou
from rsbench.harness.metrics.mask_codec import decode, encode
from rsbench.harness.turns import (
    D4,
    inverse,
    turned_mask,
    turned_picture,
    turned_points,
    turned_region,
    turned_size,
    turned_target,
)

SIZE = (7, 5)
VIEWS = st.sampled_from(D4)


def marked(x1: int, y1: int, x2: int, y2: int) -> Pillow.Image:
    """A picture of SIZE, black but for one box."""
    pixels = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    pixels[y1:y2, x1:x2] = 255
    return Pillow.fromarray(pixels)


@given(VIEWS, st.integers(0, 5), st.integers(0, 3), st.data())
def test_a_box_lies_where_its_pixels_went(view: str, x1: int, y1: int, data: st.DataObject) -> None:
    x2, y2 = data.draw(st.integers(x1 + 1, 7)), data.draw(st.integers(y1 + 1, 5))
    picture = turned_picture(marked(x1, y1, x2, y2), view)
    assert picture.size == turned_size(SIZE, view) == Image("a", "", size=SIZE, change=view).extent
    assert picture.getbbox() == turned_points((x1, y1, x2, y2), view, SIZE)


def test_a_quarter_is_clockwise_and_a_mirror_is_of_left_and_right() -> None:
    assert turned_picture(marked(0, 0, 1, 1), "rot90").getbbox() == (4, 0, 5, 1)  # top left to top right
    assert turned_picture(marked(0, 0, 1, 1), "flip").getbbox() == (6, 0, 7, 1)
    assert turned_picture(marked(0, 0, 1, 1), "flip rot90").getbbox() == (4, 6, 5, 7)


def test_the_views_are_the_eight_of_the_square() -> None:
    grid = np.arange(9, dtype=np.uint8).reshape(3, 3)
    seen = {turned_picture(Pillow.fromarray(grid), view).tobytes() for view in D4}
    assert len(seen) == 8
    for view in D4:
        there = turned_picture(Pillow.fromarray(grid), view)
        assert (np.asarray(turned_picture(there, inverse(view))) == grid).all()


NUMBERS = st.lists(st.floats(-50, 50), min_size=8, max_size=8)


@given(VIEWS, st.sampled_from([4, 8, 0]), NUMBERS)
def test_there_and_back_is_where_it_was(view: str, count: int, numbers: list[float]) -> None:
    """A box whose far corner comes first stays one: what a model says wrongly stays as wrong."""
    points = tuple(numbers[:count])
    there = turned_points(points, view, SIZE)
    assert turned_points(there, inverse(view), turned_size(SIZE, view)) == pytest.approx(points, abs=1e-9)


@pytest.mark.parametrize("view", D4)
def test_corners_keep_their_first_and_their_sense_of_rotation(view: str) -> None:
    corners = (1.0, 1.0, 4.0, 2.0, 3.0, 4.0, 0.5, 3.0)
    turned = turned_points(corners, view, SIZE)
    assert turned[:2] == turned_points(corners[:2], view, SIZE)
    assert _signed(turned) == pytest.approx(_signed(corners))
    hull = turned_points((0.5, 1.0, 4.0, 4.0), view, SIZE)
    assert iou([turned], [hull])[0, 0] == pytest.approx(iou([corners], [(0.5, 1.0, 4.0, 4.0)])[0, 0])


def _signed(points: tuple[float, ...]) -> float:
    """Twice the area, its sign the sense of rotation (the shoelace formula)."""
    xs, ys = np.array(points[0::2]), np.array(points[1::2])
    return float((xs * np.roll(ys, -1) - ys * np.roll(xs, -1)).sum())


@settings(deadline=None)
@given(VIEWS, st.integers(0, 2**32 - 1))
def test_a_mask_turns_with_its_picture(view: str, seed: int) -> None:
    pixels = np.random.default_rng(seed).random((5, 7)) < 0.5
    picture = turned_picture(Pillow.fromarray(pixels.astype(np.uint8)), view)
    turned = turned_mask(encode(pixels), view)
    assert (decode(turned) == np.asarray(picture, bool)).all()
    assert turned_mask(turned, inverse(view)) == encode(pixels)


def test_a_damaged_mask_stays_damaged() -> None:
    damaged = Region((), "roof", mask=Raster(5, 7, "~~"))
    assert turned_region(damaged, "rot90", SIZE).mask == Raster(7, 5, "~~")


def test_a_truth_turns_as_a_whole() -> None:
    gold = Target("a", ("text",), (Region((0.0, 0.0, 1.0, 2.0), "ship", ignore=True),), "kind", size=SIZE)
    turned = turned_target(gold, "rot270", SIZE)
    assert turned == Target(
        "a", ("text",), (Region((0.0, 6.0, 2.0, 7.0), "ship", ignore=True),), "kind", size=(5, 7)
    )
    assert turned_target(Target("a"), "rot90", None) == Target("a")
    with pytest.raises(ValueError, match="unknown size"):
        turned_target(gold, "rot90", None)
