"""What CocoTally counts, worked by hand: ranks across samples, ties, limits, weights."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from rsbench.harness.contract import Evidence
from rsbench.harness.metrics import coco_tally as module
from rsbench.harness.metrics.coco_columns import Verdicts
from rsbench.harness.metrics.coco_rule import Rule
from rsbench.harness.metrics.coco_tally import CocoTally

ALL = {"all": (0.0, 1e10)}


def tally(evidence: list[Evidence], limits: tuple[int, ...] = (1, 100), classes: int = 1) -> CocoTally:
    rule = Rule(levels=(0.5,), areas=ALL, limits=limits)
    names = [str(c) for c in range(classes)]
    return CocoTally(Verdicts.of(evidence, 1), names, len(evidence), rule)


def sample(asked: int, *found: tuple[float | None, bool]) -> Evidence:
    """One class; detections by rank, each a score and whether it takes an object."""
    rows = [[0, rank, score, [int(hit)], [0]] for rank, (score, hit) in enumerate(found)]
    return {"gold": [[0, asked]] if asked else [], "found": rows}


def test_best_first_across_samples() -> None:
    """Golden HBB cases 12 and 13 in one: of equal scores the earlier sample counts first."""
    hit, miss = sample(1, (0.5, True)), sample(0, (0.5, False))
    assert tally([hit, miss]).figures()["AP"] == pytest.approx(1.0)
    assert tally([miss, hit]).figures()["AP"] == pytest.approx(0.5)
    assert tally([sample(1, (0.9, False), (None, True))]).figures()["AP"] == pytest.approx(0.5)


def test_recall_of_3_in_10_reaches_its_level() -> None:
    """Golden HBB case 18: 31 of the 101 recalls."""
    samples = [sample(1, (0.9, True)) for _ in range(3)] + [sample(1) for _ in range(7)]
    assert tally(samples).figures()["AP"] == pytest.approx(31 / 101)


def test_recall_counts_the_first_of_every_sample() -> None:
    figures = tally([sample(2, (0.9, True), (0.8, True)), sample(2, (0.7, False), (0.6, True))]).figures()
    assert (figures["AR1"], figures["AR100"]) == (0.25, 0.75)


def test_a_sample_of_no_weight_is_not_there() -> None:
    samples = [sample(1, (0.9, False)), sample(1, (0.5, True))]
    assert tally(samples).figures(np.array([0, 2])) == tally(samples[1:]).figures()
    assert tally(samples).figures(np.array([0, 0])) == {"AP": None, "AP50": None, "AR1": None, "AR100": None}


def test_resampled_is_one_by_one() -> None:
    samples = [sample(2, (0.9, True), (0.3, False)), sample(1, (0.5, True)), sample(0, (0.7, False))]
    weights = np.array([[1, 1, 1], [0, 2, 1], [0, 0, 3]])
    drawn = tally(samples).resampled(weights)
    assert np.isnan(drawn["AP"][2])
    for row in (0, 1):
        figures = tally(samples).figures(weights[row])
        assert {name: values[row] for name, values in drawn.items()} == figures


def test_old_rows_come_back_as_they_were() -> None:
    evidence = [sample(2, (0.9, True), (None, False)), sample(0), sample(1)]
    assert Verdicts.of(evidence, 1).evidence(3) == evidence


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0


def test_evidence_of_a_higher_limit() -> None:
    """Detections beyond the limit are not looked at, though the evidence has them."""
    wide = sample(2, (0.9, False), (0.8, True), (0.7, True))
    assert tally([wide], limits=(1,)).figures() == {"AP": 0.0, "AP50": 0.0, "AR1": 0.0}
    assert tally([wide], limits=(1, 2)).figures()["AR2"] == 0.5
