"""ROUGE over several references: EarthDial's published figures, and samples that prove nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics.rouge import Rouge

FIGURES = [
    f"ROUGE-{m}/{how}" for m in ("1", "2", "L", "Lsum") for how in ("mean of references", "best reference")
]


@pytest.mark.parametrize(
    ("file", "one", "longest"),
    [
        ("rs_image_caption/results/NWPU_RESISC45_Captions", 45.84, 39.96),  # published, arXiv 2412.15190
        ("rs_image_caption/results/RSITMD_Captions", 26.74, 21.72),
        ("rs_region_captioning/results/NWPU_VHR_10_test", 72.14, None),
    ],
)
def test_earthdial(shared: Path, file: str, one: float, longest: float | None) -> None:
    metric = Rouge()
    evidence = []
    with (shared / "data" / "predictions_EarthDial" / f"{file}.jsonl").open() as lines:
        for line in lines:
            row = json.loads(line)
            texts = tuple(v for k, v in row.items() if k.startswith("caption") or k == "annotation")
            evidence.append(metric.observe(Target(texts=texts), Answer(text=row["answer"])))
    figures = metric.tally(evidence).figures()
    assert round(100 * (figures["ROUGE-1/mean of references"] or 0), 2) == one
    if longest is not None:
        assert round(100 * (figures["ROUGE-L/mean of references"] or 0), 2) == longest


def test_means_over_images_not_over_references() -> None:
    metric = Rouge()
    gold = [Target(texts=("plane", "river")), Target(texts=("plane",)), Target()]
    evidence = [metric.observe(target, Answer(text="a plane")) for target in gold]
    tally = metric.tally(json.loads(json.dumps(evidence)))
    figures = tally.figures()
    assert figures["ROUGE-1/mean of references"] == pytest.approx((1 / 3 + 2 / 3) / 2)
    assert figures["ROUGE-1/best reference"] == pytest.approx(2 / 3)
    assert tally.figures(np.array([3, 0, 1]))["ROUGE-1/mean of references"] == pytest.approx(1 / 3)
    assert metric.details(evidence) == {"samples": 2, "without references": 1}
    assert list(figures) == FIGURES


def test_resamples_are_single_weightings() -> None:
    metric = Rouge()
    said = ["a plane", "two", "", "river bends"]
    tally = metric.tally(
        [metric.observe(Target(texts=("a river", "two planes")), Answer(text=s)) for s in said]
    )
    weights = np.array([[1, 1, 1, 1], [0, 2, 0, 2], [0, 0, 0, 0]])
    drawn = tally.resampled(weights)
    for row in (0, 1):
        assert {name: values[row] for name, values in drawn.items()} == pytest.approx(
            tally.figures(weights[row])
        )
    assert all(np.isnan(values[2]) for values in drawn.values())
    assert list(tally.resampled(weights, only=FIGURES[3])) == [FIGURES[3]]


@pytest.mark.parametrize("answer", [Answer(), Answer(unparsable="?", raw="x"), Answer(text="...")])
def test_no_words_score_nothing(answer: Answer) -> None:
    evidence = [Rouge().observe(Target(texts=("a plane", "...", "")), answer)]
    assert set(Rouge().tally(evidence).figures().values()) == {0.0}


def test_of_nothing_every_figure_is_none() -> None:
    assert Rouge().tally([]).figures() == dict.fromkeys(FIGURES)
