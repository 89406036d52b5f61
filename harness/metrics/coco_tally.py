"""Detections judged by COCO's rule, laid out for counting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Evidence
from ..geometry import Floats
from .average_precision import Indices, coco101, envelope_of

LEVELS = np.linspace(0.5, 0.95, 10)
# Both bounds belong to the bin, in square pixels (pycocotools' areaRng).
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
_AREA_NAMES = tuple(AREAS)


@dataclass(frozen=True, slots=True)
class Ranked:
    """The detections of one class that count in one size bin, best score first, and their verdicts."""

    sample: Indices
    rank: Indices  # place in their image
    hit: Floats  # (thresholds, n), 1 or 0: as floats, since every reduction multiplies by them
    miss: Floats

    def average_precision(self, weights: Floats, positives: float) -> list[float]:
        """AP at each threshold."""
        weight = weights[self.sample]
        hits = (self.hit * weight).cumsum(1)
        found = (self.miss * weight).cumsum(1)
        found += hits
        envelope = envelope_of(hits, found)
        return [coco101(r, e) for r, e in zip(hits / positives, envelope, strict=True)]

    def recall(self, limit: int, weights: Floats, positives: float) -> Floats:
        """Share of objects found at each threshold by the first `limit` detections of every image."""
        weight = weights[self.sample] * (self.rank < limit)
        return np.asarray(self.hit @ weight / positives)


class CocoTally:
    """All detections of some evidence, by class."""

    def __init__(self, evidence: Sequence[Evidence], classes: Sequence[str], limit: int) -> None:
        self._classes, self._limit, self._samples = tuple(classes), limit, len(evidence)
        gold = np.array([(i, *row) for i, e in enumerate(evidence) for row in e["gold"]], int)
        gold = gold.reshape(-1, 2 + len(AREAS))
        self._gold_sample, self._gold_class, self._gold_count = gold[:, 0], gold[:, 1], gold[:, 2:]
        rows: list[list[list[Any]]] = [[] for _ in classes]
        for i, e in enumerate(evidence):
            for number, rank, score, taken, neutral in e["found"]:
                rows[number].append([i, rank, -np.inf if score is None else score, *taken, *neutral])
        self._given = [len(r) for r in rows]
        self._ranked = list(zip(*(_ranked(r) for r in rows), strict=True))  # by size bin, then class

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """The twelve figures by name; None where no class has objects of the size.

        Weights act as if each image were there so many times in a row; literal copies can differ only where
        one image has detections of the same score and class.
        """
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        positives = self._positives(weight)
        named: dict[str, float | None] = {}
        for size, area in enumerate(_AREA_NAMES):
            rows = [row for row in self._precisions(size, weight, positives) if row]
            suffix = "" if area == "all" else f" {area}"
            named[f"AP{suffix}"] = float(np.mean(rows)) if rows else None
            if area == "all":
                for name, level in (("AP50", 0), ("AP75", 5)):
                    named[name] = float(np.mean([row[level] for row in rows])) if rows else None
        for limit in (1, 10, self._limit):
            named[f"AR{limit}"] = self._recall(0, limit, weight, positives)
        for size, area in enumerate(_AREA_NAMES[1:], 1):
            named[f"AR {area}"] = self._recall(size, self._limit, weight, positives)
        return named

    def by_class(self) -> dict[str, dict[str, Any]]:
        """Objects (crowds left out), detections, AP and AP50 of each class."""
        weight = np.ones(self._samples)
        positives = self._positives(weight)
        table = {}
        for c, row in enumerate(self._precisions(0, weight, positives)):
            table[self._classes[c]] = {
                "objects": int(positives[0, c]),
                "detections": self._given[c],
                "AP": float(np.mean(row)) if row else None,
                "AP50": row[0] if row else None,
            }
        return table

    def _positives(self, weights: Floats) -> Floats:
        """(size bins, classes): how many objects are asked for."""
        counts = self._gold_count * weights[self._gold_sample, None]
        return np.stack(
            [np.bincount(self._gold_class, counts[:, size], len(self._classes)) for size in range(len(AREAS))]
        ).astype(float)

    def _precisions(self, size: int, weights: Floats, positives: Floats) -> list[list[float] | None]:
        """AP at each threshold of each class, None without objects."""
        return [
            ranked.average_precision(weights, total) if total > 0 else None
            for ranked, total in zip(self._ranked[size], positives[size], strict=True)
        ]

    def _recall(self, size: int, limit: int, weights: Floats, positives: Floats) -> float | None:
        rows = [
            ranked.recall(limit, weights, total)
            for ranked, total in zip(self._ranked[size], positives[size], strict=True)
            if total > 0
        ]
        return float(np.mean(rows)) if rows else None


def _ranked(rows: list[list[Any]]) -> list[Ranked]:
    """For each size bin, from rows of sample, rank, score, and bits (taken, neutral) of each bin."""
    table = np.array(rows, float).reshape(-1, 3 + 2 * len(AREAS))
    table = table[np.argsort(-table[:, 2], kind="stable")]
    bits = table[:, 3:].astype(np.intp).T.reshape(2, len(AREAS), 1, -1)
    taken, neutral = (bits >> np.arange(len(LEVELS))[:, None] & 1).astype(bool)
    sample, rank = table[:, 0].astype(np.intp), table[:, 1].astype(np.intp)
    ranked = []
    for taken_here, neutral_here in zip(taken, neutral, strict=True):
        counts = ~neutral_here.all(0)
        hit, miss = taken_here & ~neutral_here, ~taken_here & ~neutral_here
        verdicts = hit[:, counts].astype(float), miss[:, counts].astype(float)
        ranked.append(Ranked(sample[counts], rank[counts], *verdicts))
    return ranked
