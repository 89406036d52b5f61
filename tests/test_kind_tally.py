"""Accuracies by kind against plain sums, and the fast path over many weightings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rsbench.harness.metrics.kind_tally import KindTally

NAN = math.nan
KINDS = ["a", "b", "a", "", "c", "b", "a"]
SCORES = [1.0, 0.0, 0.5, 1.0, NAN, 1.0, 0.0]
WEIGHTS = np.array([[1] * 7, [2, 0, 1, 3, 1, 0, 0], [0] * 7, [0, 0, 0, 0, 5, 0, 0]])


def plain(weights: list[int]) -> dict[str, float | None]:
    """The definition, sample by sample."""

    def mean(rows: list[int]) -> float | None:
        total = sum(weights[i] for i in rows if not math.isnan(SCORES[i]))
        hits = sum(weights[i] * SCORES[i] for i in rows if not math.isnan(SCORES[i]))
        return hits / total if total else None

    def average(kinds: str) -> float | None:
        means = [mean([i for i in range(7) if KINDS[i] == kind]) for kind in kinds]
        known = [value for value in means if value is not None]
        return sum(known) / len(known) if known else None

    every = list(range(7))
    return {
        "x/OA": mean(every),
        "x/AA": average("abc"),
        "x/OA without b": mean([i for i in every if KINDS[i] != "b"]),
        "x/AA without b": average("ac"),
        "x/type: a": mean([0, 2, 6]),
        "x/type: b": mean([1, 5]),
        "x/type: c": mean([4]),
    }


@pytest.mark.parametrize("row", range(4))
def test_equals_the_definition(row: int) -> None:
    tally = KindTally(KINDS, {"x/": SCORES}, excluded=("b",))
    assert tally.figures(WEIGHTS[row]) == pytest.approx(plain(WEIGHTS[row].tolist()))


def test_many_weightings_are_one_each() -> None:
    tally = KindTally(KINDS, {"x/": SCORES, "y/": SCORES[::-1]}, excluded=("b",), shares={"s": [1.0] * 7})
    drawn = tally.resampled(WEIGHTS)
    for row, weights in enumerate(WEIGHTS):
        for name, value in tally.figures(weights).items():
            assert drawn[name][row] == pytest.approx(NAN if value is None else value, nan_ok=True)
    assert list(tally.resampled(WEIGHTS, only="y/AA")) == ["y/AA"]


def test_several_excluded_kinds_are_all_named() -> None:
    figures = KindTally(KINDS, {"": SCORES}, ("micro", "macro"), ("b", "a"), each_kind=False).figures()
    assert list(figures) == ["micro", "macro", "micro without a and b", "macro without a and b"]


def test_samples_of_nothing() -> None:
    assert KindTally([], {"x/": []}, excluded=("b",)).figures() == {
        "x/OA": None,
        "x/AA": None,
        "x/OA without b": None,
        "x/AA without b": None,
    }
    assert len(KindTally([], {"x/": []}).resampled(np.ones((5, 0)))["x/OA"]) == 5


def test_samples_that_share_their_kind_and_scores() -> None:
    which = [2, 0, 0, 3, 2, 2, 4]
    kinds, scores = ["a", "b", "b", "", "a"], [0.25, 1.0, 0.0, 1.0, 0.25]
    shared = KindTally(kinds, {"x/": scores}, which=which).figures()
    assert shared == KindTally([kinds[i] for i in which], {"x/": [scores[i] for i in which]}).figures()
