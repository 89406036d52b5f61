"""Scenes with known objects and no picture worth drawing, for tests of what writers of miniatures write."""

from __future__ import annotations

import numpy as np

from rsbench.harness.datasets.card import Card
from rsbench.harness.datasets.mini.plan import Shot
from rsbench.harness.datasets.mini.scene import DrawnObject, Scene
from rsbench.harness.geometry import from_rotated, hull

WIDTH, HEIGHT = 120, 80


def made_scenes(card: Card, count: int) -> list[tuple[Shot, Scene]]:
    """Scenes of the kinds a card draws, in turn; every third object is hardly visible."""
    rng = np.random.default_rng(3)
    kinds = list(card.mini["scenes"])
    look = next(iter(card.mini["looks"]))
    scenes = []
    for index in range(count):
        kind = kinds[index % len(kinds)]
        objects = tuple(
            _object(rng, name, 0.2 if k == 2 else 1.0) for name in card.mini["scenes"][kind] for k in range(3)
        )
        pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        shot = Shot(index, "", kind, look, False, None)
        scenes.append((shot, Scene(pixels, kind, look, 0.5, objects, "")))
    return scenes


def _object(rng: np.random.Generator, name: str, visible: float) -> DrawnObject:
    cx, cy = rng.uniform((30, 25), (WIDTH - 30, HEIGHT - 25))
    width, height, angle = rng.uniform((8, 4, 0), (20, 8, 3))
    corners = from_rotated(float(cx), float(cy), float(width), float(height), float(angle))
    x1, y1, x2, y2, x3, y3, x4, y4 = corners
    return DrawnObject(name, "A1", (x1, y1, x2, y2, x3, y3, x4, y4), visible, visible < 1, hull(corners))
