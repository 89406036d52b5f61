"""Boxes that pair off, against a plain loop over every two answers with the IoU of geometry."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.consistency_kernel import paired
from rsbench.harness.geometry import Shapes, from_rotated, iou

LEVEL = 0.5
SIZES = ((3, 9, 0, 6), (5, 5, 7, 1))  # boxes of every answer, about two pictures


def drawn(oriented: bool, count: int) -> list[tuple[float, ...]]:
    """Boxes on a coarse grid, so that many overlap, some alike, and some have no area."""
    rng = np.random.default_rng(3)
    found = []
    for x, y, width, height in rng.integers(0, 4, (count, 4)).tolist():
        if oriented:
            found.append(from_rotated(x, y, width + 4, height + 4, rng.uniform(0, 3)))
        else:
            found.append((x, y, x + 3 * width, y + 3 * height))
    return found


def plainly(one: list[int], other: list[int], points: list[tuple[float, ...]], label: list[int]) -> int:
    """The nearest two that are left, again and again."""
    alike = {(a, b): iou([points[a]], [points[b]])[0, 0] for a in one for b in other if label[a] == label[b]}
    count = 0
    while near := {pair: value for pair, value in alike.items() if value >= LEVEL}:
        best = max(near, key=lambda pair: near[pair])  # of equals the first
        alike = {pair: v for pair, v in alike.items() if pair[0] != best[0] and pair[1] != best[1]}
        count += 1
    return count


@pytest.mark.parametrize("oriented", [False, True])
def test_pairs_are_those_of_a_plain_loop(oriented: bool) -> None:
    starts = np.cumsum([0, *(size for held in SIZES for size in held)])
    points = drawn(oriented, int(starts[-1]))
    label = np.random.default_rng(4).integers(0, 2, len(points))
    shapes, found = Shapes.of(points), np.empty((2, 4, 4), np.intp)
    paired(shapes.rings, shapes.envelopes, shapes.straight, shapes.areas, label, starts, LEVEL, found)
    assert (found == found.transpose(0, 2, 1)).all() and found.sum() >= 8
    for place in range(2):
        rows = [list(range(starts[4 * place + v], starts[4 * place + v + 1])) for v in range(4)]
        for i in range(4):
            for j in range(i):
                assert found[place, i, j] == plainly(rows[i], rows[j], points, label.tolist())
            assert found[place, i, i] == 0
