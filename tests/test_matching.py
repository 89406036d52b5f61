"""Matching against the rule written out as a loop."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rsbench.harness.metrics.matching import Found, Gold, ranking_score


def by_the_rule(
    overlap: np.ndarray, found: list[int], gold: list[int], ignored: list[bool], threshold: float
) -> str:
    """T(rue), F(alse) or - for each detection of one image, given by falling score."""
    taken: set[int] = set()
    verdicts = ""
    for d, label in enumerate(found):
        rivals = [(overlap[d, g], -g) for g in range(len(gold)) if gold[g] == label]
        value, place = max(rivals, default=(0.0, 1))
        if value < threshold:
            verdicts += "F"
        elif ignored[-place]:
            verdicts += "-"
        else:
            verdicts += "F" if -place in taken else "T"
            taken.add(-place)
    return verdicts


def tied(overlap: np.ndarray, found: np.ndarray, gold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each detection the first object of its class with the largest overlap, as pairs.py has it."""
    same = np.where(found[:, None] == gold[None, :], overlap, 0.0)
    same = np.concatenate([np.zeros((len(found), 1)), same], 1)
    return same.argmax(1) - 1, same.max(1)


@pytest.mark.parametrize("seed", range(30))
def test_equals_the_rule(seed: int) -> None:
    rng = np.random.default_rng(seed)
    d, g = rng.integers(0, 8), rng.integers(0, 6)
    overlap = np.round(rng.random((d, g)), 1) * (rng.random((d, g)) < 0.7)
    found, gold = rng.integers(0, 2, d), rng.integers(0, 2, g)
    ignored = rng.random(g) < 0.3
    match, best = tied(overlap, found, gold)
    score = np.arange(d, 0, -1).astype(float)
    zeros = np.zeros(d, int)
    ranked = Found.ranked(zeros, found, np.ones(d), score, match, best)
    objects = Gold(np.zeros(g, int), gold, np.ones(g), ignored)
    expected = by_the_rule(overlap, found.tolist(), gold.tolist(), ignored.tolist(), 0.5)
    true, false = ranked.judge(objects, 0.5)
    by_class = [expected[i] for c in (0, 1) for i in range(d) if found[i] == c]
    assert ["T" if t else "F" if f else "-" for t, f in zip(true, false, strict=True)] == by_class


def test_strict_excludes_the_threshold_itself() -> None:
    one = np.zeros(1, int)
    found = Found.ranked(one, one, np.ones(1), np.ones(1), one, np.array([0.5]))
    gold = Gold(one, one, np.ones(1), np.zeros(1, bool))
    assert found.judge(gold, 0.5)[0].tolist() == [True]
    assert found.judge(gold, 0.5, strict=True)[0].tolist() == [False]
    ignored = gold.ignoring(np.ones(1, bool))
    assert [flags.tolist() for flags in found.judge(ignored, 0.5)] == [[False], [False]]


def test_ranking_scores_are_finite_or_none() -> None:
    values = [ranking_score(v) for v in (0.25, 1, None, math.nan, math.inf, -math.inf)]
    assert values == [0.25, 1.0, None, None, None, None]
