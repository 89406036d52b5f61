"""F1 as LMMRotate computes it, for its published numbers: many-to-one, and averaged over a row too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Evidence, Target
from ..geometry import Floats, box, corners, iou
from ..legacy_iou import mmcv_iou
from .average_precision import Indices
from .detection_rules import rule_of
from .detection_view import View


class PublicF1:
    """Precision, recall and F1 of LMMRotate's f1_metric.py (VisionXLab/mllm-mmrotate), at one IoU threshold.

    Every pair of a detection and an object whose IoU reaches the threshold counts once in a confusion
    matrix, whatever their classes: a second detection of an object is true again, and one detection over two
    objects is true twice. A detection near no object, and an object that no detection of its class is near,
    go to the background. Precision and recall are averaged over the classes and the background, which has
    none of either, so that a perfect detector of K classes gets K / (K + 1): 0.857 for 6, 0.952 for 20. The
    F1 of `Detection` is one-to-one and averaged over the classes that have objects.

    Ignored objects count like others, as there. `rule`: "mmrotate-1" for its float32 IoU of oriented boxes,
    "exact" otherwise. 0 where precision and recall are both 0 (the script prints nan).

    >>> from rsbench.harness.contract import Region
    >>> metric = PublicF1({"six": {c: c for c in "abcdef"}})
    >>> boxes = tuple(Region((20.0 * i, 0, 20.0 * i + 10, 10), c) for i, c in enumerate("abcdef"))
    >>> figures = metric.tally([metric.observe(Target(regions=boxes), Answer(regions=boxes))]).figures()
    >>> round(figures["six/F1-public@0.50"], 4)
    0.8571
    """

    name = "detection-f1-public"
    confident = False

    def __init__(
        self,
        views: Mapping[str, Mapping[str, str]],
        threshold: float = 0.5,
        oriented: bool = False,
        rule: str = "exact",
    ) -> None:
        self.views = {name: View(name, mapping) for name, mapping in views.items()}
        self.threshold, self.oriented = threshold, oriented
        self.rule = rule_of(rule, oriented)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """`{VIEW: [[row, column, count], ...]}` of the confusion matrix; row and column K: background."""
        gold, found = target.regions, answer.regions
        near = self._overlap(found, gold) >= self.rule.levels([self.threshold])[0]
        evidence = {}
        for view in self.views.values():
            wanted, said = view.classes_of(gold), view.classes_of(found)
            here = near[said >= 0][:, wanted >= 0]
            evidence[view.name] = _confusion(here, said[said >= 0], wanted[wanted >= 0], len(view.classes))
        return evidence

    def tally(self, evidence: Sequence[Evidence]) -> ConfusionTally:
        """Sum the matrices."""
        return ConfusionTally(evidence, list(self.views.values()), f"{self.threshold:.2f}")

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """The confusion matrix of each view: rows are classes and the background, columns what was said."""
        tally = self.tally(evidence)
        return {view: {"confusion": tally.matrix(view).tolist()} for view in self.views}

    def _overlap(self, found: Sequence[Any], gold: Sequence[Any]) -> Floats:
        if not self.oriented:
            return iou([box(r.points) for r in found], [box(r.points) for r in gold])
        if self.rule.iou == "mmcv":
            return mmcv_iou([corners(r.points) for r in found], [corners(r.points) for r in gold])
        return iou([r.points for r in found], [r.points for r in gold])


class ConfusionTally:
    """Confusion matrices of many samples, one a view."""

    def __init__(self, evidence: Sequence[Evidence], views: Sequence[View], level: str) -> None:
        self._views, self._level, self._samples = views, level, len(evidence)
        self._rows = {
            view.name: np.array(
                [(s, *row) for s, sample in enumerate(evidence) for row in sample[view.name]], float
            ).reshape(-1, 4)
            for view in views
        }

    def matrix(self, view: str, weights: NDArray[Any] | None = None) -> Floats:
        """(K + 1, K + 1), each sample as often as its weight says."""
        size = next(len(v.classes) for v in self._views if v.name == view) + 1
        rows = self._rows[view]
        count = rows[:, 3] if weights is None else rows[:, 3] * np.asarray(weights)[rows[:, 0].astype(int)]
        cell = (rows[:, 1] * size + rows[:, 2]).astype(int)
        return np.asarray(np.bincount(cell, count, size * size).reshape(size, size), float)

    def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
        """precision-public, recall-public and F1-public of each view; None of nothing."""
        figures: dict[str, float | None] = {}
        for view in self._views:
            if only is not None and not only.startswith(f"{view.name}/"):
                continue
            matrix = self.matrix(view.name, weights)
            values: tuple[float | None, ...] = (None, None, None)
            if matrix.any():
                hits, said, there = np.diag(matrix), matrix.sum(0), matrix.sum(1)
                precision = float((hits / np.where(said > 0, said, 1)).mean())
                recall = float((hits / np.where(there > 0, there, 1)).mean())
                both = precision + recall
                values = precision, recall, 2 * precision * recall / both if both else 0.0
            for name, value in zip(("precision", "recall", "F1"), values, strict=True):
                figures[f"{view.name}/{name}-public@{self._level}"] = value
        return {name: v for name, v in figures.items() if only in (None, name)}


def _confusion(near: NDArray[np.bool_], found: Indices, gold: Indices, classes: int) -> list[list[int]]:
    """Cells of one sample's matrix that are not 0; `near` (detections, objects), and the class of each."""
    matrix = np.zeros((classes + 1, classes + 1), int)
    d, g = np.nonzero(near)
    np.add.at(matrix, (gold[g], found[d]), 1)
    np.add.at(matrix[-1], found[~near.any(1)], 1)
    right = (near & (found[:, None] == gold[None, :])).any(0)
    np.add.at(matrix[:, -1], gold[~right], 1)
    return [[int(i), int(j), int(matrix[i, j])] for i, j in zip(*np.nonzero(matrix), strict=True)]
