"""Matching by COCO's rule, case by case: second choice, last of equals, crowds, ignored objects, limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rsbench.harness.metrics.coco_columns import Detections, Objects, Verdicts, judge
from rsbench.harness.metrics.coco_rule import Rule
from rsbench.harness.metrics.coco_shapes import Boxes

Row = tuple[float, float, float, float]


def judged(
    gold: Sequence[Row], found: Sequence[Row], crowd: Sequence[int] = (), ignored: Sequence[int] = (),
    scores: Sequence[float] = (), labels: tuple[Sequence[int], Sequence[int]] = ((), ()), **options: Any,
) -> Verdicts:  # fmt: skip
    """One sample; scores fall unless given, and everything is of class 0."""
    rule = Rule(levels=(0.5,), areas={"all": (0.0, 1e10)}, **options)
    shapes = Boxes.of(found, gold)
    flags = [np.isin(np.arange(len(gold)), rows) for rows in (crowd, ignored)]
    names = [
        np.array(given or [0] * n, np.int64) for given, n in zip(labels, (len(gold), len(found)), strict=True)
    ]
    zeros = [np.zeros(n, np.int64) for n in (len(gold), len(found))]
    falling = np.array(scores or range(len(found), 0, -1), float)
    return judge(
        Objects(zeros[0], names[0], shapes.gold_area, *flags),
        Detections(zeros[1], names[1], shapes.found_area, falling),
        shapes,
        rule,
    )


A: Row = (0, 0, 10, 10)
NEAR_A: Row = (0, 0, 10, 11)
FAR: Row = (50, 50, 60, 60)


def test_second_choice() -> None:
    """The best object is gone: the next one will do, where VOC's rule would say false."""
    assert judged([A, NEAR_A], [A, A, A]).taken.tolist() == [[1, 1, 0]]


def test_of_equals_the_last() -> None:
    """The last of two equal objects is taken first; the one that is left is ignored."""
    verdicts = judged([A, A], [A, A], ignored=[0])
    assert verdicts.taken.tolist() == [[1, 1]]
    assert verdicts.neutral.tolist() == [[0, 1]]
    assert verdicts.gold_count.tolist() == [[1]]


def test_asked_for_before_ignored() -> None:
    """The object asked for is taken although the ignored one is nearer."""
    assert judged([A, NEAR_A], [A], ignored=[0]).neutral.tolist() == [[0]]


def test_a_crowd_takes_any_number() -> None:
    verdicts = judged([(0, 0, 100, 100)], [A, A, FAR, (200, 0, 210, 10)], crowd=[0])
    assert verdicts.taken.tolist() == [[1, 1, 1, 0]]
    assert verdicts.neutral.tolist() == [[1, 1, 1, 0]]


def test_order_and_limit() -> None:
    verdicts = judged([A], [FAR, A, NEAR_A], scores=[0.2, 0.5, 0.5], limits=(1, 2))
    assert verdicts.score.tolist() == [0.5, 0.5]
    assert verdicts.rank.tolist() == [0, 1]
    assert verdicts.taken.tolist() == [[1, 0]]


def test_labels() -> None:
    labels = ([1], [0, 1])
    apart = judged([A], [A, A], labels=labels)
    assert (apart.label.tolist(), apart.taken.tolist()) == ([0, 1], [[0, 1]])
    alike = judged([A], [A, A], labels=labels, agnostic=True)
    assert (alike.label.tolist(), alike.taken.tolist(), alike.gold_label.tolist()) == ([0, 0], [[1, 0]], [0])


def test_nothing() -> None:
    assert judged([], [A]).taken.tolist() == [[0]]
    assert judged([A], []).gold_count.tolist() == [[1]]
    assert judged([], []).taken.shape == (1, 0)
