"""Choice against scikit-learn, and its corners."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Target
from rsbench.harness.metrics.choice import Choice

CLASSES = ("airport", "beach", "port")


def observed(gold: list[str], said: list[str | None]) -> list[Evidence]:
    metric = Choice(CLASSES)
    return [metric.observe(Target(label=g), Answer(label=s)) for g, s in zip(gold, said, strict=True)]


def draw(seed: int, n: int = 60) -> tuple[list[str], list[str | None]]:
    rng = np.random.default_rng(seed)
    gold = [CLASSES[i] for i in rng.integers(0, 3, n)]
    said = [(*CLASSES, None)[i] for i in rng.integers(0, 4, n)]
    return gold, said


@pytest.mark.parametrize("seed", range(5))
def test_equals_scikit_learn(seed: int) -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    gold, said = draw(seed)
    told = [s or "unparsable" for s in said]
    evidence = observed(gold, said)
    figures = Choice(CLASSES).tally(evidence).figures()
    assert figures["top-1"] == pytest.approx(sklearn.accuracy_score(gold, told), abs=1e-12)
    recall = sklearn.recall_score(gold, told, average="macro", labels=list(CLASSES), zero_division=0)
    assert figures["macro top-1"] == pytest.approx(recall, abs=1e-12)
    labels = [*CLASSES, "unparsable"]
    confusion = Choice(CLASSES).details(evidence)["confusion"]
    assert confusion["columns"] == labels
    assert confusion["rows"] == sklearn.confusion_matrix(gold, told, labels=labels)[:-1].tolist()


def test_weights_are_repetitions() -> None:
    evidence = observed(*draw(7))
    weights = np.random.default_rng(1).integers(0, 4, len(evidence))
    repeated = [e for e, w in zip(evidence, weights, strict=True) for _ in range(w)]
    metric = Choice(CLASSES)
    assert metric.tally(evidence).figures(weights) == pytest.approx(metric.tally(repeated).figures())


def test_of_nothing_is_none() -> None:
    nothing = {"top-1": None, "macro top-1": None}
    assert Choice(CLASSES).tally([]).figures() == nothing
    evidence = observed(["beach"], ["beach"])
    assert Choice(CLASSES).tally(evidence).figures(np.zeros(1)) == nothing


def test_a_class_without_samples_is_left_out() -> None:
    evidence = observed(["beach", "beach"], ["beach", "port"])
    assert Choice(CLASSES).tally(evidence).figures() == {"top-1": 0.5, "macro top-1": 0.5}
    classes = Choice(CLASSES).details(evidence)["classes"]
    assert classes["port"] == {"samples": 0, "hits": 0, "accuracy": None}
    assert classes["beach"] == {"samples": 2, "hits": 1, "accuracy": 0.5}


def test_a_blank_answer_is_wrong() -> None:
    metric = Choice(CLASSES)
    evidence = [metric.observe(Target(label="beach"), Answer(unparsable="empty"))]
    assert evidence[0] == {"gold": "beach", "label": None, "hit": 0}
    assert metric.observe(Target(), Answer())["hit"] == 0


def test_evidence_and_details_are_json() -> None:
    evidence = observed(*draw(3))
    again = json.loads(json.dumps(evidence))
    metric = Choice(CLASSES)
    assert metric.tally(again).figures() == metric.tally(evidence).figures()
    assert json.loads(json.dumps(metric.details(again))) == metric.details(evidence)


def test_names_outside_the_choices_are_shown() -> None:
    details = Choice(CLASSES).details(observed(["harbour"], ["beach"]))
    assert details["confusion"]["columns"] == [*CLASSES, "harbour", "unparsable"]
    assert details["classes"]["harbour"]["samples"] == 1
