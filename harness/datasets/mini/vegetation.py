"""Trees alone, in rows and in groves, and the ground they stand on."""

from __future__ import annotations

import numpy as np

from . import shapes, terrain
from .canvas import Canvas
from .shapes import Points


def plain(
    canvas: Canvas, first: str, second: str, *, cell: float = 60.0, grain: float = 0.05
) -> terrain.Field:
    """Ground of two materials in soft patches with a fine grain: (H, W, 3)."""
    share = 0.5 + 0.5 * terrain.noise(canvas.rng, canvas.size, cell, octaves=4, persistence=0.6)
    fine = terrain.noise(canvas.rng, canvas.size, 6, octaves=3, persistence=0.8)
    colours = terrain.blend(canvas.palette.rgb(first), canvas.palette.rgb(second), share)
    return np.asarray(colours * (1 + np.float32(grain) * fine[..., None]), dtype=np.float32)


def sea(canvas: Canvas, first: str = "water", second: str = "deep water") -> terrain.Field:
    """Open water with swell: (H, W, 3)."""
    colours = plain(canvas, first, second, cell=canvas.size * 0.5, grain=0.02)
    bend = 1.6 * terrain.noise(canvas.rng, canvas.size, 30)
    period = canvas.between(4, 11)
    swell = terrain.stripes(canvas.size, period, canvas.between(0, 3.1), bend)
    return np.asarray(colours * (1 + canvas.between(0.015, 0.06) * swell[..., None]), dtype=np.float32)


def woods(canvas: Canvas, material: str = "forest") -> terrain.Field:
    """Closed forest: (H, W, 3)."""
    crown = float(np.clip(canvas.metres(canvas.between(5, 10)), 3, 16))
    texture = terrain.canopy(canvas.rng, canvas.size, crown, canvas.light)
    return canvas.textured(material, texture)


def draw_trees(canvas: Canvas, count: int, *, radius: float = 3.5, over: bool = False) -> None:
    """Trees of about ``radius`` metres anywhere."""
    for _ in range(count):
        centre = canvas.rng.uniform(0, canvas.size, 2)
        draw_tree(canvas, centre, radius, over=over)


def draw_tree(canvas: Canvas, centre: Points, radius: float, *, over: bool = False) -> None:
    """One tree of about ``radius`` metres."""
    canvas.tree(centre, max(canvas.metres(radius * canvas.between(0.6, 1.4)), 0.9), over=over)


def draw_grove(canvas: Canvas, centre: Points, spread: float, count: int, radius: float = 3.5) -> None:
    """A loose group of trees."""
    for offset in canvas.rng.normal(0, spread, (count, 2)):
        draw_tree(canvas, centre + offset, radius)


def draw_tree_row(canvas: Canvas, path: Points, every: float, radius: float = 3.0) -> None:
    """Trees along a path, one in ``every`` metres."""
    for point, _ in shapes.along(path, canvas.metres(every)):
        if canvas.inside(point, 4):
            draw_tree(canvas, point + canvas.rng.normal(0, 0.6, 2), radius)
