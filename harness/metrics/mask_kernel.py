"""Loops over the runs of binary masks, compiled.

A mask is its run lengths, column by column from the top left pixel, of clear and set pixels in turn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

FINE = 5  # steps a pixel, as COCO walks along the edges of a polygon


@compiled
def runs_of_text(codes: NDArray[np.uint8], pixels: int) -> tuple[Ints, int]:
    """Run lengths of COCO's compressed text and 0, or what is wrong.

    1: not its alphabet, 2: it breaks off, 3: a run of negative length, 4: more pixels, 5: fewer pixels.
    """
    runs = np.empty(len(codes), np.int64)
    n = 0
    total = np.int64(0)
    value = np.int64(0)
    shift = 0
    for code in codes:
        piece = np.int64(code) - 48
        if piece < 0 or piece > 63 or shift > 40:
            return runs[:0], 1
        value |= (piece & 31) << shift
        shift += 5
        if piece & 32:
            continue
        if piece & 16:
            value -= np.int64(1) << shift
        if n > 2:
            value += runs[n - 2]
        if value < 0:
            return runs[:0], 3
        total += value
        if total > pixels:
            return runs[:0], 4
        runs[n] = value
        n += 1
        value = np.int64(0)
        shift = 0
    if shift:
        return runs[:0], 2
    if total < pixels:
        return runs[:0], 5
    return runs[:n].copy(), 0


@compiled
def text_of_runs(runs: Ints) -> NDArray[np.uint8]:
    """The same text from run lengths: each is written as its difference to the one before the last."""
    codes = np.empty(13 * len(runs), np.uint8)
    n = 0
    for i in range(len(runs)):
        rest = runs[i] - runs[i - 2] if i > 2 else runs[i]
        more = True
        while more:
            piece = rest & 31
            rest >>= 5
            more = rest != (-1 if piece & 16 else 0)
            codes[n] = piece + (80 if more else 48)
            n += 1
    return codes[:n].copy()


@compiled
def shared_pixels(a: Ints, b: Ints) -> int:
    """Pixels set in both masks."""
    shared = 0
    i = j = 0
    left_a = a[0] if len(a) else 0
    left_b = b[0] if len(b) else 0
    while i < len(a) and j < len(b):
        step = min(left_a, left_b)
        if i & 1 and j & 1:
            shared += step
        left_a -= step
        left_b -= step
        if left_a == 0:
            i += 1
            if i < len(a):
                left_a = a[i]
        if left_b == 0:
            j += 1
            if j < len(b):
                left_b = b[j]
    return shared


@compiled
def joined(a: Ints, b: Ints) -> Ints:
    """Runs of the pixels set in either of two masks of the same size."""
    runs = np.zeros(len(a) + len(b) + 1, np.int64)
    n = 0
    i = j = 0
    left_a = a[0] if len(a) else 0
    left_b = b[0] if len(b) else 0
    while i < len(a) and j < len(b):
        step = min(left_a, left_b)
        if step and (i | j) & 1 != n & 1:
            n += 1
        runs[n] += step
        left_a -= step
        left_b -= step
        if left_a == 0:
            i += 1
            if i < len(a):
                left_a = a[i]
        if left_b == 0:
            j += 1
            if j < len(b):
                left_b = b[j]
    return runs[: n + 1].copy()


@compiled
def filled(points: NDArray[np.float64], height: int, width: int) -> Ints:
    """Runs of the pixels inside a polygon x, y, x, y ...: each crossing turns over what follows it."""
    pixels = height * width
    edges = _crossings(points, height, width)
    runs = np.empty(len(edges) + 1, np.int64)
    n = 0
    before = 0
    i = 0
    while i < len(edges) and edges[i] < pixels:
        if i + 1 < len(edges) and edges[i + 1] == edges[i]:
            i += 2  # turned over twice
            continue
        runs[n] = edges[i] - before
        before = edges[i]
        n += 1
        i += 1
    runs[n] = pixels - before
    return runs[: n + 1].copy()


@compiled
def _crossings(points: NDArray[np.float64], height: int, width: int) -> Ints:
    """Where the outline of a polygon x, y, x, y ... crosses the middle of a column: the pixels below it.

    COCO's rule: the corners are put on a grid of five steps a pixel, the edges walked step by step along the
    longer axis, and a column's middle is crossed between its third step and the fourth.
    """
    found = np.empty(64, np.int64)
    n = 0
    corners = len(points) // 2
    before_x = before_y = 0
    for i in range(corners):
        k = (i + 1) % corners
        x0 = int(FINE * points[2 * i] + 0.5)
        y0 = int(FINE * points[2 * i + 1] + 0.5)
        x1 = int(FINE * points[2 * k] + 0.5)
        y1 = int(FINE * points[2 * k + 1] + 0.5)
        wide, high = abs(x1 - x0), abs(y1 - y0)
        steps = max(wide, high)
        back = x0 > x1 if wide >= high else y0 > y1
        if back:
            x0, y0, x1, y1 = x1, y1, x0, y0
        slope = 0.0
        if steps:
            slope = (y1 - y0) / wide if wide >= high else (x1 - x0) / high
        for step in range(steps + 1):
            t = steps - step if back else step
            if wide >= high:
                x, y = x0 + t, int(y0 + slope * t + 0.5)
            else:
                x, y = int(x0 + slope * t + 0.5), y0 + t
            if (i or step) and x != before_x:
                left = min(x, before_x)
                column = left // FINE
                if left % FINE == FINE // 2 and 0 <= column < width:
                    if n == len(found):
                        found = np.concatenate((found, np.empty_like(found)))
                    row = (min(y, before_y) + FINE // 2) // FINE
                    found[n] = column * height + min(max(row, 0), height)
                    n += 1
            before_x, before_y = x, y
    return np.sort(found[:n])


@compiled
def mask_candidates(
    runs: Ints,
    spans: Ints,
    first: Ints,
    last: Ints,
    gold: Ints,
    gold_spans: Ints,
    crowd: Flags,
    lowest: float,
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Objects that each detection overlaps by `lowest` or more: (n + 1,) starts, objects, overlaps.

    `spans` has a row for every mask: start and stop of its runs, height, width, area, first and last pixel.
    Masks of different size share nothing. Detection d may take the objects first[d]:last[d].
    """
    starts = np.zeros(len(spans) + 1, np.int64)
    objects = np.empty(2 * len(spans) + 16, np.int64)
    overlaps = np.empty(len(objects), np.float64)
    n = 0
    for d in range(len(spans)):
        for g in range(first[d], last[d]):
            if spans[d, 2] != gold_spans[g, 2] or spans[d, 3] != gold_spans[g, 3]:
                continue
            if spans[d, 5] > gold_spans[g, 6] or gold_spans[g, 5] > spans[d, 6]:
                continue
            a = runs[spans[d, 0] : spans[d, 1]]
            b = gold[gold_spans[g, 0] : gold_spans[g, 1]]
            shared = shared_pixels(a, b)
            whole = spans[d, 4] if crowd[g] else spans[d, 4] + gold_spans[g, 4] - shared
            if shared == 0 or shared / whole < lowest:
                continue
            if n == len(objects):
                objects = np.concatenate((objects, np.empty_like(objects)))
                overlaps = np.concatenate((overlaps, np.empty_like(overlaps)))
            objects[n] = g
            overlaps[n] = shared / whole
            n += 1
        starts[d + 1] = n
    return starts, objects[:n].copy(), overlaps[:n].copy()
