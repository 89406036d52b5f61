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
    bend = canvas.between(2, 5) * terrain.noise(canvas.rng, canvas.size, 24, octaves=2)
    swell = terrain.stripes(canvas.size, canvas.between(4, 11), canvas.between(0, 3.1), bend)
    swell = swell * terrain.noise(canvas.rng, canvas.size, 40)
    return np.asarray(colours * (1 + canvas.between(0.015, 0.06) * swell[..., None]), dtype=np.float32)


def woods(canvas: Canvas, material: str = "forest") -> terrain.Field:
    """Closed forest: (H, W, 3)."""
    crown = float(np.clip(canvas.metres(canvas.between(6, 11)), 3.5, 16))
    shade, tree = terrain.canopy(canvas.rng, canvas.size, crown, canvas.light)
    depth = {"optical": 1.0, "sar": 0.9}.get(canvas.look, 0.3)
    shade = 1 + np.float32(depth) * (shade - 0.95)
    kinds = terrain.noise(canvas.rng, canvas.size, crown * 8, octaves=2) + 3 * (tree - 0.5)
    other = terrain.edge(kinds, canvas.between(-0.3, 2.5), 0.8)
    rgb = canvas.palette.rgb
    colours = terrain.blend(rgb(material), rgb(canvas.pick("light tree", "tree", "grass")), other)
    return np.asarray(colours * shade[..., None], np.float32)


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


def draw_tree_row(
    canvas: Canvas, path: Points, every: float, radius: float = 3.0, *, over: bool = False
) -> None:
    """Trees along a path, one in ``every`` metres."""
    for point, _ in shapes.along(path, canvas.metres(every)):
        if canvas.inside(point, 4):
            draw_tree(canvas, point + canvas.rng.normal(0, 0.6, 2), radius, over=over)
