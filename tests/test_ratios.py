"""Ratios of sums, one weighting at a time and many at once."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.ratios import Ratios

PARTS = {
    "mean": ([0.2, 0.4, 0.9], [1, 1, 1]),
    "some": ([1.0, 0.0, 0.0], [1, 0, 1]),
    "low": ([-1, -1, 1], [1, 1, 1]),
}


def test_figures_under_weights() -> None:
    tally = Ratios(3, PARTS)
    assert tally.figures() == pytest.approx({"mean": 0.5, "some": 0.5, "low": 0.0})
    assert tally.figures([0, 2, 0]) == {"mean": 0.4, "some": None, "low": 0.0}
    assert tally.figures([0, 0, 0]) == {"mean": None, "some": None, "low": None}
    assert tally.figures(only="some") == {"some": 0.5}


def test_many_weightings_equal_one_at_a_time() -> None:
    tally = Ratios(3, PARTS)
    weights = np.random.default_rng(0).integers(0, 3, (30, 3))
    many = tally.resampled(weights)
    for draw, weight in enumerate(weights):
        one = {name: np.nan if value is None else value for name, value in tally.figures(weight).items()}
        drawn = {name: values[draw] for name, values in many.items()}
        assert one == pytest.approx(drawn, abs=1e-12, nan_ok=True)


def test_nothing() -> None:
    assert Ratios(0, {"mean": ([], [])}).figures() == {"mean": None}
    assert Ratios(2, {}).figures() == {}
