"""Average precision of a ranked list of hits and misses, under the three interpolations in public use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats

Indices = NDArray[np.intp]

# 0.1 steps as the VOC, DOTA and mmdetection scripts make them: the fourth is 0.30000000000000004, so that a
# recall of 3/10 does not reach it (golden case obb 06).
VOC07_RECALLS = np.arange(0.0, 1.1, 0.1)
COCO_RECALLS = np.linspace(0.0, 1.0, 101)


def voc07(recall: Floats, envelope: Floats) -> float:
    """Mean over recalls 0, 0.1 ... 1 of the best precision from that recall on (VOC 2007 devkit)."""
    return _at(VOC07_RECALLS, recall, envelope)


def coco101(recall: Floats, envelope: Floats) -> float:
    """Mean over recalls 0, 0.01 ... 1 of the best precision from that recall on (pycocotools)."""
    return _at(COCO_RECALLS, recall, envelope)


def area(recall: Floats, envelope: Floats) -> float:
    """Area under the best precision from each recall on (VOC 2010 devkit)."""
    return float(recall @ (envelope[:-1] - envelope[1:]))


INTERPOLATIONS: Mapping[str, Callable[[Floats, Floats], float]] = {
    "voc07": voc07,
    "area": area,
    "coco101": coco101,
}


def _at(levels: Floats, recall: Floats, envelope: Floats) -> float:
    return float(envelope[recall.searchsorted(levels)].sum() / len(levels))


@dataclass(frozen=True, slots=True)
class Curve:
    """Recall (points,), rising, and the precision at each point (points,), both in [0, 1]."""

    recall: Floats
    precision: Floats

    @classmethod
    def of(cls, hits: Any, found: Any, positives: float) -> Curve:
        """From how many hits and how many detections there are up to each point, and all objects (> 0)."""
        right, said = np.asarray(hits, float), np.asarray(found, float)
        return cls(right / positives, np.divide(right, said, out=np.zeros(len(right)), where=said > 0))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hits and misses of one class, best score first, kept so that any weighting of samples is one sweep.

    `hits` and `misses` are the sample of each hit and each miss, in order of rank. Point k of the curve has
    seen `hits[:hits_seen[k]]` and `misses[:misses_seen[k]]`. There is one behind each hit (recall rises
    nowhere else, so no other point matters to an interpolation), or one behind each group of equal scores.
    """

    hits: Indices
    misses: Indices
    hits_seen: Indices
    misses_seen: Indices

    @classmethod
    def of(cls, sample: Indices, score: Floats, hit: NDArray[np.bool_], grouped: bool) -> Ranking:
        """From detections sorted by falling score: sample, score and hit or miss of each.

        `grouped`: equal scores are one point of the curve, so that their order is of no account.
        """
        seen = np.cumsum(hit, dtype=np.intp)
        if grouped:
            last = np.append(score[1:] != score[:-1], True) if len(score) else np.zeros(0, bool)
            points = np.flatnonzero(last)
        else:
            points = np.flatnonzero(hit)
        return cls(sample[hit], sample[~hit], seen[points], points + 1 - seen[points])

    def curve(self, weights: Floats, positives: float) -> tuple[Floats, Floats]:
        """Recall (points,) and the envelope (points + 1,): the best precision from each point on, at last 0.

        `weights` (samples,) says how often each sample counts, `positives` (> 0) how many objects there are.
        """
        hits = _running(weights[self.hits])[self.hits_seen]
        found = hits + _running(weights[self.misses])[self.misses_seen]
        return hits / positives, envelope_of(hits, found)

    def precisions(self, positives: float) -> Curve:
        """Precision as it is at each point, every sample counted once; `positives` (> 0) objects in all."""
        return Curve.of(self.hits_seen, self.hits_seen + self.misses_seen, positives)

    def counts(self, weights: Floats) -> tuple[float, float]:
        """Hits and misses in all."""
        return float(weights[self.hits].sum()), float(weights[self.misses].sum())


def envelope_of(hits: Floats, found: Floats) -> Floats:
    """The best precision hits / found from each point (last axis) on, and 0 behind the last point."""
    envelope = np.zeros((*hits.shape[:-1], hits.shape[-1] + 1))
    np.divide(hits, found, out=envelope[..., :-1], where=found > 0)
    backwards = envelope[..., ::-1]
    np.maximum.accumulate(backwards, -1, out=backwards)
    return envelope


def average_precision(
    scores: Any, hit: Any, positives: int, interpolation: str = "area", grouped: bool = False
) -> float | None:
    """AP of one ranked list: `scores` (n,), `hit` (n,) true or false, `positives` objects in all.

    Equal scores stay in the order given, or with `grouped` are one point (scikit-learn's reading). None where
    there are no objects.

    The worked example of three hits among five detections of four objects, all scores equal:

    >>> hit = [True, False, True, False, True]
    >>> [round(average_precision([1] * 5, hit, 4, how), 4) for how in ("voc07", "area", "coco101")]
    [0.5636, 0.5667, 0.571]
    >>> [round(average_precision([1] * 5, hit, 4, how, grouped=True), 4) for how in ("voc07", "area")]
    [0.4364, 0.45]
    """
    if not positives:
        return None
    score = np.asarray(scores, float)
    order = np.argsort(-score, kind="stable")
    flags = np.asarray(hit, bool)[order]
    ranking = Ranking.of(np.arange(len(score), dtype=np.intp), score[order], flags, grouped)
    return INTERPOLATIONS[interpolation](*ranking.curve(np.ones(len(score)), positives))


def _running(values: Floats) -> Floats:
    """Sums of the first 0, 1 ... n values."""
    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums
