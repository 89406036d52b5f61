"""Counts of classes with and without objects, and what is undefined."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.average_precision import Ranking
from rsbench.harness.metrics.detection_counts import Counts, average_recall, count_figures, tallies


def counts(true: list[float], false: list[float], objects: list[float]) -> Counts:
    return Counts(np.array(true), np.array(false), np.array(objects))


def test_micro_and_macro() -> None:
    """The class without objects lowers precision but has no F1 in the mean."""
    table = counts([3, 0, 0], [1, 2, 4], [4, 5, 0])
    report = table.report()
    assert (report["true"], report["false"], report["missed"]) == (3, 7, 6)
    assert (report["precision"], report["recall"]) == (0.3, 3 / 9)
    assert report["f1"] == 6 / 19 and report["macro f1"] == (6 / 8 + 0) / 2
    assert table.mean_recall() == (3 / 4 + 0) / 2
    names = ["v/precision@0.50", "v/recall@0.50", "v/F1@0.50", "v/mF1@0.50"]
    assert list(count_figures("v", {0.5: table})) == names


def test_of_nothing_is_none() -> None:
    nothing = counts([0], [0], [0])
    assert {name: v for name, v in nothing.report().items() if v is not None} == {
        "true": 0,
        "false": 0,
        "missed": 0,
    }
    assert nothing.mean_recall() is None and np.isnan(average_recall([nothing]))
    assert counts([0], [2], [0]).report()["f1"] == 0.0


def test_average_recall_is_the_mean_over_thresholds() -> None:
    levels = [counts([3, 1], [0, 0], [4, 1]), counts([1, 0], [2, 1], [4, 1])]
    assert average_recall(levels) == pytest.approx((7 / 8 + 1 / 8) / 2)


def test_weights_count_samples() -> None:
    sample, score = np.array([0, 1, 1]), np.array([0.9, 0.8, 0.7])
    ranking = Ranking.of(sample, score, np.array([True, True, False]), grouped=False)
    true, false = tallies([ranking], 2)
    assert (true.tolist(), false.tolist()) == ([[1.0], [1.0]], [[0.0], [1.0]])
    weights = np.array([[1.0, 3.0], [0.0, 0.0]])
    drawn = Counts(weights @ true, weights @ false, weights @ np.array([[2.0], [1.0]]))
    assert drawn.ratios["precision"][0] == 4 / 7 and drawn.ratios["recall"][0] == 4 / 5
    assert all(np.isnan(values[1]) for values in drawn.ratios.values())
