"""Objects by size: COCO's areas, or bins of the side in pixels that a user gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ..geometry import Floats
from .matching import Flags

# COCO's size bins, in square pixels: from (included) to (excluded), so that every object is in one.
COCO_SIZES = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, np.inf)}


def size_bins(edges: Sequence[float] | None) -> Mapping[str, tuple[float, float]]:
    """Bins of area by name: COCO's, or between `edges`, which are sides (square roots of areas) in pixels.

    >>> size_bins([16, 32])
    {'below 16 px': (0.0, 256.0), '16 to 32 px': (256.0, 1024.0), 'from 32 px': (1024.0, inf)}
    """
    if edges is None:
        return COCO_SIZES
    sides = [float(e) for e in sorted(edges)]
    bins = {f"below {sides[0]:g} px": (0.0, sides[0] ** 2)}
    bins |= {f"{a:g} to {b:g} px": (a**2, b**2) for a, b in zip(sides, sides[1:], strict=False)}
    return bins | {f"from {sides[-1]:g} px": (sides[-1] ** 2, np.inf)}


def outside(bounds: tuple[float, float]) -> Callable[[Floats], Flags]:
    """Which areas lie outside a bin."""
    low, high = bounds
    return lambda area: (area < low) | (area >= high)
