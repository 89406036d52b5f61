"""True, false and missed detections at a threshold: precision, recall, F1 over all and by class, and AR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Floats
from .average_precision import Ranking


@dataclass(frozen=True, slots=True)
class Counts:
    """By class (classes,): detections that are true and false, and objects asked for.

    Every detection counts, whatever its score, and every object once, so that a perfect detector has F1 = 1.
    """

    true: Floats
    false: Floats
    objects: Floats

    @classmethod
    def of(cls, rankings: Sequence[Ranking], weights: Floats, objects: Floats) -> Counts:
        """From the rankings of all classes under weights of the samples."""
        pairs = [ranking.counts(weights) for ranking in rankings]
        return cls(np.array([t for t, _ in pairs]), np.array([f for _, f in pairs]), objects)

    def report(self) -> dict[str, float | None]:
        """Micro counts and ratios, and `macro f1`, the mean F1 over the classes with objects."""
        true, false, total = float(self.true.sum()), float(self.false.sum()), float(self.objects.sum())
        scores = [_f1(t, f, p) for t, f, p in zip(self.true, self.false, self.objects, strict=True) if p > 0]
        return {
            "true": true,
            "false": false,
            "missed": total - true,
            "precision": true / (true + false) if true + false else None,
            "recall": true / total if total else None,
            "f1": _f1(true, false, total),
            "macro f1": float(np.mean([s for s in scores if s is not None])) if scores else None,
        }

    def mean_recall(self) -> float | None:
        """Recall, the mean over the classes with objects."""
        asked = self.objects > 0
        return float((self.true[asked] / self.objects[asked]).mean()) if asked.any() else None


def count_figures(view: str, counts: Mapping[float, Counts]) -> dict[str, float | None]:
    """precision, recall, F1 and mF1 (macro) at every threshold."""
    figures: dict[str, float | None] = {}
    for t, count in counts.items():
        report = count.report()
        for name, key in (
            ("precision", "precision"),
            ("recall", "recall"),
            ("F1", "f1"),
            ("mF1", "macro f1"),
        ):
            figures[f"{view}/{name}@{t:.2f}"] = report[key]
    return figures


def average_recall(counts: Sequence[Counts]) -> float | None:
    """AR: recall, the mean over classes and then over IoU thresholds."""
    recalls = [r for r in (count.mean_recall() for count in counts) if r is not None]
    return float(np.mean(recalls)) if recalls else None


def _f1(true: float, false: float, positives: float) -> float | None:
    total = float(true + false + positives)
    return 2 * float(true) / total if total else None
