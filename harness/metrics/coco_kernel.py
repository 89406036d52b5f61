"""COCO's loops over whole data sets, compiled: which boxes overlap, which detection takes which object, AP.

Verdicts are whole numbers whose bit k speaks of IoU threshold k.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@compiled
def box_candidates(
    boxes: Floats, sizes: Floats, first: Ints, last: Ints, gold: Floats, gold_sizes: Floats, crowd: Flags,
    lowest: float,
) -> tuple[Ints, Ints, Floats]:  # fmt: skip
    """Objects that each detection overlaps by `lowest` or more: (n + 1,) starts, objects, overlaps.

    Detection d may take the objects first[d]:last[d]. `boxes` and `gold` are (n, 4), `sizes` their areas.
    """
    starts = np.zeros(len(boxes) + 1, np.int64)
    objects = np.empty(2 * len(boxes) + 16, np.int64)
    overlaps = np.empty(len(objects), np.float64)
    n = 0
    for d in range(len(boxes)):
        for g in range(first[d], last[d]):
            width = min(boxes[d, 2], gold[g, 2]) - max(boxes[d, 0], gold[g, 0])
            if width <= 0:
                continue
            height = min(boxes[d, 3], gold[g, 3]) - max(boxes[d, 1], gold[g, 1])
            if height <= 0:
                continue
            shared = width * height
            whole = sizes[d] if crowd[g] else sizes[d] + gold_sizes[g] - shared
            if shared / whole < lowest:
                continue
            if n == len(objects):
                objects = np.concatenate((objects, np.empty_like(objects)))
                overlaps = np.concatenate((overlaps, np.empty_like(overlaps)))
            objects[n] = g
            overlaps[n] = shared / whole
            n += 1
        starts[d + 1] = n
    return starts, objects[:n].copy(), overlaps[:n].copy()


@compiled
def assign(
    starts: Ints,
    objects: Ints,
    overlaps: Floats,
    levels: Floats,
    crowd: Flags,
    ignored: Flags,
    outside: Flags,
) -> tuple[Ints, Ints]:
    """What each detection takes, the best of an image and class first: `taken`, `neutral`, (bins, n) bits.

    `levels` (thresholds,), `crowd` (objects,), `ignored` (size bins, objects), `outside` (size bins, n).
    """
    n = len(starts) - 1
    taken = np.zeros((len(ignored), n), np.int64)
    neutral = np.zeros((len(ignored), n), np.int64)
    gone = np.zeros(ignored.shape, np.int64)
    every = (np.int64(1) << len(levels)) - 1
    near_enough = np.zeros(len(objects), np.int64)
    for k in range(len(objects)):
        for level in range(len(levels)):
            if overlaps[k] >= levels[level]:
                near_enough[k] |= np.int64(1) << level
    for d in range(n):
        first, last = starts[d], starts[d + 1]
        order = np.arange(first, last)
        if last - first > 1:
            order = first + np.argsort(overlaps[first:last], kind="mergesort")
        for size in range(len(ignored)):
            for spare in (False, True):  # what is asked for first, then what is ignored
                for k in order[::-1]:
                    g = objects[k]
                    if ignored[size, g] == spare:
                        bits = near_enough[k] & ~gone[size, g] & ~taken[size, d]
                        taken[size, d] |= bits
                        if spare:
                            neutral[size, d] |= bits
                        if not crowd[g]:
                            gone[size, g] |= bits
            if outside[size, d]:
                neutral[size, d] |= every & ~taken[size, d]
    return taken, neutral


@compiled
def sweep(
    bounds: Ints, sample: Ints, rank: Ints, taken: Ints, neutral: Ints, weights: Floats, positives: Floats,
    recalls: Floats, limits: Ints, levels: int,
) -> tuple[Floats, Floats]:  # fmt: skip
    """AP (classes, thresholds) and recall (classes, thresholds, limits) in one size bin.

    Detections lie by class, best score first; class c has bounds[c]:bounds[c + 1]. AP is the mean over
    `recalls` of the best precision at that recall or a higher one. What has no positives stays 0.
    """
    classes = len(positives)
    precision = np.zeros((classes, levels))
    recall = np.zeros((classes, levels, len(limits)))
    every = (np.int64(1) << levels) - 1
    hits = np.zeros(levels)
    misses = np.zeros(levels)
    reached = np.zeros(levels, np.int64)
    best = np.zeros((levels, len(recalls)))
    for c in range(classes):
        if not positives[c] > 0:
            continue
        hits[:] = 0
        misses[:] = 0
        reached[:] = 0
        best[:] = 0
        for d in range(bounds[c], bounds[c + 1]):
            weight = weights[sample[d]]
            counts = every & ~neutral[d]
            if weight == 0 or counts == 0:
                continue
            for k in range(levels):
                if not counts >> k & 1:
                    continue
                if not taken[d] >> k & 1:
                    misses[k] += weight
                    continue
                hits[k] += weight
                while reached[k] + 1 < len(recalls) and recalls[reached[k] + 1] <= hits[k] / positives[c]:
                    reached[k] += 1
                best[k, reached[k]] = max(best[k, reached[k]], hits[k] / (hits[k] + misses[k]))
                for m in range(len(limits)):
                    if rank[d] < limits[m]:
                        recall[c, k, m] += weight
        for k in range(levels):
            highest = 0.0
            total = 0.0
            for r in range(len(recalls) - 1, -1, -1):
                highest = max(highest, best[k, r])
                total += highest
            precision[c, k] = total / len(recalls)
        recall[c] /= positives[c]
    return precision, recall
