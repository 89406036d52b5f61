"""The paired bootstrap against its definition, and how often it sees a difference that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from rsbench.harness.metrics.bootstrap import draws, intervals
from rsbench.harness.metrics.paired import differences


class Mean:
    """A tally with the mean of some numbers; a second figure only it has."""

    def __init__(self, values: Any, own: str = "own") -> None:
        self.values, self.own = np.asarray(values, float), own

    def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
        weight = np.ones(len(self.values)) if weights is None else weights
        total = weight.sum()
        return {"mean": float(weight @ self.values / total) if total else None, self.own: 1.0, "never": None}


def test_is_the_bootstrap_of_the_difference_of_each_sample() -> None:
    rng = np.random.default_rng(0)
    first = rng.normal(0, 1, 80)
    second = first + rng.normal(0.05, 0.3, 80)
    groups = [f"image {i // 2}" for i in range(80)]
    found = differences(Mean(first), Mean(second), 80, groups, seed=3, resamples=500)["mean"]
    assert found is not None
    assert found.value == pytest.approx((second - first).mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(
        intervals(Mean(second - first), 80, groups, seed=3, resamples=500)["mean"], abs=1e-12
    )
    weights = np.concatenate(list(draws(80, groups, 3, 500)))
    values = weights @ (second - first) / weights.sum(1)
    fewer = min((values <= 0).sum(), (values >= 0).sum())
    assert found.p == pytest.approx(2 * (1 + fewer) / 501)


def test_the_same_answers_do_not_differ() -> None:
    values = np.random.default_rng(1).normal(0, 1, 30)
    found = differences(Mean(values), Mean(values), 30, resamples=50)["mean"]
    assert found is not None and (found.value, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_sees_a_difference_where_there_is_none_no_more_often_than_it_says() -> None:
    rng = np.random.default_rng(2)
    seen = 0
    for trial in range(200):
        found = differences(Mean(rng.normal(0, 1, 50)), Mean(rng.normal(0, 1, 50)), 50, None, trial, 200)
        seen += found["mean"] is not None and found["mean"].p < 0.05
    assert 2 <= seen <= 24  # 10 expected


def test_a_clear_difference_is_as_small_as_the_draws_allow() -> None:
    found = differences(Mean(np.zeros(40)), Mean(np.ones(40)), 40, resamples=99)["mean"]
    assert found is not None and found.p == pytest.approx(2 / 100)


def test_what_is_undefined_or_not_shared() -> None:
    found = differences(Mean([1.0], "here"), Mean([2.0], "there"), 1, resamples=10)
    assert set(found) == {"mean", "never"} and found["never"] is None
    assert differences(Mean([]), Mean([]), 0)["mean"] is None


def test_rows_act_as_tallies_of_their_own() -> None:
    first, second = np.random.default_rng(4).normal(0, 1, (2, 30))
    rows = list(range(0, 30, 2))
    part = differences(Mean(first), Mean(second), 30, resamples=60, rows=rows)["mean"]
    alone = differences(Mean(first[rows]), Mean(second[rows]), 15, resamples=60)["mean"]
    assert part is not None and alone is not None
    assert (part.value, part.low, part.high, part.p) == pytest.approx(
        (alone.value, alone.low, alone.high, alone.p), abs=1e-12
    )
