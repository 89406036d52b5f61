"""The threshold sweep: what a cut keeps, how it is chosen, and that the test set cannot choose it unseen."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Region, Target
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.detection_sweep import CUTS, ON_THE_TEST_SET, apply, choose, cut_at

METRIC = Detection({"ships": {"ship": "ship"}}, (0.5,))
FIGURE = "ships/AP_nc@0.50/voc07/file-order"


def row(n: float) -> tuple[float, ...]:
    return (20.0 * n, 0.0, 20.0 * n + 10, 10.0)


def samples(seed: int, count: int = 20) -> list[tuple[Target, Answer]]:
    """True detections score between 0.3 and 1, false ones between 0 and 0.4."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        n = int(rng.integers(0, 5))
        found = [Region(row(i + rng.uniform(0, 0.1)), "ship", rng.uniform(0.3, 1)) for i in range(n)]
        found += [Region(row(50 + i), "ship", rng.uniform(0, 0.4)) for i in range(3)]
        found.append(Region(row(90), "ship", None))
        gold = tuple(Region(row(i), "ship") for i in range(n))
        pairs.append((Target(regions=gold), Answer(regions=tuple(found))))
    return pairs


def evidence_of(pairs: list[tuple[Target, Answer]]) -> list[Evidence]:
    return list(METRIC.observe_all([t for t, _ in pairs], [a for _, a in pairs]))


@pytest.mark.parametrize("cut", [0.1, 0.35, 0.7, 2.0])
def test_a_cut_is_as_if_the_detector_had_not_said_it(cut: float) -> None:
    pairs = samples(0)
    pruned = [
        (t, Answer(regions=tuple(
            Region(r.points, r.label, 1.0) for r in a.regions if r.score is not None and r.score > cut)))
        for t, a in pairs
    ]  # fmt: skip
    assert cut_at(evidence_of(pairs), cut) == evidence_of(pruned)


def test_the_score_must_be_above_the_cut() -> None:
    pair = (Target(regions=(Region(row(0), "ship"),)), Answer(regions=(Region(row(0), "ship", 0.5),)))
    assert cut_at(evidence_of([pair]), 0.5)[0]["found"]["score"] == []
    assert cut_at(evidence_of([pair]), 0.45)[0]["found"]["score"] == [1.0]


def test_chosen_on_validation_applied_to_test() -> None:
    validation, test = evidence_of(samples(1)), evidence_of(samples(2))
    cut = choose(METRIC, validation, FIGURE)
    assert tuple(cut.values) == CUTS and cut.score in (0.3, 0.35, 0.4)
    values = [METRIC.tally(cut_at(validation, c)).figures()[FIGURE] for c in CUTS]
    assert list(cut.values.values()) == values and cut.values[cut.score] == max(v for v in values if v)
    figures = apply(cut, METRIC, test)
    assert figures == METRIC.tally(cut_at(test, cut.score)).figures() and FIGURE in figures


def test_the_evaluated_set_cannot_choose_without_saying_so() -> None:
    validation, test = evidence_of(samples(1)), evidence_of(samples(2))
    cut = choose(METRIC, validation + test, FIGURE)
    for evaluated in (validation, test, test[3:9]):
        with pytest.raises(UsageError, match="chosen on"):
            apply(cut, METRIC, evaluated)
    said = apply(cut, METRIC, test, same_set=True)
    assert said and all(name.endswith(f"({ON_THE_TEST_SET})") for name in said)
    assert list(said.values()) == list(METRIC.tally(cut_at(test, cut.score)).figures().values())


def test_empty_samples_are_not_the_same_samples() -> None:
    nothing = evidence_of([(Target(), Answer())])
    cut = choose(METRIC, evidence_of(samples(1)) + nothing, FIGURE)
    assert apply(cut, METRIC, evidence_of(samples(2)) + nothing)


def test_of_equal_cuts_the_lowest() -> None:
    pair = (Target(regions=(Region(row(0), "ship"),)), Answer(regions=(Region(row(0), "ship", 0.9),)))
    assert choose(METRIC, evidence_of([pair]), FIGURE).score == 0.1


def test_what_cannot_be_chosen_by_is_named() -> None:
    with pytest.raises(DataError, match="undefined"):
        choose(METRIC, evidence_of([(Target(), Answer())]), FIGURE)
    with pytest.raises(UsageError, match="no figure"):
        choose(METRIC, evidence_of(samples(1)), "ships/AP_nc@0.75/voc07/group")
