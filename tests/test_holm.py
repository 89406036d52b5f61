"""Holm's correction against the principle it follows from, and against statsmodels where it is installed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from rsbench.harness.metrics.holm import holm


def closed(p_values: list[float]) -> list[float]:
    """Closed testing (Marcus and others, 1976): the largest Bonferroni p-value of all families of a test."""
    places = range(len(p_values))
    families = [f for size in places for f in combinations(places, size + 1)]
    return [
        max(min(1.0, len(f) * min(p_values[k] for k in f)) for f in families if place in f)
        for place in places
    ]


@pytest.mark.parametrize("seed", range(20))
def test_is_closed_testing_with_bonferroni(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p_values = (rng.random(rng.integers(1, 7)) ** 3).round(2).tolist()  # with ties
    assert holm(p_values) == pytest.approx(closed(p_values))


def test_equals_statsmodels() -> None:
    theirs = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p_values = (np.random.default_rng(1).random(40) ** 4).tolist()
    assert holm(p_values) == pytest.approx(theirs(p_values, method="holm")[1].tolist())


def test_what_was_not_tested_is_not_counted() -> None:
    assert holm([None, 0.02, None]) == [None, 0.02, None]
    assert holm([]) == []


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_refuses_what_is_no_p_value(wrong: float) -> None:
    with pytest.raises(ValueError, match="lies in"):
        holm([0.5, wrong])
