"""Floors: where their boxes come from, and what they expose."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.grounding_floors import centre_boxes, centre_size, shuffled_boxes

SQUARE = (100.0, 100.0)


def test_centre_box_is_the_median_of_all() -> None:
    gold = [[(0, 0, 10, 20)], [(0, 0, 30, 40), (0, 0, 50, 60)]]
    sizes = [(100, 100), (100, 100)]
    assert centre_size(gold, sizes) == (0.3, 0.4)
    assert centre_boxes(gold, sizes)[0] == [pytest.approx([35, 30, 65, 70])]
    assert centre_boxes(gold, [(200, 100)] * 2)[0][0] == pytest.approx([85, 30, 115, 70])


def test_oriented_boxes_count_with_their_hull() -> None:
    assert centre_size([[(5, 0, 10, 5, 5, 10, 0, 5)]], [SQUARE]) == (0.1, 0.1)


def test_nothing() -> None:
    assert centre_size([], []) is None and centre_boxes([[[]]], [SQUARE]) == [[]]
    assert shuffled_boxes([[(0, 0, 1, 1)]], [SQUARE], 0) is None
    assert shuffled_boxes([], [], 0) is None


def test_nobody_keeps_its_own_box_and_every_box_is_used() -> None:
    gold = [[(float(i), 0.0, float(i) + 1, 1.0)] for i in range(50)]
    shuffled = shuffled_boxes(gold, [SQUARE] * 50, 3)
    assert shuffled is not None
    assert all(tuple(a[0]) != b[0] for a, b in zip(shuffled, gold, strict=True))
    assert sorted(tuple(a[0]) for a in shuffled) == sorted(b[0] for b in gold)
    assert shuffled != shuffled_boxes(gold, [SQUARE] * 50, 4)


def test_order_of_samples_is_of_no_account() -> None:
    rng = np.random.default_rng(0)
    gold = [[tuple(map(float, rng.integers(0, 50, 4)))] for _ in range(20)]
    order = rng.permutation(20)
    one = shuffled_boxes(gold, [SQUARE] * 20, 0)
    other = shuffled_boxes([gold[i] for i in order], [SQUARE] * 20, 0)
    assert one is not None and other is not None
    assert other == [one[i] for i in order]


def test_boxes_are_stretched_to_the_image() -> None:
    gold: list[list[tuple[float, ...]]] = [
        [(10.0, 10.0, 20.0, 20.0)],
        [(0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0)],
    ]
    shuffled = shuffled_boxes(gold, [(100, 100), (200, 50)], 0)
    assert shuffled == [[[0.0, 0.0, 0.5, 2.0, 1.0, 4.0, 1.5, 6.0]], [[20.0, 5.0, 40.0, 10.0]]]
