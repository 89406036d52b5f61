"""Every metric on boxes and words that are none: a defined figure, JSON-able evidence, no warning."""

from __future__ import annotations

import json
import math

import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics.detection_rules import RULES
from rsbench.harness.registry import load
from rsbench.harness.roles import Metric

NAN = math.nan
BOXES: tuple[tuple[float, ...], ...] = (
    (0, 0, 10, 10),
    (0, 0, 0, 0),
    (NAN, 0, 1, 1),
    (0, 0, math.inf, 1),
    (1, 2, 3),
    (0,) * 9,
    (0, 0, 10, 10, 10, 0, 0, 10),  # crossing itself
    (5, 5, 1, 1),
    (-50, -50, -10, -10),
    (1e308,) * 8,
)
VIEWS = {"view": {"a": "a", "nobody": "nobody"}}
TEXTS = ("", "...", "a b", None, "\x00\ud800 é", "x" * 5000)


def boxes_metrics() -> list[Metric]:
    made: list[Metric] = [
        load("metrics", "detection")(VIEWS, (0.5,), oriented, rule=rule, averaged=True, counted=True)
        for rule in RULES
        for oriented in (True, False)
        if (oriented, rule) != (True, "dota-devkit-task2") and (oriented or not rule.startswith("mmrotate"))
    ]
    made += [load("metrics", "coco")(("a", "nobody"), kind=kind) for kind in ("bbox", "obb")]
    made += [load("metrics", "detection-f1-public")(VIEWS, oriented=oriented) for oriented in (True, False)]
    return [*made, load("metrics", "grounding")()]


@pytest.mark.parametrize("metric", boxes_metrics(), ids=lambda m: m.name)
def test_boxes_that_are_none(metric: Metric) -> None:
    """As objects and as answers, twice and with scores that are none; beside empty truths and answers."""
    gold = Target(regions=tuple(Region(points, "a") for points in BOXES), size=(100, 100))
    said = Answer(regions=tuple(Region(points, "a", s) for points in BOXES for s in (0.5, NAN, None)))
    pairs = [(gold, said), (Target(size=(100, 100)), said), (gold, Answer()), (Target(), Answer())]
    _check(metric, pairs)
    for pair in pairs:
        _check(metric, [pair])


@pytest.mark.parametrize(
    "name", ["caption", "rouge", "semantic", "class_named", "vqa", "multiple_choice", "choice"]
)
def test_words_that_are_none(name: str) -> None:
    metric = load("metrics", name)(("a", "b")) if name == "choice" else load("metrics", name)()
    truths: tuple[tuple[str, ...], ...] = ((), ("",), ("...",), ("a b",))
    pairs = [
        (Target(texts=texts, label="a", choices=("x", "y")), Answer(text=text, raw=text))
        for texts in truths
        for text in TEXTS
    ]
    _check(metric, pairs, highest=10)  # CIDEr


def _check(metric: Metric, pairs: list[tuple[Target, Answer]], highest: float = 1) -> None:
    evidence = [metric.observe(target, answer) for target, answer in pairs]
    json.dumps([evidence, metric.details(evidence)], allow_nan=False)
    for name, value in metric.tally(evidence).figures().items():
        assert value is None or 0 <= value <= highest + 1e-9, name
