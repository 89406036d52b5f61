"""Options of COCO's rule: what each may be, and which thresholds have figures."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.errors import UsageError
from rsbench.harness.metrics import coco_rule as module
from rsbench.harness.metrics.coco import CocoDetection
from rsbench.harness.metrics.coco_rule import Rule


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"levels": ()}, "thresholds"),
        ({"levels": (0.0,)}, "thresholds"),
        ({"levels": (1.1,)}, "thresholds"),
        ({"levels": (float("nan"),)}, "thresholds"),
        ({"levels": tuple(i / 100 for i in range(1, 64))}, "thresholds"),
        ({"areas": {"small": (0, 9)}}, "all"),
        ({"areas": {}}, "all"),
        ({"areas": {"all": (9, 0)}}, "no range"),
        ({"areas": {"all": (float("nan"), 9)}}, "no range"),
        ({"limits": ()}, "detections"),
        ({"limits": (0, 10)}, "detections"),
        ({"limits": (10, 1)}, "detections"),
        ({"limits": (1, 1)}, "detections"),
        ({"kind": "keypoints"}, "keypoints"),
    ],
)
def test_what_an_option_may_not_be(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        Rule(**options)


def test_figures_follow_the_options() -> None:
    """Bins by the pixel, other thresholds, other limits; the most thresholds there can be."""
    metric = CocoDetection(
        ["ship"], limit=(1, 500), thresholds=(0.25, 0.5), areas={"4 to 8 px": (16.0, 64.0)}, agnostic=True
    )
    gold = Target(regions=(Region((0, 0, 6, 6), "ship"), Region((9, 9, 99, 99), "ship")))
    evidence = [metric.observe(gold, Answer(regions=(Region((0, 0, 6, 4), "ship", 0.5),)))]
    half = pytest.approx(51 / 101)
    assert metric.tally(evidence).figures() == {
        "AP": half, "AP25": half, "AP50": half, "AP 4 to 8 px": pytest.approx(1.0),
        "AR1": 0.5, "AR500": 0.5, "AR 4 to 8 px": 1.0,
    }  # fmt: skip
    assert list(metric.details(evidence)["classes"]) == ["all classes"]
    levels = [i / 62 for i in range(1, 63)]
    many = CocoDetection(["ship"], thresholds=levels)
    figures = many.tally([many.observe(gold, Answer(regions=gold.regions))]).figures()
    assert figures["AP"] == pytest.approx(1.0)
    assert len([name for name in figures if name.startswith("AP")]) == 62 + 4


def test_a_limit_alone_keeps_the_usual_recalls() -> None:
    assert CocoDetection(["ship"], 1000).rule.limits == (1, 10, 1000)
    assert CocoDetection(["ship"], 5).rule.limits == (1, 5)


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
