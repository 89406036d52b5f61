"""What can be scored without looking: a constant box, and the boxes of other samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..geometry import Points, hull

Boxes = Sequence[Points]
Answers = list[list[list[float]]]  # the boxes said about each sample


def centre_size(gold: Sequence[Boxes], sizes: Any) -> tuple[float, float] | None:
    """The median width and height of all gold boxes, as fractions of the image's; None where there are none.

    `sizes` (n, 2) are width and height of the images. An oriented box counts with its hull.

    >>> centre_size([[(0, 0, 10, 60)], [(0, 0, 30, 40)]], [(100, 100), (100, 100)])
    (0.2, 0.5)
    """
    relative = []
    for boxes, (width, height) in zip(gold, sizes, strict=True):
        for points in boxes:
            if points:
                x1, y1, x2, y2 = hull(points)
                relative.append([(x2 - x1) / width, (y2 - y1) / height])
    if not relative:
        return None
    medians = np.median(np.array(relative), 0)
    return float(medians[0]), float(medians[1])


def centre_boxes(gold: Sequence[Boxes], sizes: Any) -> Answers:
    """One box in the middle of every image, of the median size of all gold boxes relative to their images.

    So it is the constant that a model which knows the data set, but not the image, would say: on small
    objects a box of half the image's sides would be no floor at all.
    """
    size = centre_size(gold, sizes)
    if size is None:
        return [[] for _ in gold]
    shares = [(1 + sign * extent) / 2 for sign in (-1, 1) for extent in size]
    return [[[share * image[k % 2] for k, share in enumerate(shares)]] for image in sizes]


def shuffled_boxes(gold: Sequence[Boxes], sizes: Any, seed: int) -> Answers | None:
    """Every sample gets the gold boxes of another one, stretched from that image to its own.

    One random cycle through all samples, so that none keeps its own; None where there are fewer than two. The
    cycle is drawn over the samples in the order of their gold, whatever order they come in.
    """
    if len(gold) < 2:
        return None
    order = sorted(range(len(gold)), key=lambda i: ([list(p) for p in gold[i]], list(sizes[i])))
    cycle = np.random.default_rng(seed).permutation(np.array(order))
    donor = np.empty(len(cycle), np.intp)
    donor[cycle] = np.roll(cycle, 1)
    return [
        [_stretched(points, sizes[j], sizes[i]) for points in gold[j]] for i, j in enumerate(donor.tolist())
    ]


def _stretched(points: Points, source: Any, goal: Any) -> list[float]:
    scale = float(goal[0] / source[0]), float(goal[1] / source[1])
    return [value * scale[k % 2] for k, value in enumerate(points)]
