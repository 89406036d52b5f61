"""One sweep over every ranked list under every weighting of the samples, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled
from .rankings import HIT, POINT


@compiled
def precisions(
    sample: NDArray[np.int32],
    kind: NDArray[np.uint8],
    start: NDArray[np.int64],
    weights: NDArray[np.int32],
    positives: NDArray[np.int64],
    levels: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Fill `out` (draws, lists, 2) with the area under each curve and its mean over the recall `levels`.

    `sample`, `kind`: the detections of all lists end to end, list k in start[k]:start[k + 1], best first; a
    kind is HIT, POINT (the curve has a point behind this detection), both or neither. `weights` (draws,
    samples) whole numbers; `positives` (draws, lists). Where there are none, NaN.

    All counts are whole numbers, so precisions are compared without rounding, as products; a level is reached
    by the same division hits / positives that Ranking.curve makes.
    """
    length = 0
    for k in range(len(start) - 1):
        length = max(length, start[k + 1] - start[k])
    hits, found = np.zeros(length + 1, np.int64), np.zeros(length + 1, np.int64)
    for draw in range(len(weights)):
        weight = weights[draw]
        for k in range(len(start) - 1):
            total = positives[draw, k]
            if total <= 0:
                out[draw, k, 0], out[draw, k, 1] = np.nan, np.nan
                continue
            points, hit, seen = 0, np.int64(0), np.int64(0)
            for i in range(start[k], start[k + 1]):
                times = weight[sample[i]]
                hit += times * (kind[i] & HIT)
                seen += times
                hits[points], found[points] = hit, seen
                points += (kind[i] & POINT) >> 1
            out[draw, k, 0], out[draw, k, 1] = _measured(hits, found, points, total, levels)


@compiled
def _measured(hits: Any, found: Any, points: int, total: int, levels: Any) -> tuple[float, float]:
    """Area and mean over levels of one curve, from its last point to its first.

    `best_hits / best_found` is the best precision from the point on: the envelope.
    """
    area, reached = 0.0, 0.0
    best_hits, best_found, envelope = 0, 1, 0.0
    level = len(levels) - 1
    while level >= 0 and (points == 0 or hits[points - 1] / total < levels[level]):
        level -= 1  # recall never gets there
    need = _least(levels[level], total) if level >= 0 else 0
    for k in range(points - 1, -1, -1):
        while level >= 0 and hits[k] < need:  # the level's first point is the one behind: its envelope
            reached += envelope
            level -= 1
            need = _least(levels[level], total) if level >= 0 else 0
        if hits[k] * best_found > best_hits * found[k]:
            best_hits, best_found = hits[k], found[k]
            higher = best_hits / best_found
            area += hits[k] / total * (higher - envelope)
            envelope = higher
    return area, (reached + (level + 1) * envelope) / max(len(levels), 1)


@compiled
def _least(level: float, total: int) -> int:
    """The smallest count whose share of `total` reaches the level, as float64 division has it."""
    count = int(np.ceil(level * total))
    while count > 0 and (count - 1) / total >= level:
        count -= 1
    while count / total < level:
        count += 1
    return count
