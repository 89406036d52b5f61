"""True, false and missed detections at a threshold: precision, recall, F1 over all and by class, and AR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..geometry import Floats
from .average_precision import Ranking
from .undefined import number

# figure -> what Counts calls it
_FIGURES = {"precision": "precision", "recall": "recall", "F1": "f1", "mF1": "macro f1"}


@dataclass(frozen=True)
class Counts:
    """By class (..., classes): true and false detections, and objects asked for, of one draw or many.

    Every detection counts, whatever its score, and every object once, so that a perfect detector has F1 = 1.
    """

    true: Floats
    false: Floats
    objects: Floats

    @cached_property
    def ratios(self) -> Mapping[str, Floats]:
        """precision, recall and F1 over all classes, `macro f1` and `macro recall` over those with objects.

        Each (...,), NaN where there is nothing to divide by.
        """
        true, false, total = (part.sum(-1) for part in (self.true, self.false, self.objects))
        return {
            "precision": _ratio(true, true + false),
            "recall": _ratio(true, total),
            "f1": _ratio(2 * true, true + false + total),
            "macro f1": self._macro(_ratio(2 * self.true, self.true + self.false + self.objects)),
            "macro recall": self._macro(_ratio(self.true, self.objects)),
        }

    def report(self) -> dict[str, float | None]:
        """Micro counts and ratios of one draw, and `macro f1`, the mean F1 over the classes with objects."""
        true, false, total = float(self.true.sum()), float(self.false.sum()), float(self.objects.sum())
        named = ("precision", "recall", "f1", "macro f1")
        ratios = {name: number(self.ratios[name]) for name in named}
        return {"true": true, "false": false, "missed": total - true, **ratios}

    def mean_recall(self) -> float | None:
        """Recall of one draw, the mean over the classes with objects."""
        return number(self.ratios["macro recall"])

    def _macro(self, of_classes: Floats) -> Floats:
        asked = self.objects > 0
        return _ratio(np.where(asked, of_classes, 0.0).sum(-1), asked.sum(-1).astype(float))


def tallies(rankings: Sequence[Ranking], samples: int) -> tuple[Floats, Floats]:
    """How many true and how many false detections of each class every sample has: two (samples, classes)."""
    true = [np.bincount(ranking.hits, minlength=samples) for ranking in rankings]
    false = [np.bincount(ranking.misses, minlength=samples) for ranking in rankings]
    shape = (len(rankings), samples)
    return np.array(true, float).reshape(shape).T, np.array(false, float).reshape(shape).T


def count_figures(view: str, counts: Mapping[float, Counts]) -> dict[str, Floats]:
    """precision, recall, F1 and mF1 (macro) at every threshold, of one draw or many."""
    return {
        f"{view}/{name}@{t:.2f}": count.ratios[key]
        for t, count in counts.items()
        for name, key in _FIGURES.items()
    }


def average_recall(counts: Sequence[Counts]) -> Floats:
    """AR: recall, the mean over classes and then over IoU thresholds; NaN without objects."""
    return np.asarray(sum(count.ratios["macro recall"] for count in counts) / len(counts))


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))
