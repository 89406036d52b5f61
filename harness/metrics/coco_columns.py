"""Objects and detections of a whole data set in columns, and what COCO's rule makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contract import Evidence
from ..geometry import Floats
from .coco_rule import Rule

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Candidates: TypeAlias = tuple[Ints, Ints, Floats]  # starts (n + 1,), objects, overlaps


@dataclass(frozen=True, slots=True)
class Objects:
    """What is asked for, one row each. `area` decides the size, in square pixels."""

    sample: Ints
    label: Ints  # number of the class
    area: Floats
    crowd: Flags
    ignored: Flags  # besides crowds


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found, one row each, in the order in which equal scores shall rank within an image."""

    sample: Ints
    label: Ints
    area: Floats
    score: Floats  # -inf ranks last


class Shapes(Protocol):
    """The regions of all objects and detections, compared on demand."""

    def candidates(
        self, found: Ints, gold: Ints, first: Ints, last: Ints, crowd: Flags, lowest: float
    ) -> Candidates:
        """The objects that each detection overlaps by `lowest` or more.

        `found` and `gold` are rows in the order of the answer: detection found[d] may take gold[first[d]] to
        gold[last[d] - 1], and answers name objects by place in `gold`. `crowd` (objects,) is in that order
        too: overlap with a crowd is the share of the detection that lies inside, else it is the IoU.
        """
        ...


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Detections judged, by sample, class and rank, and how many objects were asked for.

    `taken` and `neutral` are (size bins, detections): bit k says that at threshold k an object was taken, and
    that the detection does not count.
    """

    gold_sample: Ints
    gold_label: Ints
    gold_count: Ints  # (rows, size bins)
    sample: Ints
    label: Ints
    rank: Ints
    score: Floats
    taken: Ints
    neutral: Ints

    @classmethod
    def of(cls, evidence: Sequence[Evidence], bins: int) -> Verdicts:
        """From the evidence of samples, in order."""
        rows = [(i, *row) for i, e in enumerate(evidence) for row in e["gold"]]
        gold = np.array(rows, np.int64).reshape(-1, 2 + bins)
        found = [(i, *row) for i, e in enumerate(evidence) for row in e["found"]]
        place = np.array([row[:3] for row in found], np.int64).reshape(-1, 3)
        score = np.array([-np.inf if row[3] is None else row[3] for row in found], float)
        bits = np.array([row[4:] for row in found], np.int64).reshape(-1, 2, bins)
        taken, neutral = np.ascontiguousarray(bits.transpose(1, 2, 0))
        sample, label, rank = place.T.copy()
        return cls(gold[:, 0], gold[:, 1], gold[:, 2:], sample, label, rank, score, taken, neutral)

    def evidence(self, samples: int) -> list[Evidence]:
        """One per sample, JSON-able: the form that `of` reads."""
        each: list[dict[str, list[Any]]] = [{"gold": [], "found": []} for _ in range(samples)]
        gold = zip(self.gold_label.tolist(), self.gold_count.tolist(), strict=True)
        for i, (label, counts) in zip(self.gold_sample.tolist(), gold, strict=True):
            each[i]["gold"].append([label, *counts])
        columns = (self.sample, self.label, self.rank, self.score, self.taken.T, self.neutral.T)
        for i, label, rank, score, taken, neutral in zip(*(c.tolist() for c in columns), strict=True):
            each[i]["found"].append([label, rank, None if score == -np.inf else score, taken, neutral])
        return list(each)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which objects each detection may take, before any takes one.

    `gold` are rows of objects by image and class, `found` rows of detections by image, class and rank, as
    many as are looked at; all else is in these orders. `starts`, `objects`, `overlaps` as in Candidates.
    """

    gold: Ints
    gold_label: Ints
    gold_key: Ints  # equal within an image and class
    crowd: Flags
    ignored: Flags  # (size bins, objects)
    found: Ints
    found_label: Ints
    rank: Ints
    outside: Flags  # (size bins, detections)
    levels: Floats
    near: Candidates


def reach(gold: Objects, found: Detections, shapes: Shapes, rule: Rule) -> Reach:
    """Compare the objects and detections of each image and class."""
    classes = 1 + max(gold.label.max(initial=0), found.label.max(initial=0))
    order = np.lexsort((gold.label, gold.sample))
    label = _labels(gold.label[order], rule)
    key = gold.sample[order] * classes + label

    kept, found_label, rank = _ranked(found, classes, rule)
    found_key = found.sample[kept] * classes + found_label
    first, last = np.searchsorted(key, found_key), np.searchsorted(key, found_key, "right")

    crowd = gold.crowd[order]
    ignored = crowd | gold.ignored[order] | _outside(gold.area[order], rule)
    levels = np.minimum(rule.levels, 1 - 1e-10)
    near = shapes.candidates(kept, order, first, last, crowd, float(levels.min()))
    outside = _outside(found.area[kept], rule)
    return Reach(order, label, key, crowd, ignored, kept, found_label, rank, outside, levels, near)


def judge(gold: Objects, found: Detections, shapes: Shapes, rule: Rule) -> Verdicts:
    """Match every image and class under all thresholds and size bins at once."""
    from .coco_kernel import assign

    at = reach(gold, found, shapes, rule)
    taken, neutral = assign(*at.near, at.levels, at.crowd, at.ignored, at.outside)
    starts, ignored = _starts(at.gold_key), at.ignored
    count = (
        np.add.reduceat(~ignored, starts, 1, np.int64) if len(starts) else np.zeros_like(ignored, np.int64)
    )
    return Verdicts(
        gold.sample[at.gold][starts], at.gold_label[starts], np.ascontiguousarray(count.T),
        found.sample[at.found], at.found_label, at.rank, found.score[at.found], taken, neutral,
    )  # fmt: skip


def _ranked(found: Detections, classes: int, rule: Rule) -> tuple[Ints, Ints, Ints]:
    """Rows by image, class and falling score, as many of each as are looked at; their labels and ranks."""
    falling = -found.score
    keys = (found.label, falling, found.sample) if rule.agnostic else (falling, found.label, found.sample)
    order = np.lexsort(keys)
    label = _labels(found.label[order], rule)
    starts = _starts(found.sample[order] * classes + label)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    near = rank < rule.limits[-1]
    return order[near], label[near], rank[near]


def _labels(label: Ints, rule: Rule) -> Ints:
    return np.zeros_like(label) if rule.agnostic else label


def _starts(key: Ints) -> Ints:
    """Where runs of equal numbers begin; none is negative."""
    return np.flatnonzero(np.diff(key, prepend=-1))


def _outside(areas: Floats, rule: Rule) -> Flags:
    """(size bins, n): what a bin does not ask for."""
    return np.stack([(areas < low) | (areas > high) for low, high in rule.areas.values()])
