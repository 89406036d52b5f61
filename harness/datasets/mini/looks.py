"""What the sensor makes of the drawn scene: optical noise, radar speckle, thermal blur."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import terrain

Pixels = npt.NDArray[np.float32]


def developed(pixels: Pixels, look: str, rng: np.random.Generator, *, shifted: bool) -> npt.NDArray[np.uint8]:
    """The finished image (H, W, 3) uint8 of the drawn one (floats 0..255)."""
    finish = {"optical": _optical, "sar": _sar, "infrared": _infrared}[look]
    image: npt.NDArray[np.uint8] = np.clip(finish(pixels, rng, shifted), 0, 255).astype(np.uint8, order="C")
    return image


def _optical(pixels: Pixels, rng: np.random.Generator, shifted: bool) -> Pixels:
    size = pixels.shape[0]
    ground = terrain.noise(rng, size, rng.uniform(8, 30), octaves=4, persistence=0.7)
    pixels = pixels * (1 + np.float32(0.03) * ground[..., None])
    blur = rng.uniform(0.2, 0.75) + 0.35 * shifted
    if blur > 0.35:
        pixels = terrain.softened(pixels, blur)
    grain = rng.standard_normal((size, size, 1), dtype=np.float32)
    contrast = rng.uniform(0.85, 1.2)
    return (pixels - 118) * np.float32(contrast) + 118 + grain * np.float32(rng.uniform(1, 5))


def _sar(pixels: Pixels, rng: np.random.Generator, shifted: bool) -> Pixels:
    """Multiplicative speckle: intensity times a gamma variable of L looks and mean one."""
    size = pixels.shape[0]
    looks = int(rng.integers(1, 3) if shifted else rng.integers(2, 9))
    amplitude = pixels[..., 0] * (1 + 0.1 * terrain.noise(rng, size, 12, octaves=3))
    amplitude = terrain.softened(amplitude, 0.45)
    speckle = rng.standard_gamma(looks, (size, size), dtype=np.float32) / np.float32(looks)
    grey = np.maximum(amplitude, 0) * np.sqrt(speckle)
    if rng.random() < 0.5:
        grey = terrain.softened(grey, rng.uniform(0.35, 0.6))
    gain = rng.uniform(0.85, 1.45)
    return np.repeat((grey * np.float32(gain) + 3)[..., None], 3, axis=2)


def _infrared(pixels: Pixels, rng: np.random.Generator, shifted: bool) -> Pixels:
    size = pixels.shape[0]
    grey = pixels[..., 0] * (1 + 0.025 * terrain.noise(rng, size, 20, octaves=3))
    grey = terrain.softened(grey, rng.uniform(0.7, 1.2) + 0.4 * shifted)
    grain = rng.standard_normal((size, size), dtype=np.float32)
    columns = rng.standard_normal((1, size), dtype=np.float32)
    # The camera's automatic gain spreads a dull scene, up to a limit.
    spread = max(float(grey.std()), 4.0)
    gain = np.clip(rng.uniform(26, 46) / spread, 0.8, 2.4)
    grey = (grey - grey.mean()) * np.float32(gain) + np.float32(rng.uniform(95, 140))
    grey = grey + grain * np.float32(rng.uniform(2, 5)) + columns * np.float32(rng.uniform(0, 1.5))
    return np.repeat(grey.astype(np.float32)[..., None], 3, axis=2)
