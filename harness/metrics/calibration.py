"""How far confidences are from the accuracies they promise: reliability curve, ECE, MCE, Brier score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Reliability:
    """Bins of equal confidence, empty ones left out: samples, mean confidence and accuracy of each."""

    low: Floats
    high: Floats
    count: Floats
    confidence: Floats
    accuracy: Floats

    @property
    def gaps(self) -> Floats:
        """How far accuracy is from confidence in each bin."""
        return np.abs(self.accuracy - self.confidence)

    def rows(self) -> list[dict[str, float]]:
        """The bins as JSON-able rows."""
        names = ("low", "high", "count", "confidence", "accuracy")
        return [{name: float(getattr(self, name)[i]) for name in names} for i in range(len(self.count))]


def reliability(
    confidence: ArrayLike, correct: ArrayLike, bins: int = 15, equal_mass: bool = False
) -> Reliability:
    """Confidences (samples,) in [0, 1] and whether each was right (samples,), in bins of the confidence.

    Bins are equally wide, (low, high] with 0 in the first (Guo et al. 2017), or, with `equal_mass`, hold
    equally many samples up to one; equal confidences then stay in one bin. Pairs with a confidence of NaN are
    left out.

    Raises:
        ValueError: lengths differ, a confidence outside [0, 1], or no bins.

    C. Guo et al.: On calibration of modern neural networks, ICML 2017, section 2.
    K. Nguyen, B. O'Connor: Posterior calibration and exploratory analysis, EMNLP 2015 (equal mass).

    >>> curve = reliability([0.9, 0.9, 0.6, 0.2], [1, 0, 1, 0], bins=5)
    >>> curve.count.tolist(), curve.accuracy.tolist(), [round(c, 2) for c in curve.confidence.tolist()]
    ([1.0, 1.0, 2.0], [0.0, 1.0, 0.5], [0.2, 0.6, 0.9])
    """
    said, right = _checked(confidence, correct)
    if bins < 1:
        raise ValueError(f"{bins} bins were asked for; at least 1 is needed.")
    tops = _equal_mass(said, bins) if equal_mass else np.linspace(0, 1, bins + 1)[1:]
    lows = np.concatenate(([0.0], tops[:-1]))
    place = np.searchsorted(tops, said, "left")
    count = np.bincount(place, minlength=len(tops)).astype(float)
    full = count > 0
    means = [np.bincount(place, value, len(tops))[full] / count[full] for value in (said, right)]
    return Reliability(lows[full], tops[full], count[full], *means)


def calibration(confidence: ArrayLike, correct: ArrayLike, bins: int = 15) -> dict[str, float | None]:
    """`ECE` (equal width), `ECE equal mass`, `MCE` and `Brier`, in [0, 1]; None of nothing.

    ECE is the mean gap between confidence and accuracy of the bins, weighted by their samples, MCE the
    largest. Brier is the mean squared difference between confidence and 1 (right) or 0 (wrong): for one
    confidence a sample, half of Brier's own sum over two classes.

    Guo et al. 2017, equations 3 and 5; G. Brier: Verification of forecasts, 1950.

    >>> {name: round(value, 3) for name, value in calibration([0.9, 0.9, 0.6, 0.2], [1, 0, 1, 0], 5).items()}
    {'ECE': 0.35, 'ECE equal mass': 0.35, 'MCE': 0.4, 'Brier': 0.255}
    """
    said, right = _checked(confidence, correct)
    if not len(said):
        return {"ECE": None, "ECE equal mass": None, "MCE": None, "Brier": None}
    wide, mass = (reliability(said, right, bins, equal_mass) for equal_mass in (False, True))
    return {
        "ECE": float(wide.count @ wide.gaps / len(said)),
        "ECE equal mass": float(mass.count @ mass.gaps / len(said)),
        "MCE": float(wide.gaps.max()),
        "Brier": float(np.mean((said - right) ** 2)),
    }


def summary(confidence: Sequence[float | None], correct: Sequence[float]) -> dict[str, Any] | None:
    """The figures of `calibration` and the `bins` of the curve, JSON-able; None without confidences.

    Confidences outside [0, 1] are no probabilities: then there is nothing to compare with accuracies either.
    """
    pairs = [(c, float(r)) for c, r in zip(confidence, correct, strict=True) if c is not None]
    if not pairs or not all(0 <= c <= 1 for c, _ in pairs):
        return None
    said, right = zip(*pairs, strict=True)
    return {**calibration(said, right), "bins": reliability(said, right).rows()}


def probability_of_tokens(logprobs: ArrayLike) -> float | None:
    """The confidence of an answer whose tokens have these log-probabilities: their geometric mean.

    The mean over tokens does not fall with the length of the answer, as their product would. None of no
    token or of one that is NaN.

    >>> probability_of_tokens([0.0, -1.3862943611198906])
    0.5
    """
    values = np.asarray(logprobs, float)
    if not values.size or np.isnan(values).any():
        return None
    return float(np.exp(min(float(values.mean()), 0.0)))


def _checked(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    said, right = np.asarray(confidence, float).ravel(), np.asarray(correct, float).ravel()
    if said.shape != right.shape:
        raise ValueError(f"{len(said)} confidences were given for {len(right)} answers.")
    known = ~np.isnan(said)
    said, right = said[known], right[known]
    if len(said) and (said.min() < 0 or said.max() > 1):
        raise ValueError(f"Confidences lie in [0, 1]; there are {said.min():g} and {said.max():g}.")
    return said, right


def _equal_mass(said: Floats, bins: int) -> NDArray[Any]:
    """The upper edges of bins that hold equally many samples: each the largest sample of its bin, then 1."""
    ranks = -(-len(said) * np.arange(1, bins) // bins)
    inner = np.sort(said)[ranks - 1] if len(said) else np.empty(0)
    return np.unique(np.append(inner, 1.0))
