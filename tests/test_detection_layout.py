"""Evidence of detection: one pass over all samples, and what is stacked again."""

from __future__ import annotations

import math

import numpy as np

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics.detection_layout import all_equal, laid_out, observed
from rsbench.harness.metrics.detection_view import View

VIEW = View("ab", {"a": "a", "b": "b"})
BOX, FAR = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0)


def two_samples() -> list[dict[str, object]]:
    first = Target(regions=(Region(BOX, "other"), Region(FAR, "b", ignore=True), Region(BOX, "a", area=7.0)))
    said = (Region(BOX, "a", 0.5), Region(FAR, "b", math.nan), Region(BOX, "b"), Region(BOX, "other", 0.1))
    pairs = [
        (first, Answer(regions=said)),
        (Target(), Answer()),
        (Target(regions=(Region(BOX, "b"),)), Answer(regions=said)),
    ]
    return [dict(e) for e in observed([t for t, _ in pairs], [a for _, a in pairs], [VIEW], False, "exact")]


def test_evidence_of_each_sample() -> None:
    first, nothing, last = two_samples()
    assert first == {
        "gold": {"area": [100.0, 100.0, 7.0], "ignored": [0, 1, 0]},
        "found": {"area": [100.0] * 4, "score": [0.5, None, None, 0.1]},
        "views": {"ab": {"gold": [-1, 1, 0], "found": [0, 1, 1, -1], "match": [2, 1, -1, -1],
                         "iou": [1.0, 1.0, 0.0, 0.0]}},
    }  # fmt: skip
    assert nothing["views"] == {"ab": {"gold": [], "found": [], "match": [], "iou": []}}
    assert last["views"] == {"ab": {"gold": [1], "found": [0, 1, 1, -1], "match": [-1, -1, 0, -1],
                                    "iou": [0.0, 0.0, 1.0, 0.0]}}  # fmt: skip


def test_stacked_rows_are_numbered_throughout() -> None:
    gold, found = laid_out(two_samples(), "ab")
    assert gold.sample.tolist() == [0, 0, 2] and gold.label.tolist() == [1, 0, 1]
    assert gold.ignored.tolist() == [True, False, False]
    assert found.label.tolist() == [0, 0, 1, 1, 1, 1]
    assert found.sample.tolist() == [0, 2, 0, 0, 2, 2]
    assert found.match.tolist() == [1, -1, 0, -1, -1, 2]
    assert found.score.tolist() == [0.5, 0.5, *[-np.inf] * 4]


def test_of_no_samples() -> None:
    gold, found = laid_out([], "ab")
    assert len(gold.sample) == len(found.sample) == 0
    assert list(observed([], [], [VIEW], True, "exact")) == []


def test_scores_that_are_all_equal() -> None:
    def said(*scores: float | None) -> list[dict[str, object]]:
        return [{"found": {"score": [score]}} for score in scores]

    assert all_equal([]) and all_equal(said(1.0, 1.0)) and all_equal(said(None, None))
    assert not all_equal(said(1.0, None)) and not all_equal(said(0.1, 0.2))
