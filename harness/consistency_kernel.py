"""How many boxes of every two answers about a picture pair off, in machine code."""

from __future__ import annotations

from typing import Any

import numpy as np

from .geometry_kernel import ROOM, clipped
from .metrics.compiled import compiled


@compiled
def paired(
    rings: Any, envelopes: Any, straight: Any, areas: Any, label: Any, starts: Any, level: float, out: Any
) -> None:
    """Pairs of boxes of the same label, the largest IoU first, down to `level`; a box is in one pair at most.

    The boxes of answer v about picture p are those from `starts[p * views + v]` on; see `ordered` of
    geometry_kernel for the arrays. Counts go to `out` (pictures, views, views), 0 on its diagonal. Of equal
    overlaps the first are taken.
    """
    x, y, u, v, side = np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM), np.empty(ROOM)
    most = np.diff(starts).max() if len(starts) > 1 else 0
    alike, one, other = np.empty(most * most), np.empty(most * most, np.intp), np.empty(most * most, np.intp)
    taken = np.empty(len(areas), np.bool_)
    out[:] = 0
    for place in range(out.shape[0]):
        for i in range(out.shape[1]):
            for j in range(i):
                ours, theirs = place * out.shape[1] + i, place * out.shape[1] + j
                count = 0
                for a in range(starts[ours], starts[ours + 1]):
                    for b in range(starts[theirs], starts[theirs + 1]):
                        if label[a] != label[b] or not (areas[a] > 0 and areas[b] > 0):
                            continue
                        width = min(envelopes[a, 2], envelopes[b, 2]) - max(envelopes[a, 0], envelopes[b, 0])
                        height = min(envelopes[a, 3], envelopes[b, 3]) - max(envelopes[a, 1], envelopes[b, 1])
                        if not (width > 0 and height > 0):
                            continue
                        shared, both = width * height, areas[a] + areas[b]
                        if not (straight[a] and straight[b]):
                            bound = min(shared, areas[a], areas[b])
                            if bound * (1 + 1e-9) < level * (both - bound):
                                continue  # even all of the envelopes' overlap would not do
                            shared = clipped(rings[a], rings[b], x, y, u, v, side)
                        ratio = min(shared / (both - shared), 1.0)
                        if ratio >= level:
                            alike[count], one[count], other[count] = -ratio, a, b
                            count += 1
                taken[starts[ours] : starts[ours + 1]] = False
                taken[starts[theirs] : starts[theirs + 1]] = False
                for k in np.argsort(alike[:count], kind="mergesort"):
                    if not (taken[one[k]] or taken[other[k]]):
                        taken[one[k]] = taken[other[k]] = True
                        out[place, i, j] += 1
                out[place, j, i] = out[place, i, j]
