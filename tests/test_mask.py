"""MaskIoU against plain arrays and worked samples: with a target, without one, unreadable, empty."""

from __future__ import annotations

import doctest
import json

import numpy as np
import pytest
from numpy.typing import NDArray

from rsbench.harness.contract import Answer, Evidence, Raster, Region, Target
from rsbench.harness.errors import DataError
from rsbench.harness.metrics import mask as module
from rsbench.harness.metrics.mask import LEVELS, MaskIoU
from rsbench.harness.metrics.mask_codec import encode


def region(pixels: NDArray[np.bool_]) -> Region:
    return Region((), "it", mask=encode(pixels))


def iou(target: Target, answer: Answer) -> float | None:
    metric = MaskIoU()
    return metric.tally([metric.observe(target, answer)]).figures()["mask/mean_iou"]


def test_figures_are_those_of_plain_arrays() -> None:
    rng = np.random.default_rng(0)
    metric, evidence, both, joined = MaskIoU(), [], [], []
    for _ in range(40):
        gold = rng.random((2, 20, 30)) < 0.4
        found = gold ^ (rng.random(gold.shape) < rng.choice([0.0, 0.05, 0.2]))
        evidence.append(
            metric.observe(
                Target(regions=tuple(region(p) for p in gold)),
                Answer(regions=tuple(region(p) for p in found)),
            )
        )
        here, there = gold.any(0), found.any(0)
        both.append((here & there).sum())
        joined.append((here | there).sum())
    figures = metric.tally(json.loads(json.dumps(evidence))).figures()
    ratio = np.array(both) / np.array(joined)
    assert figures["mask/mean_iou"] == pytest.approx(ratio.mean(), abs=1e-12)
    assert figures["mask/cum_iou"] == pytest.approx(sum(both) / sum(joined), abs=1e-12)
    for level in LEVELS:
        assert figures[f"mask/Pr@{level}"] == pytest.approx((ratio >= level).mean(), abs=1e-12)
    assert figures["mask/N-acc"] is None
    assert figures["mask/T-acc"] == 1.0
    weights = rng.integers(0, 4, (5, 40))
    drawn = metric.tally(evidence).resampled(weights)
    for row, weight in enumerate(weights):
        literal = metric.tally([e for e, w in zip(evidence, weight, strict=True) for _ in range(w)]).figures()
        for name, value in literal.items():
            assert np.isnan(drawn[name][row]) if value is None else drawn[name][row] == pytest.approx(value)
    assert list(metric.tally(evidence).figures(only="mask/cum_iou")) == ["mask/cum_iou"]


SQUARE = np.zeros((8, 8), bool)
SQUARE[2:6, 2:6] = True
GOLD = Target(regions=(region(SQUARE),))
NOTHING = Target(size=(8, 8))


def test_iou_that_equals_a_level_reaches_it() -> None:
    half = SQUARE.copy()
    half[4:] = False
    metric = MaskIoU()
    figures = metric.tally([metric.observe(GOLD, Answer(regions=(region(half),)))]).figures()
    assert (figures["mask/mean_iou"], figures["mask/Pr@0.5"], figures["mask/Pr@0.6"]) == (0.5, 1.0, 0.0)


def test_boxes_and_corners_are_filled() -> None:
    assert iou(GOLD, Answer(regions=(Region((2, 2, 6, 6), "it"),))) == 1.0
    assert iou(GOLD, Answer(regions=(Region((2, 2, 6, 2, 6, 6, 2, 6), "it"),))) == 1.0
    drawn = Target(regions=(Region((2, 2, 6, 6), "it"),), size=(8, 8))
    assert iou(drawn, Answer(regions=(region(SQUARE),))) == 1.0


BROKEN = Region((), "it", mask=Raster(8, 8, "!"))
ELSEWHERE = region(np.ones((9, 8), bool))


@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        (GOLD, Answer(), 0.0),
        (GOLD, Answer(unparsable="empty"), 0.0),
        (GOLD, Answer(regions=(region(np.zeros_like(SQUARE)),)), 0.0),
        (GOLD, Answer(regions=(BROKEN,)), 0.0),
        (GOLD, Answer(regions=(ELSEWHERE,)), 0.0),
        (GOLD, Answer(regions=(BROKEN, region(SQUARE))), 1.0),  # the rest counts
        (GOLD, Answer(regions=(Region((2, 2, 6), "it"), Region((2, 2, 6, 6), "it"))), 1.0),
        (NOTHING, Answer(), 1.0),
        (NOTHING, Answer(regions=(region(np.zeros_like(SQUARE)),)), 1.0),
        (NOTHING, Answer(regions=(region(SQUARE),)), 0.0),
        (NOTHING, Answer(unparsable="empty"), 0.0),
        (NOTHING, Answer(regions=(BROKEN,)), 0.0),
        (NOTHING, Answer(regions=(Region((0, 0, 0, 0), "it"),)), 0.0),
        (Target(), Answer(), 1.0),
        (Target(), Answer(regions=(Region((0, 0, 5, 5), "it"),)), 0.0),  # no image to draw it on
    ],
)
def test_defined_results(target: Target, answer: Answer, expected: float) -> None:
    assert iou(target, answer) == expected


def test_samples_without_a_target() -> None:
    """They count in both means and in their own accuracy, not in precision (gRefCOCO's evaluator)."""
    metric = MaskIoU()
    evidence: list[Evidence] = [
        metric.observe(GOLD, Answer(regions=(region(SQUARE),))),
        metric.observe(NOTHING, Answer()),
        metric.observe(NOTHING, Answer(regions=(region(SQUARE),))),
        metric.observe(GOLD, Answer()),
    ]
    figures = metric.tally(evidence).figures()
    assert figures == {
        "mask/mean_iou": 0.5, "mask/cum_iou": 16 / 48, **{f"mask/Pr@{t}": 0.5 for t in LEVELS},
        "mask/N-acc": 0.5, "mask/T-acc": 0.5,
    }  # fmt: skip
    assert metric.details(evidence)["counts"] == {
        "with a target": 2, "without a target": 2, "broken answers": 0
    }  # fmt: skip


def test_of_nothing_is_none() -> None:
    assert set(MaskIoU().tally([]).figures().values()) == {None}


def test_objects_that_cannot_be_read_are_errors() -> None:
    for regions in ((BROKEN,), (Region((), "it"),), (region(SQUARE), ELSEWHERE)):
        with pytest.raises(DataError, match="(?i)mask"):
            MaskIoU().observe(Target(regions=regions), Answer())


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
