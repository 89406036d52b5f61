"""Scenes of farmland: rectangular parcels and circles under pivots."""

from __future__ import annotations

import numpy as np

from . import shapes, terrain
from .canvas import Canvas
from .shapes import Points
from .structures import draw_house
from .vegetation import draw_tree, draw_tree_row, plain

CROPS = ("crop green", "crop light", "crop dark", "crop yellow", "crop ripe", "soil", "dark soil")


def rectangular_farmland(canvas: Canvas) -> None:
    """Parcels with rows of different crops, hedges and farm tracks."""
    canvas.ground(plain(canvas, "grass", "soil"))
    angle = canvas.between(0, np.pi)
    size = canvas.size
    down = _cuts(canvas, size * 1.5, size * canvas.between(0.14, 0.4))
    textures = [_rows(canvas, angle + turn) for turn in (0, np.pi / 2)]
    middle = np.array([size / 2, size / 2])
    for top, bottom in zip(down[:-1], down[1:], strict=True):
        across = _cuts(canvas, size * 1.5, size * canvas.between(0.16, 0.6))
        for left, right in zip(across[:-1], across[1:], strict=True):
            gap = canvas.between(0.4, 1.6)
            local = [(left + gap, top + gap), (right, top + gap), (right, bottom), (left + gap, bottom)]
            outline = shapes.place(np.array(local) - size * 0.75, middle, angle)
            if np.any(outline.max(0) < 0) or np.any(outline.min(0) > size):
                continue
            rows = textures[canvas.number(0, 1)]
            canvas.crop(outline, canvas.pick(*CROPS), rows, canvas.between(0.93, 1.07))
        if canvas.chance(0.3):
            edge = np.stack([np.linspace(0, size * 1.5, 30), np.full(30, top)], 1) - size * 0.75
            path = shapes.place(edge, middle, angle)
            if canvas.chance(0.5):
                draw_tree_row(canvas, path, canvas.between(8, 20))
            else:
                canvas.road(path, canvas.metres(4), "path")
    if canvas.chance(0.3):
        at = canvas.rng.uniform(0.2, 0.8, 2) * size
        for _ in range(canvas.number(1, 3)):
            draw_house(canvas, at + canvas.rng.normal(0, 12, 2), angle, canvas.pick("red roof", "grey roof"))


def _cuts(canvas: Canvas, total: float, step: float) -> list[float]:
    cuts = [0.0]
    while cuts[-1] < total:
        cuts.append(cuts[-1] + step * canvas.between(0.6, 1.4))
    return cuts


def _rows(canvas: Canvas, angle: float) -> terrain.Field:
    rows = terrain.stripes(canvas.size, canvas.between(3, 7), angle)
    patches = terrain.noise(canvas.rng, canvas.size, 40, octaves=4)
    return np.asarray(1 + 0.045 * rows + 0.05 * patches, np.float32)


def circular_farmland(canvas: Canvas) -> None:
    """Round fields of centre pivots on a grid, some cut like a cake."""
    size = canvas.size
    base = canvas.pick("pale soil", "dry grass", "soil")
    canvas.ground(plain(canvas, base, canvas.pick("soil", "dry grass", "sand")))
    angle = canvas.pick_angle()
    pitch = size * canvas.between(0.24, 0.62)
    offset = canvas.rng.uniform(-0.5, 0.5, 2) * pitch
    patches = 1 + 0.05 * terrain.noise(canvas.rng, size, 30, octaves=4)
    rings = [_rings(canvas, patches) for _ in range(2)]
    steps = np.arange(-4, 5)
    for column in steps:
        for row in steps:
            local = np.array([[column, row]]) * pitch + offset
            centre = shapes.place(local, (size / 2, size / 2), angle)[0]
            radius = pitch * canvas.between(0.44, 0.49)
            if not canvas.inside(centre, radius) or canvas.chance(0.12):
                continue
            _pivot(canvas, centre, radius, rings[canvas.number(0, 1)])
    if canvas.chance(0.5):
        road = shapes.place([(-size, offset[1] + pitch / 2), (size, offset[1] + pitch / 2)],
                            (size / 2, size / 2), angle)  # fmt: skip
        canvas.line(road, "path", canvas.between(0.7, 1.6))


def _pivot(canvas: Canvas, centre: Points, radius: float, texture: terrain.Field) -> None:
    disc = shapes.ellipse(centre, radius, radius)
    canvas.crop(disc, canvas.pick(*CROPS[:5]), texture)
    if canvas.chance(0.4):
        start, width = canvas.between(0, 6.3), canvas.between(0.7, 3.2)
        turn = np.linspace(start, start + width, 24)
        arc = centre + radius * np.stack([np.cos(turn), np.sin(turn)], 1)
        wedge = np.concatenate([[centre], arc])
        canvas.crop(wedge, canvas.pick(*CROPS), texture)
    arm = canvas.between(0, 6.3)
    canvas.line(np.array([centre, centre + shapes.direction(arm) * radius]), "white roof", 0.5, 0.9)
    if canvas.chance(0.1):
        draw_tree(canvas, centre, 4)


def _rings(canvas: Canvas, patches: terrain.Field) -> terrain.Field:
    y, x = np.mgrid[0 : canvas.size, 0 : canvas.size].astype(np.float32)
    centre = canvas.rng.uniform(0, canvas.size, 2)
    ring = np.sin(np.hypot(x - centre[0], y - centre[1]) * canvas.between(0.8, 1.6))
    return np.asarray(patches + 0.03 * ring, np.float32)
