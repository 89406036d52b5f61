"""The labels are those of the drawn pixels: every drawer is run on black and measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from rsbench.harness.datasets.mini import structures, vehicles
from rsbench.harness.datasets.mini.aircraft import draw_aircraft
from rsbench.harness.datasets.mini.canvas import FINER, Canvas
from rsbench.harness.datasets.mini.draw import draw_scene
from rsbench.harness.datasets.mini.labels import labelled
from rsbench.harness.datasets.mini.palettes import Palette
from rsbench.harness.datasets.mini.scene import AIRCRAFT, SCENES, DrawnObject

MIDDLE = np.array([130.3, 124.7])
TOLERANCE = 0.75  # pixels; the canvas itself resolves a third of one

Mask = npt.NDArray[np.bool_]


def _canvas(look: str, distance: float, seed: int = 0) -> Canvas:
    rng = np.random.Generator(np.random.PCG64(seed))
    return Canvas(rng, 256, distance, look, Palette(rng, look, shifted=False))


def _drawn(canvas: Canvas) -> Mask:
    mask: Mask = np.asarray(canvas.image).max(2) > 0
    return mask


def _coloured(canvas: Canvas, material: str) -> Mask:
    """Where the canvas shows exactly a material."""
    mask: Mask = np.all(np.asarray(canvas.image) == canvas.palette.colour(material), axis=2)
    return mask


def _pixels(mask: Mask) -> npt.NDArray[np.float64]:
    """The corners of the marked canvas pixels, in pixels of the image."""
    rows, columns = np.nonzero(mask)
    lowest = np.stack([columns, rows], 1) / FINER
    return np.concatenate([lowest, lowest + 1 / FINER])


def _gaps(label: DrawnObject, pixels: npt.NDArray[np.float64]) -> list[float]:
    """How far the pixels reach beyond (or stay short of) the four sides of the oriented box."""
    corners = np.reshape(label.corners, (4, 2))
    found = []
    for axis in (corners[0] - corners[3], corners[1] - corners[0]):
        axis = axis / np.hypot(*axis)
        box, drawn = corners @ axis, pixels @ axis
        found += [float(drawn.max() - box.max()), float(box.min() - drawn.min())]
    return found


def _ship(length: float) -> Callable[[Canvas, float], None]:
    return lambda c, h: vehicles.draw_ship(c, MIDDLE, h, length=length, wake=False)


DRAWERS: dict[str, tuple[Callable[[Canvas, float], None], float]] = {
    "car": (lambda c, h: vehicles.draw_car(c, MIDDLE, h), 0.25),
    "small car": (lambda c, h: vehicles.draw_car(c, MIDDLE, h), 0.6),
    "lorry": (lambda c, h: vehicles.draw_lorry(c, MIDDLE, h), 0.4),
    "boat": (_ship(20), 0.6),
    "ship": (_ship(150), 1.0),
    "tank": (lambda c, h: structures.draw_tank(c, MIDDLE, 22, floating=h > 1, paint="tank"), 1.0),
}


@pytest.mark.parametrize("look", ["optical", "sar", "infrared"])
@pytest.mark.parametrize("heading", [0.0, 0.7, 2.0, 4.4])
@pytest.mark.parametrize("name", sorted(DRAWERS))
def test_oriented_box_is_that_of_the_drawn_pixels(name: str, heading: float, look: str) -> None:
    drawer, distance = DRAWERS[name]
    canvas = _canvas(look, distance)
    drawer(canvas, heading)
    (label,) = labelled(canvas.drafts, 256, None)
    pixels = _pixels(_drawn(canvas))
    assert max(map(abs, _gaps(label, pixels))) < TOLERANCE
    assert np.abs(np.concatenate([pixels.min(0), pixels.max(0)]) - label.box).max() < TOLERANCE
    assert label.visible == 1.0 and not label.truncated


@pytest.mark.parametrize("name", AIRCRAFT)
def test_aircraft_fill_their_boxes(name: str) -> None:
    for heading, look in ((0.4, "optical"), (3.9, "sar"), (5.1, "infrared")):
        canvas = _canvas(look, 0.8)
        draw_aircraft(canvas, name, MIDDLE, heading)
        (label,) = labelled(canvas.drafts, 256, None)
        assert label.type == name
        assert max(map(abs, _gaps(label, _pixels(_drawn(canvas))))) < TOLERANCE


@pytest.mark.parametrize(
    ("draw", "material", "distance"),
    [
        (lambda c: structures.draw_tennis_court(c, MIDDLE, 0.6, "clay", "pitch"), "marking", 0.2),
        (lambda c: structures.draw_basketball_court(c, MIDDLE, 0.6, "pitch"), "marking", 0.2),
        (lambda c: structures.draw_diamond(c, MIDDLE, 0.6), "infield", 0.6),
        (lambda c: structures.draw_track(c, MIDDLE, 0.6), "track", 1.0),
    ],
)
def test_grounds_are_labelled_by_their_defining_part(
    draw: Callable[[Canvas], None], material: str, distance: float
) -> None:
    canvas = _canvas("optical", distance)
    draw(canvas)
    (label,) = labelled(canvas.drafts, 256, None)
    assert max(map(abs, _gaps(label, _pixels(_coloured(canvas, material))))) < TOLERANCE


@pytest.mark.parametrize("where", [(3.0, 120.0), (255.0, 100.0), (90.0, -2.0), (252.0, 253.0)])
def test_cut_objects_are_labelled_by_the_part_inside(where: tuple[float, float]) -> None:
    canvas = _canvas("optical", 0.6)
    vehicles.draw_ship(canvas, np.array(where), 0.5, length=60, wake=False)
    labels = labelled(canvas.drafts, 256, None)
    pixels = _pixels(_drawn(canvas))
    if not labels:  # then most of it must be outside
        assert len(pixels) / FINER**2 < 0.3 * canvas.metres(60) * canvas.metres(60 * 0.17)
        return
    (label,) = labels
    assert label.truncated and 0.3 <= label.visible < 1
    assert max(map(abs, _gaps(label, pixels))) < TOLERANCE


def test_visible_share_is_what_the_cover_leaves() -> None:
    canvas = _canvas("optical", 0.25)
    vehicles.draw_lorry(canvas, MIDDLE, 0.0)
    cover = np.zeros((256, 256), dtype=bool)
    cover[:, : int(MIDDLE[0])] = True
    (label,) = labelled(canvas.drafts, 256, cover)
    assert 0.45 < label.visible < 0.55
    cover[:, : int(MIDDLE[0]) + 20] = True
    assert labelled(canvas.drafts, 256, cover) == ()


def test_every_scene_keeps_its_objects_inside_and_clockwise() -> None:
    for index, name in enumerate(SCENES):
        scene = draw_scene(name, seed=11, index=index, size=192)
        for item in scene.objects:
            corners = np.reshape(item.corners, (4, 2))
            x, y = corners.T
            turning = np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
            assert turning > 0, "clockwise on screen has a positive area where y points down"
            left, top, right, bottom = item.box
            assert 0 <= left < right <= 192 and 0 <= top < bottom <= 192
            assert x.min() <= left + 1e-6 and right - 1e-6 <= x.max()
            assert y.min() <= top + 1e-6 and bottom - 1e-6 <= y.max()
            assert 0.3 <= item.visible <= 1
            assert bool(item.type) == (item.name == "airplane")
