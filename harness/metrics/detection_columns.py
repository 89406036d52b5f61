"""Detection from arrays: objects and detections in columns to AP of every class at every threshold.

The same two steps as the metric `detection`, which observes through them: pairs.py ties each detection to one
object, matching.py judges and ranks. n log n in detections; nothing is held for every pair of boxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, unknown
from ..geometry import Floats
from .average_precision import COCO_RECALLS, INTERPOLATIONS, VOC07_RECALLS, Indices
from .detection_rules import RULES, Rule
from .matching import Flags, Found, Gold, best_of_each
from .pairs import Pairs

_PLACE = {"voc07": 0, "area": 1, "coco101": 2}


@dataclass(frozen=True, slots=True)
class Objects:
    """Ground truth, one row each: image and class numbers from 0, the region, whether it is ignored.

    `points`: (n, 4) boxes, (n, 8) corners in any order, or (n, 5) as (cx, cy, width, height, clockwise
    radians; rotated.py reads other conventions). Regions that are none (geometry.py) can only be missed.
    """

    sample: Any
    label: Any
    points: Any
    ignored: Any = None

    def sorted_by_sample(self) -> tuple[Indices, Indices, Floats, Flags]:
        """The columns as arrays, by image; the order inside an image stays."""
        sample, label = _whole(self.sample), _whole(self.label)
        ignored = np.zeros(len(sample), bool) if self.ignored is None else np.asarray(self.ignored, bool)
        points = np.asarray(self.points, float)
        _same_length("objects", sample, label, points, ignored)
        if (sample[1:] >= sample[:-1]).all():
            return sample, label, points, ignored
        order = np.argsort(sample, kind="stable")
        return sample[order], label[order], points[order], ignored[order]


@dataclass(frozen=True, slots=True)
class Detections:
    """What a model found, columns as in `Objects`; a score that is not finite ranks last."""

    sample: Any
    label: Any
    points: Any
    score: Any

    def sorted_by_sample(self) -> tuple[Indices, Indices, Floats, Floats]:
        """The columns as arrays, by image; the order inside an image stays."""
        sample, label = _whole(self.sample), _whole(self.label)
        points, score = np.asarray(self.points, float), np.asarray(self.score, float)
        _same_length("detections", sample, label, points, score)
        score = np.where(np.isfinite(score), score, -np.inf)
        if (sample[1:] >= sample[:-1]).all():
            return sample, label, points, score
        order = np.argsort(sample, kind="stable")
        return sample[order], label[order], points[order], score[order]


@dataclass(frozen=True, slots=True)
class Precisions:
    """AP by threshold, interpolation and class: (t, i, c), NaN where a class has no objects."""

    by_class: Floats

    def mean(self) -> Floats:
        """Over the classes that have objects, (t, i); NaN where none has."""
        there = ~np.isnan(self.by_class)
        total = np.where(there, self.by_class, 0.0).sum(-1)
        count = there.sum(-1)
        return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def matched(objects: Objects, detections: Detections, rule: Rule = RULES["exact"]) -> tuple[Gold, Found]:
    """Objects, and detections ranked and tied to one object each."""
    gold_sample, gold_label, gold_points, ignored = objects.sorted_by_sample()
    sample, label, points, score = detections.sorted_by_sample()
    pairs = Pairs(points, gold_points, sample, gold_sample, rule.iou)
    match, overlap = pairs.nearest(label, gold_label)
    gold = Gold(gold_sample, gold_label, pairs.gold.areas, ignored)
    found = Found.ranked(sample, label, pairs.found.areas, score, match, overlap)
    return gold, found.forgetting(gold) if rule.forgets_ignored else found


def average_precisions(
    objects: Objects,
    detections: Detections,
    classes: int,
    thresholds: Sequence[float] = (0.5,),
    interpolations: Sequence[str] = ("voc07",),
    rule: Rule = RULES["exact"],
    grouped: bool = False,
    limit: int | None = None,
    limit_by_class: bool = False,
) -> Precisions:
    """AP of every class at every IoU threshold, all in one pass over the boxes.

    `grouped`: equal scores are one point of the curve. `limit`: only so many best detections of an image
    count, or with `limit_by_class` of an image and class. Rows of a class outside 0 to `classes` - 1 are
    as if they were not there.

    Raises:
        DataError: columns of different lengths or that are not whole numbers where they must be.
        UsageError: an interpolation that does not exist.

    >>> boxes = [(0, 0, 10, 10), (50, 0, 60, 10)]
    >>> objects = Objects([0, 0], [0, 0], boxes)
    >>> said = Detections([0, 0], [0, 0], [(0, 0, 10, 9), (90, 0, 99, 9)], [0.9, 0.5])
    >>> average_precisions(objects, said, 1, (0.5, 0.95), ("voc07", "area")).mean().round(4).tolist()
    [[0.5455, 0.5], [0.0, 0.0]]
    """
    for how in interpolations:
        if how not in _PLACE:
            raise unknown("interpolation", how, INTERPOLATIONS)
    if limit is not None:
        detections = _best(detections, classes, limit, limit_by_class)
    gold, found = matched(objects, detections, rule)
    verdict = found.verdicts(gold, rule.levels(thresholds), rule.strict)
    asked = gold.label[~gold.ignored & (gold.label >= 0) & (gold.label < classes)]
    positives = np.bincount(asked, minlength=classes).astype(float)
    table = _table(verdict, found, positives, grouped)
    return Precisions(table[:, [_PLACE[how] for how in interpolations]])


def _table(verdict: NDArray[np.int8], found: Found, positives: Floats, grouped: bool) -> Floats:
    """AP (levels, interpolations, classes)."""
    from .matching_kernel import precisions

    ends = np.searchsorted(found.label, np.arange(len(positives) + 1))
    out = np.empty((len(verdict), len(positives), len(_PLACE)))
    precisions(verdict, found.score, ends, positives, grouped, VOC07_RECALLS, COCO_RECALLS, out)
    return out.transpose(0, 2, 1)


def _best(detections: Detections, classes: int, limit: int, by_class: bool) -> Detections:
    sample, label, points, score = detections.sorted_by_sample()
    kept = (label >= 0) & (label < classes)
    kept[kept] = best_of_each(sample[kept], label[kept] if by_class else None, score[kept], limit)
    return Detections(sample[kept], label[kept], points[kept], score[kept])


def _whole(numbers: Any) -> Indices:
    given = np.asarray(numbers)
    if given.size and given.dtype.kind not in "iu":
        raise DataError("Image and class numbers of detection columns are whole numbers.")
    return np.ascontiguousarray(given, np.intp)


def _same_length(what: str, *columns: NDArray[Any]) -> None:
    if len({len(column) for column in columns}) > 1:
        sizes = ", ".join(str(len(column)) for column in columns)
        raise DataError(f"The columns of {what} have different lengths: {sizes}.")
