"""Calibration against scikit-learn, against sums over bins, and its corners."""

from __future__ import annotations

import doctest
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from rsbench.harness.contract import Answer, Image, Region, Response, Target, Text, Token
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.metrics import calibration as module
from rsbench.harness.metrics.calibration import calibration, probability_of_tokens, reliability
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.vqa import VQA
from rsbench.harness.understand import understand


def draw(seed: int, n: int = 405) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(seed)
    confidence = rng.beta(4, 2, n)
    return confidence, (rng.random(n) < confidence**1.5).astype(float)


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("equal_mass", "strategy"), [(False, "uniform"), (True, "quantile")])
def test_the_curve_equals_scikit_learn(seed: int, equal_mass: bool, strategy: str) -> None:
    sklearn = pytest.importorskip("sklearn.calibration")
    confidence, correct = draw(seed)
    # with a multiple of 15 samples scikit-learn's quantiles lie between samples, none on one
    accuracy, mean = sklearn.calibration_curve(correct, confidence, n_bins=15, strategy=strategy)
    curve = reliability(confidence, correct, 15, equal_mass)
    assert curve.accuracy == pytest.approx(accuracy, abs=1e-12)
    assert curve.confidence == pytest.approx(mean, abs=1e-12)
    assert curve.count.sum() == len(confidence)
    assert (curve.low < curve.confidence).all() and (curve.confidence <= curve.high).all()


@pytest.mark.parametrize("seed", range(3))
def test_errors_equal_sums_over_bins(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    confidence, correct = draw(seed)
    gaps, weights = [], []
    for i in range(15):  # Guo et al. 2017, equation 3, bin by bin
        inside = (confidence > i / 15) & (confidence <= (i + 1) / 15)
        if inside.any():
            gaps.append(abs(correct[inside].mean() - confidence[inside].mean()))
            weights.append(inside.mean())
    figures = calibration(confidence, correct)
    assert figures["ECE"] == pytest.approx(float(np.dot(gaps, weights)), abs=1e-12)
    assert figures["MCE"] == pytest.approx(max(gaps), abs=1e-12)
    assert figures["Brier"] == pytest.approx(metrics.brier_score_loss(correct, confidence), abs=1e-12)


def test_perfect_and_worst() -> None:
    assert calibration([1, 1, 0], [1, 1, 0]) == {"ECE": 0.0, "ECE equal mass": 0.0, "MCE": 0.0, "Brier": 0.0}
    assert calibration([1, 1, 0], [0, 0, 1]) == {"ECE": 1.0, "ECE equal mass": 1.0, "MCE": 1.0, "Brier": 1.0}


def test_an_edge_belongs_to_the_bin_below() -> None:
    assert reliability([0.5, 0.6], [1, 0], bins=2).count.tolist() == [1.0, 1.0]
    assert reliability([0.0, 1.0], [0, 1], bins=2).count.tolist() == [1.0, 1.0]


def test_equal_mass_keeps_equal_confidences_together() -> None:
    curve = reliability([0.3] * 50 + [0.9] * 2, [0] * 50 + [1] * 2, 5, equal_mass=True)
    assert curve.count.tolist() == [50.0, 2.0]
    assert reliability(np.linspace(0.01, 1, 60), np.ones(60), 6, equal_mass=True).count.tolist() == [10.0] * 6


def test_of_nothing_is_none() -> None:
    assert set(calibration([], []).values()) == {None}
    assert set(calibration([np.nan], [1]).values()) == {None}
    assert reliability([], []).rows() == []
    assert reliability([], [], equal_mass=True).rows() == []


def test_a_confidence_of_nan_is_left_out() -> None:
    assert calibration([0.7, np.nan], [1, 0]) == calibration([0.7], [1])


@pytest.mark.parametrize(
    ("confidence", "correct", "bins"),
    [([0.5], [1, 0], 5), ([1.2], [1], 5), ([-0.1], [1], 5), ([0.5], [1], 0)],
)
def test_refused(confidence: list[float], correct: list[int], bins: int) -> None:
    with pytest.raises(ValueError):
        reliability(confidence, correct, bins)


def test_rows_are_json() -> None:
    rows = reliability(*draw(1)).rows()
    assert json.loads(json.dumps(rows)) == rows
    assert set(rows[0]) == {"low", "high", "count", "confidence", "accuracy"}


def test_probability_of_tokens() -> None:
    assert probability_of_tokens([]) is None
    assert probability_of_tokens([0.0, np.nan]) is None
    assert probability_of_tokens([-np.inf, 0.0]) == 0.0
    assert probability_of_tokens([1e-9]) == 1.0  # rounding above 0 is no probability above 1


def test_reports_hold_it_where_there_are_confidences() -> None:
    """Right at .9, wrong at .6: both gaps count half."""
    expected = pytest.approx((0.1 + 0.6) / 2)
    pairs = [("beach", "beach", 0.9), ("beach", "port", 0.6)]
    for metric in (Choice(("beach", "port")), VQA("vqa/exact")):
        evidence = [
            metric.observe(Target(label=gold, texts=(gold,)), Answer(said, said, raw=said, confidence=c))
            for gold, said, c in pairs
        ]
        assert metric.details(evidence)["calibration"]["ECE"] == expected
        silent = [metric.observe(Target(label=gold), Answer(said, said)) for gold, said, _ in pairs]
        assert "calibration" not in metric.details(silent)
    boxes = Detection({"all": {"ship": "ship"}}, (0.5,))
    gold = Target(regions=(Region((0, 0, 9, 9), "ship"),))
    said = (Region((0, 0, 9, 9), "ship", 0.9), Region((50, 50, 59, 59), "ship", 0.6))
    found = boxes.details([boxes.observe(gold, Answer(regions=said))])["all"]["calibration"]
    assert found["ECE"] == expected and [row["count"] for row in found["bins"]] == [1, 1]
    odd = (Region((0, 0, 9, 9), "ship", -3.0), Region((50, 50, 59, 59), "ship", 0.6))
    assert boxes.details([boxes.observe(gold, Answer(regions=odd))])["all"]["calibration"] is None


def test_the_confidence_of_words_is_that_of_their_tokens() -> None:
    tokens = (Token("a ", 0.0), Token("ship", float(np.log(0.25))))
    said = Response("k", "1", text="a ship", tokens=tokens)
    answer = understand(said, Text("?"), Plain(), Image("a.png", ""))
    assert answer.confidence == pytest.approx(0.5) and answer.raw == "a ship"
    assert understand(Response("k", "1", text="a"), Text("?"), Plain(), Image("a.png", "")).confidence is None
