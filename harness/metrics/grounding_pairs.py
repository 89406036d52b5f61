"""Many expressions at once: how the boxes said agree with those meant, under our rule and rules for sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..geometry import Floats, Shapes, overlaps
from .grounding_floors import Boxes
from .grounding_sets import agreement, right_by_giou

KEYS = ("iou", "least", "shared", "union", "near", "by_giou")


def compared(said: Sequence[Boxes], gold: Sequence[Boxes]) -> Mapping[str, Floats]:
    """By key, a number for each expression: the fields of its Agreement, and two of public rules for sets.

    `by_giou`: 1 where RSCoVLM's rule holds. `near`: boxes said whose best IoU is at least 0.5, as EarthDial
    counts them: several may share one, and boxes that were missed cost nothing.

    >>> compared([[(0, 0, 10, 10)], []], [[(0, 0, 10, 20)], [(0, 0, 10, 20)]])["iou"].tolist()
    [0.5, 0.0]
    """
    agreed = {key: np.zeros(len(gold)) for key in KEYS}
    pairs = list(zip(said, gold, strict=True))
    simple = np.array([len(a) == len(b) == 1 for a, b in pairs], bool)
    rows = np.flatnonzero(simple).tolist()
    if rows:
        one = _one_to_one([said[i] for i in rows], [gold[i] for i in rows])
        for key, values in one.items():
            agreed[key][rows] = values
    for i in np.flatnonzero(~simple).tolist():
        for key, value in _several(*pairs[i]).items():
            agreed[key][i] = value
    return agreed


def _several(said: Boxes, gold: Boxes) -> dict[str, float]:
    found = agreement(said, gold)
    near = (overlaps(said, gold).iou() >= 0.5).any(1).sum() if said and gold else 0
    return {
        "iou": found.iou, "least": found.least, "shared": found.shared, "union": found.union,
        "near": float(near), "by_giou": float(right_by_giou(said, gold)),
    }  # fmt: skip


def _one_to_one(said: Sequence[Boxes], gold: Sequence[Boxes]) -> dict[str, Floats]:
    """One box said for one box meant: each pair is clipped once."""
    first, second = (Shapes.of([boxes[0] for boxes in lists]) for lists in (said, gold))
    here, same = np.arange(len(gold)), np.zeros(len(gold), int)
    _, iou = first.nearest(same, here, here + 1, second, same)
    shared = iou * (first.areas + second.areas) / (1 + iou)
    reversed_area = _reversed_areas(said) + _reversed_areas(gold)
    union = first.areas + second.areas + reversed_area - shared
    by_giou = np.zeros(len(gold))
    for i in np.flatnonzero((iou >= 0.5) | (reversed_area > 0)).tolist():  # it is never above IoU
        by_giou[i] = right_by_giou(said[i], gold[i])
    values = (iou, iou, shared, union, (iou >= 0.5).astype(float), by_giou)
    return dict(zip(KEYS, values, strict=True))


def _reversed_areas(lists: Sequence[Boxes]) -> Floats:
    """The area of boxes of 4 numbers whose corners are the wrong way round; 0 of all others."""
    boxes = np.array([boxes[0] if len(boxes[0]) == 4 else (0.0,) * 4 for boxes in lists], float)
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.where((sides > 0).all(1), 0.0, np.abs(sides.prod(1)))
