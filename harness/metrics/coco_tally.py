"""Detections judged by COCO's rule, laid out for counting."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats
from .average_precision import Curve
from .coco_columns import Verdicts
from .coco_rule import RECALLS, Rule

Table = dict[str, float | None]


class CocoTally:
    """All detections of some samples, by class, best score first; of equals by sample, then rank."""

    def __init__(self, verdicts: Verdicts, classes: Sequence[str], samples: int, rule: Rule) -> None:
        self._classes = ("all classes",) if rule.agnostic else tuple(classes)
        self._rule, self._samples = rule, samples
        self._sizes = tuple(rule.areas)
        self._named = rule.named_levels()
        self._gold = verdicts.gold_sample, verdicts.gold_label, verdicts.gold_count
        order = np.lexsort((-verdicts.score, verdicts.label))
        order = order[verdicts.rank[order] < rule.limits[-1]]
        self._bounds = np.searchsorted(verdicts.label[order], np.arange(len(self._classes) + 1))
        self._sample, self._rank = verdicts.sample[order], verdicts.rank[order]
        self._taken, self._neutral = verdicts.taken.take(order, 1), verdicts.neutral.take(order, 1)

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """AP and AR by name; None where no class has objects of the size.

        Weights act as if each image were there so many times in a row; literal copies can differ only where
        one image has detections of the same score and class.
        """
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        precise: Table = {}
        complete: Table = {}
        for size, area in enumerate(self._sizes):
            if only is None or _size_of(only) == area:
                self._add(precise, complete, size, weight)
        return precise | complete

    def resampled(self, weights: NDArray[Any], only: str | None = None) -> Mapping[str, NDArray[np.float64]]:
        """Figures under each row of `weights` (draws, samples): (draws,), NaN where undefined."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # the compiled sweeps run side by side
            draws = list(pool.map(lambda row: self.figures(row, only), np.asarray(weights, float)))
        names = self.figures(only=only)
        return {name: np.array([draw[name] for draw in draws], float) for name in names}

    def by_class(self) -> dict[str, dict[str, Any]]:
        """Objects (crowds left out), detections, AP and AP50 of each class."""
        precision, _, positives = self._swept(0, np.ones(self._samples))
        shown = {f"AP{suffix}": k for suffix, k in self._named.items() if suffix == "50"}
        table = {}
        for c, name in enumerate(self._classes):
            row = precision[c] if positives[c] > 0 else None
            table[name] = {
                "objects": int(positives[c]),
                "detections": int(self._bounds[c + 1] - self._bounds[c]),
                "AP": None if row is None else float(row.mean()),
                **{figure: None if row is None else float(row[k]) for figure, k in shown.items()},
            }
        return table

    def curves(self) -> Mapping[str, Mapping[str, Mapping[str, Curve]]]:
        """Precision over recall of objects of every size, by class, at the IoU thresholds with a figure."""
        positives = self._swept(0, np.ones(self._samples))[2]
        found: dict[str, dict[str, Curve]] = {}
        for c in np.flatnonzero(positives > 0).tolist():
            rows = slice(self._bounds[c], self._bounds[c + 1])
            taken, neutral = self._taken[0, rows], self._neutral[0, rows]
            for level in self._named.values():
                counts = neutral >> level & 1 == 0
                hit = (taken >> level & 1 == 1) & counts
                curve = Curve.of(np.cumsum(hit)[hit], np.cumsum(counts)[hit], positives[c])
                found.setdefault(self._classes[c], {})[f"{self._rule.levels[level]:.2f}"] = curve
        return {"coco": found}

    def _add(self, precise: Table, complete: Table, size: int, weight: Floats) -> None:
        """The figures of one size bin."""
        precision, recall, positives = self._swept(size, weight)
        asked = positives > 0
        suffix = f" {self._sizes[size]}" if size else ""
        precise[f"AP{suffix}"] = _mean(precision[asked])
        if not size:
            for name, level in self._named.items():
                precise[f"AP{name}"] = _mean(precision[asked, level])
            for m, limit in enumerate(self._rule.limits):
                complete[f"AR{limit}"] = _mean(recall[asked, :, m])
        else:
            complete[f"AR{suffix}"] = _mean(recall[asked, :, -1])

    def _swept(self, size: int, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """AP (classes, thresholds), recall (classes, thresholds, limits) and number of objects (classes,)."""
        from .coco_kernel import sweep

        sample, label, count = self._gold
        positives = np.bincount(label, count[:, size] * weights[sample], len(self._classes)).astype(float)
        precision, recall = sweep(
            self._bounds, self._sample, self._rank, self._taken[size], self._neutral[size],
            weights, positives, RECALLS, np.array(self._rule.limits), len(self._rule.levels),
        )  # fmt: skip
        return precision, recall, positives


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def _size_of(figure: str) -> str:
    """The size bin that a figure is of.

    >>> _size_of("AP50"), _size_of("AR large")
    ('all', 'large')
    """
    return figure.partition(" ")[2] or "all"
