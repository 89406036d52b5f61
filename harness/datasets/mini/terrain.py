"""Random fields and shaded textures of natural ground, made from small grids scaled up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.float32]


def noise(
    rng: np.random.Generator,
    size: int,
    cell: float,
    *,
    octaves: int = 1,
    persistence: float = 0.5,
    stretch: float = 1.0,
) -> Field:
    """Smooth noise, size x size, mean about 0 and deviation about 1.

    ``cell`` is the size in pixels of the largest features, ``stretch`` their width by height.
    """
    total = np.zeros((size, size), dtype=np.float32)
    power = 0.0
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.0)
        weight = persistence**octave
        total += weight * _upscaled(rng, size, step * stretch, step)
        power += weight**2
    return total * np.float32(1.35 / np.sqrt(power))


def _upscaled(rng: np.random.Generator, size: int, across: float, down: float) -> Field:
    columns, rows = int(np.ceil(size / across)) + 3, int(np.ceil(size / down)) + 3
    grid = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    offset = rng.random(2)
    area = (offset[0], offset[1], offset[0] + size / across + 1, offset[1] + size / down + 1)
    smooth = grid.resize((size, size), Image.Resampling.BICUBIC, box=area)
    return np.asarray(smooth, dtype=np.float32)


def ridges(rng: np.random.Generator, size: int, cell: float, *, octaves: int = 5) -> Field:
    """A height field with sharp crests, size x size, about 0..1."""
    height = np.zeros((size, size), dtype=np.float32)
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.5)
        layer = 1 - np.minimum(np.abs(_upscaled(rng, size, step, step)) * 1.1, 1)
        height += np.float32(0.52**octave) * layer
    return np.asarray(height / np.float32(1.9), dtype=np.float32)


def slope(height: Field, direction: float) -> Field:
    """How steeply the field rises along ``direction`` (radians, y down), per pixel."""
    down, across = np.gradient(height)
    rise = across * np.cos(direction) + down * np.sin(direction)
    return np.asarray(rise, dtype=np.float32)


def stripes(size: int, period: float, angle: float, warp: Field | float = 0.0) -> Field:
    """Parallel waves -1..1 of a period in pixels, crests along ``angle``, bent by ``warp``."""
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    across = y * np.float32(np.cos(angle)) - x * np.float32(np.sin(angle))
    return np.asarray(np.sin(across * np.float32(2 * np.pi / period) + warp), dtype=np.float32)


def blend(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], share: npt.NDArray[Any]) -> Field:
    """Colours between two (3,) colours, one for each value 0..1 of ``share``: (H, W, 3)."""
    part = np.clip(share, 0, 1)[..., None].astype(np.float32)
    return low.astype(np.float32) + part * (high - low).astype(np.float32)


def mix(first: Field, second: Field, share: npt.NDArray[Any]) -> Field:
    """Two images (H, W, 3) mixed by ``share`` 0..1 (H, W)."""
    part = np.clip(share, 0, 1)[..., None].astype(np.float32)
    return np.asarray(first + part * (second - first), dtype=np.float32)


def edge(field: npt.NDArray[Any], level: float, softness: float) -> Field:
    """A soft step: 0 well under ``level``, 1 well over it."""
    return np.asarray(np.clip((field - level) / softness + 0.5, 0, 1), dtype=np.float32)


def canopy(rng: np.random.Generator, size: int, crown: float, sun: float) -> Field:
    """The brightness, about 1, of closed tree crowns ``crown`` pixels wide under a low sun."""
    bumps = noise(rng, size, crown, octaves=2, persistence=0.6)
    stands = noise(rng, size, crown * 12)
    lit = slope(bumps, sun) * np.float32(crown)
    return np.asarray(1 + 0.2 * lit + 0.1 * bumps + 0.08 * stands, dtype=np.float32)
