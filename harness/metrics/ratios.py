"""Figures that are one sum over samples divided by another: means, shares, cumulative ratios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..geometry import Floats
from .undefined import of_one_draw


class Ratios:
    """By figure: what each sample adds to the numerator (samples,) and to the denominator (samples,).

    A figure is None where its denominator is 0, and at least 0 (mean cosines of nonsense fall below).

    >>> tally = Ratios(2, {"accuracy": (np.array([1.0, 0.0]), np.array([1.0, 1.0]))})
    >>> tally.figures()["accuracy"], tally.figures([3, 1])["accuracy"], tally.figures([0, 0])["accuracy"]
    (0.5, 0.75, None)
    """

    def __init__(self, samples: int, parts: Mapping[str, tuple[Any, Any]]) -> None:
        self._samples, self._names = samples, tuple(parts)
        shape = (len(parts), samples)
        self._above = np.array([above for above, _ in parts.values()], float).reshape(shape)
        self._below = np.array([below for _, below in parts.values()], float).reshape(shape)

    def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
        """Every figure; None where its denominator is 0."""
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        return of_one_draw(self.resampled(weight[None], only))

    def resampled(self, weights: Any, only: str | None = None) -> Mapping[str, Floats]:
        """Every figure under every draw, NaN where its denominator is 0; `weights` (draws, samples)."""
        weight = np.asarray(weights, float)
        values = {}
        for i, name in enumerate(self._names):  # one by one: a sum must not depend on those beside it
            if only in (None, name):
                above, below = weight @ self._above[i], weight @ self._below[i]
                ratio = np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
                values[name] = np.maximum(ratio, 0.0)
        return values
