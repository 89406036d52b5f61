"""Which figures of AP a view of detection has: by tie form, threshold and interpolation, and their means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .detection_view import View

ORDERS = 10  # as many random orders as Q. Li et al. (LMMRotate, 2025) take of equal scores
STATED, GROUP, FILE = "", "group", "file-order"
COCO_LEVELS = tuple(round(0.5 + 0.05 * k, 2) for k in range(10))

Key = tuple[str, float]  # tie form and IoU threshold: what detections are ranked under
_SPREADS: Mapping[str, Any] = {"mean": np.mean, "sd": np.std, "min": np.min, "max": np.max}


@dataclass(frozen=True, slots=True)
class PrecisionFigure:
    """A figure made of AP under one interpolation and one or more keys, brought together by `spread`."""

    name: str
    keys: tuple[Key, ...]
    interpolation: str
    spread: str = "mean"

    def of(self, means: Mapping[tuple[Key, str], NDArray[np.float64]]) -> NDArray[np.float64]:
        """The figure from mAP by key and interpolation, all of one shape; NaN where one of them is."""
        values = np.stack([means[key, self.interpolation] for key in self.keys])
        return np.asarray(_SPREADS[self.spread](values, 0))


def precision_figures(
    view: View, thresholds: Sequence[float], interpolations: Sequence[str], equal: bool, averaged: bool
) -> Iterator[PrecisionFigure]:
    """Every figure of AP of a view, in the order of a report.

    `equal`: all scores are equal, so that the three forms of AP without confidence are figures too.
    `averaged`: AP50:95, the mean over ten thresholds, is one.
    """
    for t in thresholds:
        for how in interpolations:
            yield PrecisionFigure(f"{view.name}/{view.title(t)}/{how}", ((STATED, t),), how)
    for how in interpolations if averaged else ():
        keys = tuple((STATED, t) for t in COCO_LEVELS)
        yield PrecisionFigure(f"{view.name}/{view.title('0.50:0.95')}/{how}", keys, how)
    for t in thresholds if equal else ():
        for how in interpolations:
            stem = f"{view.name}/{view.title(t, '_nc')}/{how}"
            orders = tuple((f"order {k}", t) for k in range(ORDERS))
            for spread in _SPREADS:
                yield PrecisionFigure(f"{stem}/orders/{spread}", orders, how, spread)
            yield PrecisionFigure(f"{stem}/group", ((GROUP, t),), how)
            yield PrecisionFigure(f"{stem}/file-order", ((FILE, t),), how)
