"""Boxes on a picture: outlines where the boxes are, a colour a class, the rest of the picture as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageColor

from rsbench.harness.contract import Region
from rsbench.harness.drawing import COLOURS, draw, save
from rsbench.harness.errors import DataError, UsageError

SHIP, PLANE = (ImageColor.getrgb(colour) for colour in COLOURS[:2])


def black(width: int = 200, height: int = 100) -> Image.Image:
    return Image.new("RGB", (width, height))


def coloured(picture: Image.Image, colour: tuple[int, ...]) -> np.ndarray:
    found: np.ndarray = (np.asarray(picture) == colour).all(-1)
    return found


def test_an_outline_stands_on_the_edge_of_its_box() -> None:
    before = black()
    drawn = draw(before, [Region((40.0, 50.0, 90.0, 80.0), "")])
    rows, columns = np.nonzero(coloured(drawn, SHIP))
    assert (columns.min(), columns.max() + 1) == pytest.approx((40, 90), abs=1)
    assert (rows.min(), rows.max() + 1) == pytest.approx((50, 80), abs=1)
    inside = np.asarray(drawn)[55:75, 45:85]
    assert not inside.any() and not np.asarray(before).any()


def test_an_oriented_box_is_drawn_by_its_corners() -> None:
    diamond = Region((100.0, 20.0, 130.0, 50.0, 100.0, 80.0, 70.0, 50.0), "")
    found = coloured(draw(black(), [diamond]), SHIP)
    for x, y in ((99, 20), (129, 49), (99, 79), (70, 49), (115, 35), (84, 64)):
        assert found[max(0, y - 2) : y + 3, x - 2 : x + 3].any(), (x, y)
    assert not found[22:30, 70:85].any() and not found[45:55, 90:110].any()


def test_every_class_has_a_colour_and_its_name() -> None:
    regions = [Region((20.0, 60.0, 60.0, 90.0), "ship"), Region((90.0, 60.0, 130.0, 90.0), "plane")]
    drawn = draw(black(), [*regions, Region((150.0, 60.0, 190.0, 90.0), "ship")])
    ship, plane = coloured(drawn, SHIP), coloured(drawn, PLANE)
    assert ship[:, :80].any() and ship[:, 145:].any() and not ship[:, 80:145].any()
    assert plane[:, 85:140].any() and not plane[:, 150:].any()
    assert ship[45:59, 20:60].sum() > 50, "the name stands on its colour above the box"
    nameless = draw(black(), [Region((20.0, 60.0, 60.0, 90.0), "")])
    assert not coloured(nameless, SHIP)[:58].any()


@pytest.mark.parametrize(
    "points", [(0.0, 0.0, 200.0, 100.0), (150.0, 0.0, 200.0, 20.0), (-50.0, -20.0, 400.0, 300.0)]
)
def test_names_stay_inside_the_picture(points: tuple[float, ...]) -> None:
    drawn = draw(black(), [Region(points, "a long name of a class")])
    assert drawn.size == (200, 100) and coloured(drawn, SHIP).sum() > 500


def test_odd_regions_do_no_harm() -> None:
    flat = [Region((10.0, 10.0, 10.0, 40.0), "x"), Region((30.0, 30.0, 20.0, 20.0), "y")]
    assert not np.asarray(draw(black(), flat)).any()
    assert np.asarray(draw(black(1, 1), [Region((0.0, 0.0, 1.0, 1.0), "é🛰")])).shape == (1, 1, 3)
    assert draw(Image.new("L", (30, 30)), []).mode == "RGB"


def test_a_picture_is_saved_as_its_name_says(tmp_path: Path) -> None:
    for name, kind in (("a.png", "PNG"), ("b.jpg", "JPEG")):
        save(black(), tmp_path / name)
        with Image.open(tmp_path / name) as picture:
            assert picture.format == kind
    with pytest.raises(UsageError, match="does not end like a picture"):
        save(black(), tmp_path / "a.boxes")
    with pytest.raises(DataError, match="Cannot write"):
        save(black(), tmp_path / "none" / "a.png")
