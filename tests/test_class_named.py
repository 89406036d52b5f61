"""Whether a description names the class of its region and no other."""

from __future__ import annotations

import doctest
import json

import pytest

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics import class_named
from rsbench.harness.metrics.class_named import ClassNamed

CLASSES = ("ship", "small vehicle", "large vehicle", "storage tank", "bus")


def figure(*pairs: tuple[str | None, str | None], classes: tuple[str, ...] = CLASSES) -> float | None:
    metric = ClassNamed(classes)
    seen = [metric.observe(Target(label=label), Answer(text=text)) for label, text in pairs]
    return metric.tally(json.loads(json.dumps(seen))).figures()["class named"]


def test_doctest() -> None:
    assert doctest.testmod(class_named).failed == 0


@pytest.mark.parametrize(
    ("label", "text", "right"),
    [
        ("ship", "1 ship at the top left", 1),
        ("ship", "Two SHIPS.", 1),
        ("bus", "three buses", 1),
        ("small vehicle", "the small-vehicles", 1),
        ("small vehicle", "a vehicle", 0),
        ("small vehicle", "1 large vehicle at the top", 0),
        ("storage_tank", "a storage tank", 1),
        ("ship", "a ship beside a storage tank", 0),
        ("ship", "shipping containers", 0),
        ("ship", "ships and a ship", 1),
        ("ship", "", 0),
        ("ship", None, 0),
        ("pier", "a pier", 1),  # a class that the list lacks
        ("pier", "a pier with a ship", 0),
    ],
)
def test_right_and_wrong(label: str, text: str | None, right: int) -> None:
    assert figure((label, text)) == right


def test_the_longer_of_overlapping_names_counts() -> None:
    both = ("vehicle", "small vehicle")
    assert figure(("small vehicle", "a small vehicle"), classes=both) == 1
    assert figure(("vehicle", "a small vehicle"), classes=both) == 0
    assert figure(("vehicle", "a vehicle"), classes=both) == 1


def test_samples_without_a_label_count_for_nothing() -> None:
    assert figure(("ship", "ship"), (None, "ship"), ("ship", "bus")) == 0.5
    assert figure((None, "ship")) is None and figure() is None
    metric = ClassNamed(CLASSES)
    seen = [
        metric.observe(Target(label="ship"), Answer(text=text)) for text in ("ship", "bus", "no idea", "")
    ]
    seen.append(metric.observe(Target(), Answer(text="ship")))
    assert metric.details(seen) == {"classes": {"ship": {"objects": 4, "class named": 0.25, "no class": 0.5}}}
    assert metric.tally(seen).figures([1, 0, 0, 0, 5])["class named"] == 1
