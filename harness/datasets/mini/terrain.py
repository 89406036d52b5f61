"""Random fields and shaded textures of natural ground, made from small grids scaled up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

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
    # Each octave is added on its own small grid, so only the last is scaled to the full image.
    columns, rows = int(size / (cell * stretch)) + 3, int(size / cell) + 3
    offset = rng.random(2)
    field = Image.fromarray(rng.standard_normal((rows, columns), dtype=np.float32))
    scale, power = 1, 1.0
    for octave in range(1, octaves):
        if cell < 3 * scale:
            break
        scale *= 2
        weight = np.float32(persistence**octave)
        grid = (columns * scale, rows * scale)
        smooth = np.asarray(field.resize(grid, Image.Resampling.BICUBIC))
        detail = rng.standard_normal(grid[::-1], dtype=np.float32)
        field = Image.fromarray(smooth + weight * detail)
        power += float(weight) ** 2
    left, top = offset * scale
    area = (left, top, left + size * scale / (cell * stretch), top + size * scale / cell)
    full = np.asarray(field.resize((size, size), Image.Resampling.BICUBIC, box=area))
    return np.asarray(full * np.float32(1.35 / np.sqrt(power)), dtype=np.float32)


def _upscaled(rng: np.random.Generator, size: int, step: float) -> Field:
    return noise(rng, size, step) / np.float32(1.35)


def ridges(rng: np.random.Generator, size: int, cell: float, *, octaves: int = 5) -> Field:
    """A height field with sharp crests, size x size, about 0..1."""
    height = np.zeros((size, size), dtype=np.float32)
    for octave in range(octaves):
        step = max(cell / 2**octave, 1.5)
        layer = 1 - np.minimum(np.abs(_upscaled(rng, size, step)) * 1.1, 1)
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


def planar(pixels: npt.NDArray[Any]) -> Field:
    """The image (H, W, C) as floats, channel by channel in memory, where fields multiply it fastest."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=np.float32).transpose(1, 2, 0)


def blend(low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], share: npt.NDArray[Any]) -> Field:
    """Colours between two (3,) colours, one for each value 0..1 of ``share``: (H, W, 3)."""
    part = np.clip(share, 0, 1).astype(np.float32)
    first, step = low.astype(np.float32), (high - low).astype(np.float32)
    return np.stack([first[c] + step[c] * part for c in range(3)]).transpose(1, 2, 0)


def mix(first: Field, second: Field, share: npt.NDArray[Any]) -> Field:
    """Two images (H, W, 3) mixed by ``share`` 0..1 (H, W)."""
    part = np.clip(share, 0, 1)[..., None].astype(np.float32)
    return np.asarray(first + part * (second - first), dtype=np.float32)


def edge(field: npt.NDArray[Any], level: float, softness: float) -> Field:
    """A soft step: 0 well under ``level``, 1 well over it."""
    return np.asarray(np.clip((field - level) / softness + 0.5, 0, 1), dtype=np.float32)


def canopy(rng: np.random.Generator, size: int, crown: float, sun: float) -> tuple[Field, Field]:
    """Closed tree crowns about ``crown`` pixels wide under a low sun.

    Returns the brightness, about 1, and for each pixel the chance number 0..1 of its tree. A crown
    is what lies nearest to a tree's top (Worley's cells), rounded.
    """
    step = int(np.ceil(size / crown)) + 1
    grid = np.stack(np.meshgrid(np.arange(step), np.arange(step)), -1).reshape(-1, 2)
    tops = ((grid + rng.uniform(0, 1, grid.shape)) * crown).astype(int)
    tops = tops[np.all(tops < size, axis=1)]
    bare = np.ones((size, size), dtype=bool)
    bare[tops[:, 1], tops[:, 0]] = False
    distance, (rows, columns) = ndimage.distance_transform_edt(bare, return_indices=True)
    tree = rng.random((size, size), dtype=np.float32)[rows, columns]
    y, x = np.mgrid[0:size, 0:size]
    towards = (x - columns) * np.cos(sun) + (y - rows) * np.sin(sun)
    reach = np.float32(crown)
    shade = 1.08 - 0.55 * towards / reach - 0.75 * (distance / reach) ** 2 + 0.3 * (tree - 0.5)
    stands = 0.07 * noise(rng, size, crown * 12)
    return np.maximum(shade + stands, 0.3).astype(np.float32), tree


def softened(pixels: Field, sigma: float) -> Field:
    """The image (H, W) or (H, W, C) blurred by about a Gaussian of up to 1.5 pixels."""
    passes = 1 if sigma < 0.75 else 3
    side = np.float32(sigma**2 / 2 / passes)
    for _ in range(passes):
        for axis in (0, 1):
            across = np.moveaxis(pixels, axis, 0)
            blurred = across * (1 - 2 * side)
            part = across * side
            blurred[1:] += part[:-1]
            blurred[:-1] += part[1:]
            blurred[0] += part[0]
            blurred[-1] += part[-1]
            pixels = np.moveaxis(blurred, 0, axis)
    return pixels
