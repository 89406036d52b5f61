"""Accuracy of letters over questions and kinds."""

from __future__ import annotations

import doctest
import json

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics import multiple_choice
from rsbench.harness.metrics.multiple_choice import MultipleChoice
from rsbench.harness.roles import Metric
from rsbench.harness.rules.rule import EMPTY
from rsbench.harness.rules.table import MULTIPLE_CHOICE

OPTIONS = ("a road", "a river", "a school", "a bridge")
ROWS = [("A", "A", "colour"), ("Answer: D", "D", "colour"), ("", "A", "count"), ("b", "A", "position")]


def test_doctests() -> None:
    assert doctest.testmod(multiple_choice).failed == 0


def test_figures() -> None:
    metric: Metric = MultipleChoice(others=MULTIPLE_CHOICE)
    evidence = [
        metric.observe(Target(label=gold, choices=OPTIONS, kind=kind), Answer(text=said, raw=said))
        for said, gold, kind in ROWS
    ]
    evidence = json.loads(json.dumps(evidence))
    figures = metric.tally(evidence).figures()
    assert figures["choice/strict/micro"] == 0.5
    assert figures["choice/strict/macro"] == pytest.approx(1 / 3)
    assert figures["choice/strict/type: colour"] == 1.0
    assert figures["mme-realworld/official/micro"] == 0.5  # the empty answer for D
    assert figures["mme-realworld/official/type: count"] == 1.0
    assert metric.details(evidence)["unparsed"]["choice/strict"] == {EMPTY: 1}
    assert set(metric.tally(evidence).figures(np.zeros(4)).values()) == {None}
    assert set(metric.tally([]).figures().values()) == {None}


def test_an_option_named_by_a_classifier() -> None:
    target = Target(label="B", choices=OPTIONS)
    assert MultipleChoice().observe(target, Answer(label="a river"))["scores"] == {"choice/strict": 1.0}
    assert MultipleChoice().observe(Target(), Answer(text="B"))["scores"] == {"choice/strict": None}
