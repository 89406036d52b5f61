"""Which detections are true, and the precision they reach, in machine code: all classes and thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from .compiled import compiled

FALSE, TRUE, NEUTRAL = 0, 1, 2


@compiled
def judged(match: Any, overlap: Any, ignored: Any, levels: Any, strict: Any, verdict: Any) -> None:
    """Verdict on every ranked detection at every level, (levels, n): TRUE, FALSE or NEUTRAL.

    `match` (n,) the object each is tied to, -1 for none; `overlap` (n,); `ignored` (objects,).
    """
    taken = np.full(len(ignored), -1)
    for t in range(len(levels)):
        for d in range(len(match)):
            m = match[d]
            near = overlap[d] > levels[t] if strict else overlap[d] >= levels[t]
            if m < 0 or not near:
                verdict[t, d] = FALSE
            elif ignored[m]:
                verdict[t, d] = NEUTRAL
            elif taken[m] == t:
                verdict[t, d] = FALSE
            else:
                taken[m] = t
                verdict[t, d] = TRUE


@compiled
def precisions(
    verdict: Any,
    score: Any,
    ends: Any,
    positives: Any,
    grouped: Any,
    elevenths: Any,
    hundredths: Any,
    out: Any,
) -> None:
    """AP by 11 points, area and 101 points of every level and class: `out` (levels, classes, 3).

    Class c are the detections `ends[c]:ends[c + 1]`, best first; `positives` (classes,) its objects, NaN is
    the AP where there are none. `grouped`: equal scores are one point of the curve.
    """
    room = len(score) + 1
    recall, envelope = np.empty(room), np.empty(room)
    for t in range(len(verdict)):
        for c in range(len(positives)):
            if not positives[c] > 0:
                out[t, c, :] = np.nan
                continue
            count = _curve(verdict[t], score, ends[c], ends[c + 1], positives[c], grouped, recall, envelope)
            out[t, c, 0] = _at(elevenths, recall, envelope, count)
            out[t, c, 2] = _at(hundredths, recall, envelope, count)
            area = 0.0
            for k in range(count):
                area += recall[k] * (envelope[k] - envelope[k + 1])
            out[t, c, 1] = area


@compiled
def _curve(
    verdict: Any, score: Any, first: Any, last: Any, positives: Any, grouped: Any, recall: Any, envelope: Any
) -> int:
    """Recall, and the best precision from there on, of each point; how many points there are."""
    hits = seen = count = 0
    for d in range(first, last):
        seen += verdict[d] != NEUTRAL
        hits += verdict[d] == TRUE
        ends_group = d + 1 == last or score[d + 1] != score[d]
        if hits and (ends_group if grouped else verdict[d] == TRUE):
            recall[count], envelope[count] = hits / positives, hits / seen
            count += 1
    envelope[count] = 0.0
    for k in range(count - 1, -1, -1):
        envelope[k] = max(envelope[k], envelope[k + 1])
    return count


@compiled
def _at(levels: Any, recall: Any, envelope: Any, count: int) -> float:
    """Mean over recall levels of the best precision from the first point that reaches the level on."""
    total, k = 0.0, 0
    for level in levels:
        while k < count and recall[k] < level:
            k += 1
        total += envelope[k]
    return total / len(levels)
