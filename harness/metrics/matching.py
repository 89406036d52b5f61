"""Which detection finds which object: the rule of VOC, DOTA and mmrotate, in two steps.

First (pairs.py), every detection is tied to the object of its class and image that it overlaps most (the
first of equals), ignored objects included. Then `Found.judge` looks at all images and one threshold: of the
detections tied to an object and near enough, the one with the highest score finds it and the others are
false; there is no second choice. A detection near enough to an ignored object is neither true nor false. As
each detection is tied to one object only, the second step needs no boxes any more.

Detections rank by falling score; equal scores by image, then place in the answer (a stable sort).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats
from .average_precision import Indices

Flags = NDArray[np.bool_]
Verdicts = NDArray[np.int8]  # (levels, detections), as in matching_kernel.py


def ranking_score(score: float | None) -> float | None:
    """A score as evidence keeps it: None, which ranks last, where it is missing or not finite."""
    return float(score) if score is not None and math.isfinite(score) else None


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
        from .matching_kernel import FALSE, TRUE

        verdict = self.verdicts(gold, [threshold], strict)[0]
        return verdict == TRUE, verdict == FALSE

    def verdicts(self, gold: Gold, levels: Any, strict: bool = False) -> Verdicts:
        """The verdict on every detection at every IoU level, in one pass."""
        from .matching_kernel import judged

        verdict = np.empty((len(levels), len(self.match)), np.int8)
        judged(self.match, self.overlap, gold.ignored, np.asarray(levels, float), strict, verdict)
        return verdict

    def forgetting(self, gold: Gold) -> Found:
        """The same detections, tied to nothing in images where every object is ignored (mmrotate 1.x)."""
        asked = np.zeros(int(self.sample.max(initial=-1)) + 1, bool)
        wanted = gold.sample[~gold.ignored]
        asked[wanted[wanted < len(asked)]] = True
        return replace(self, match=np.where(asked[self.sample], self.match, -1))

    def shuffled(self, generator: np.random.Generator) -> Found:
        """The same detections in a random order inside each class, as if their scores were all equal."""
        order = generator.permutation(len(self.match))
        order = order[np.argsort(self.label[order], kind="stable")]
        return Found(
            self.sample[order], self.label[order], self.area[order],
            np.ones(len(order)), self.match[order], self.overlap[order],
        )  # fmt: skip


def best_of_each(sample: Indices, label: Indices | None, score: Floats, limit: int) -> Flags:
    """Which detections are among the `limit` best of their image, or with `label` of their image and class.

    >>> best_of_each(np.zeros(3, int), None, np.array([0.2, 0.9, 0.2]), 2).tolist()
    [True, True, False]
    """
    group = sample if label is None else sample * (int(label.max(initial=0)) + 2) + label + 1
    order = np.lexsort((-score, group))
    ranked = group[order]
    first = np.concatenate([[True], ranked[1:] != ranked[:-1]]) if len(ranked) else np.zeros(0, bool)
    place = np.arange(len(ranked)) - np.maximum.accumulate(np.where(first, np.arange(len(ranked)), 0))
    kept = np.empty(len(ranked), bool)
    kept[order] = place < limit
    return kept
