"""LMMRotate's F1 against its rule written out as loops, and against the F1 of one-to-one matching."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.geometry import from_rotated, iou
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.public_f1 import PublicF1


def row(n: int) -> tuple[float, ...]:
    return (20.0 * n, 0.0, 20.0 * n + 10, 10.0)


def written_out(pairs: list[tuple[Target, Answer]], classes: str, level: float) -> tuple[float, float, float]:
    """The confusion matrix detection by detection, then means over its K + 1 rows."""
    matrix = np.zeros((len(classes) + 1, len(classes) + 1))
    for target, answer in pairs:
        right = [0] * len(target.regions)
        for d in answer.regions:
            near = 0
            for k, g in enumerate(target.regions):
                if iou([d.points], [g.points])[0, 0] >= level:
                    near += 1
                    right[k] += g.label == d.label
                    matrix[classes.index(g.label), classes.index(d.label)] += 1
            if not near:
                matrix[-1, classes.index(d.label)] += 1
        for count, g in zip(right, target.regions, strict=True):
            if not count:
                matrix[classes.index(g.label), -1] += 1
    hits = np.diag(matrix)
    precision = (hits / np.maximum(matrix.sum(0), 1)).mean()
    recall = (hits / np.maximum(matrix.sum(1), 1)).mean()
    return precision, recall, 2 * precision * recall / (precision + recall)


def scenes(seed: int, classes: str) -> list[tuple[Target, Answer]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(15):
        boxes = [(*rng.uniform(0, 40, 2), *rng.uniform(10, 30, 2), rng.uniform(-3, 3)) for _ in range(5)]
        gold = tuple(Region(from_rotated(*b), classes[rng.integers(0, len(classes))]) for b in boxes)
        found = tuple(
            Region(tuple((np.array(g.points) + rng.normal(0, 2, 8)).tolist()),
                   g.label if rng.random() < 0.7 else classes[rng.integers(0, len(classes))])
            for g in (*gold, *gold[:2])
        )  # fmt: skip
        pairs.append((Target(regions=gold), Answer(regions=found)))
    return pairs


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", [0.3, 0.5])
def test_equals_the_rule_written_out(seed: int, level: float) -> None:
    pairs = scenes(seed, "abcd")
    metric = PublicF1({"all": {c: c for c in "abcd"}}, level, oriented=True)
    evidence = [json.loads(json.dumps(metric.observe(t, a))) for t, a in pairs]
    figures = metric.tally(evidence).figures()
    assert tuple(figures.values()) == pytest.approx(written_out(pairs, "abcd", level), abs=1e-12)
    assert list(figures) == [f"all/{name}-public@{level:.2f}" for name in ("precision", "recall", "F1")]
    twice = metric.tally(evidence).figures(np.full(len(evidence), 2))
    assert twice == pytest.approx(figures)


@pytest.mark.parametrize(("classes", "expected"), [(6, 0.857), (15, 0.9375), (20, 0.952), (34, 0.971)])
def test_a_perfect_detector_gets_less_than_one(classes: int, expected: float) -> None:
    names = [f"c{k}" for k in range(classes)]
    boxes = tuple(Region(row(k), name) for k, name in enumerate(names))
    view = {"all": {c: c for c in names}}
    public, ours = PublicF1(view), Detection(view, (0.5,), counted=True)
    target, answer = Target(regions=boxes), Answer(regions=boxes)
    value = public.tally([public.observe(target, answer)]).figures()["all/F1-public@0.50"]
    assert value == pytest.approx(classes / (classes + 1)) == pytest.approx(expected, abs=5e-4)
    assert ours.tally([ours.observe(target, answer)]).figures()["all/mF1@0.50"] == 1.0


def test_duplicates_are_true_there_and_false_here() -> None:
    view = {"all": {"a": "a"}}
    target = Target(regions=(Region(row(0), "a"),))
    answer = Answer(regions=(Region(row(0), "a"),) * 3)
    public, ours = PublicF1(view), Detection(view, (0.5,), counted=True)
    figures = public.tally([public.observe(target, answer)]).figures()
    assert figures["all/precision-public@0.50"] == 0.5  # 1 of the class, 0 of the background
    assert ours.tally([ours.observe(target, answer)]).figures()["all/precision@0.50"] == pytest.approx(1 / 3)


def test_float32_rule() -> None:
    """Golden case obb 21 again: a perfect box is lost."""
    a, b = (430.184, 486.524, 81, 15.725, -0.012), (430.185, 486.524, 81, 15.725, -0.012)
    target = Target(regions=(Region(from_rotated(*a), "a"),))
    answer = Answer(regions=(Region(from_rotated(*b), "a"),))
    values = []
    for rule in ("exact", "mmrotate-1"):
        metric = PublicF1({"all": {"a": "a"}}, oriented=True, rule=rule)
        values.append(metric.tally([metric.observe(target, answer)]).figures()["all/F1-public@0.50"])
    assert values == [0.5, 0.0]


def test_of_nothing_is_none_and_broken_boxes_are_misses() -> None:
    metric = PublicF1({"all": {"a": "a"}})
    assert set(metric.tally([]).figures().values()) == {None}
    assert set(metric.tally([metric.observe(Target(), Answer())]).figures().values()) == {None}
    odd: Any = (Region((0, 0, math.nan, 9), "a"), Region((0, 0, 9, 9, 9), "a"), Region(row(0), "other"))
    evidence = metric.observe(Target(regions=odd), Answer(regions=odd))
    assert metric.details([evidence])["all"]["confusion"] == [[0, 2], [2, 0]]
    assert set(metric.tally([evidence]).figures().values()) == {0.0}
