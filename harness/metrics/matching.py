"""Which detection finds which object: the rule of VOC, DOTA and mmrotate, in two steps.

`nearest` looks at one image: every detection is tied to the object of its class that it overlaps most (the
first of equals), ignored objects included. `Found.judge` looks at all images and one threshold: of the
detections tied to an object and near enough, the one with the highest score finds it and the others are
false; there is no second choice. A detection near enough to an ignored object is neither true nor false. As
each detection is tied to one object only, the second step needs no boxes any more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats
from .average_precision import Indices

Flags = NDArray[np.bool_]


def ranking_score(score: float | None) -> float | None:
    """A score as evidence keeps it: None, which ranks last, where it is missing or not finite."""
    return float(score) if score is not None and math.isfinite(score) else None


def nearest(overlap: Floats, found: Sequence[int], gold: Sequence[int]) -> tuple[list[int], list[float]]:
    """For each detection the gold object of its class with the largest IoU, and that IoU.

    `overlap` (detections, objects), `found` and `gold` the class of each. -1 and 0.0 where nothing overlaps.

    >>> nearest(np.array([[0.2, 0.9], [0.0, 0.4]]), [0, 1], [0, 0])
    ([1, -1], [0.9, 0.0])
    """
    if not overlap.size:
        return [-1] * len(found), [0.0] * len(found)
    same = np.asarray(found)[:, None] == np.asarray(gold)[None, :]
    overlap = np.where(same, overlap, 0.0)
    best = overlap.argmax(1)
    value = overlap[np.arange(len(best)), best]
    return np.where(value > 0, best, -1).tolist(), value.tolist()


@dataclass(frozen=True, slots=True)
class Gold:
    """Objects of many images, one row each."""

    sample: Indices
    label: Indices  # class number
    area: Floats
    ignored: Flags

    def ignoring(self, more: Flags) -> Gold:
        """The same objects, of which more are ignored."""
        return Gold(self.sample, self.label, self.area, self.ignored | more)


@dataclass(frozen=True, slots=True)
class Found:
    """Detections of many images, by class, then falling score, then image, then place in the answer."""

    sample: Indices
    label: Indices
    area: Floats
    score: Floats
    match: Indices  # row of Gold, -1 for none
    overlap: Floats  # IoU with it

    @classmethod
    def ranked(
        cls, sample: Indices, label: Indices, area: Floats, score: Floats, match: Indices, overlap: Floats
    ) -> Found:
        """Sort detections given in the order of images and answers; equal scores keep that order."""
        order = np.lexsort((-score, label))
        return cls(sample[order], label[order], area[order], score[order], match[order], overlap[order])

    def judge(self, gold: Gold, threshold: float, strict: bool = False) -> tuple[Flags, Flags]:
        """True and false detections at an IoU threshold; what is neither was tied to an ignored object.

        `strict`: IoU must exceed the threshold (DOTA_devkit) and not merely reach it (mmrotate, mmdetection).
        """
        near = self.overlap > threshold if strict else self.overlap >= threshold
        near &= self.match >= 0
        neutral = np.zeros(len(near), bool)
        neutral[near] = gold.ignored[self.match[near]]
        candidates = np.flatnonzero(near & ~neutral)
        first = np.unique(self.match[candidates], return_index=True)[1]
        true = np.zeros(len(near), bool)
        true[candidates[first]] = True
        return true, ~true & ~neutral
