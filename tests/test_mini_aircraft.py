"""Twenty types that can be told apart by their shape alone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from rsbench.harness.datasets.mini.aircraft import TYPES, draw_aircraft, extent
from rsbench.harness.datasets.mini.canvas import Canvas
from rsbench.harness.datasets.mini.palettes import Palette
from rsbench.harness.datasets.mini.scene import AIRCRAFT


def _silhouette(name: str) -> npt.NDArray[np.bool_]:
    """The type nose right, scaled to the same length."""
    rng = np.random.Generator(np.random.PCG64(0))
    distance = max(extent(name)) / 96
    canvas = Canvas(rng, 112, distance, "infrared", Palette(rng, "infrared", shifted=False))
    draw_aircraft(canvas, name, np.array([56.0, 56.0]), 0.0)
    mask: npt.NDArray[np.bool_] = np.asarray(canvas.image).max(2) > 0
    return mask


def test_every_type_has_a_planform() -> None:
    assert tuple(TYPES) == AIRCRAFT


def test_types_differ_in_outline_or_clearly_in_size() -> None:
    masks = {name: _silhouette(name) for name in AIRCRAFT}
    for first, second in combinations(AIRCRAFT, 2):
        a, b = masks[first], masks[second]
        overlap = (a & b).sum() / (a | b).sum()
        lengths = sorted((max(extent(first)), max(extent(second))))
        assert overlap < 0.9 or lengths[1] > 1.3 * lengths[0], (first, second, overlap)


def test_aircraft_are_symmetric() -> None:
    for name in AIRCRAFT:
        mask = _silhouette(name)
        assert (mask ^ mask[::-1]).sum() < 0.06 * mask.sum(), name
