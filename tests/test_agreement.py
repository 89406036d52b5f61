"""The same answers under many rules."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

from rsbench.harness.errors import UsageError
from rsbench.harness.metrics import agreement
from rsbench.harness.metrics.agreement import same_answers
from rsbench.harness.rules.rule import Context
from rsbench.harness.rules.table import CLASSIFICATION, RULES


def test_doctests() -> None:
    assert doctest.testmod(agreement).failed == 0


def test_rows() -> None:
    pairs = [("Dense Residential", "dense residential"), ("", "dense residential"), ("car", "vehicle")]
    rows = {row["rule"]: row for row in same_answers(pairs, context=Context(classes=("dense residential",)))}
    assert list(rows) == list(RULES)
    assert rows["cls/strict"]["accuracy"] == pytest.approx(1 / 3)
    assert rows["cls/strict"]["unparsed"] == pytest.approx(2 / 3)
    assert rows["cls/geochat"]["accuracy"] == pytest.approx(1 / 3)  # the gold as a folder name
    assert rows["cls/either"]["empty"] == 1.0 and rows["cls/strict"]["empty"] == 0.0
    assert rows["vrsbench/contain-first"]["judge"] == pytest.approx(2 / 3)


def test_of_nothing() -> None:
    assert {row["accuracy"] for row in same_answers([])} == {None}
    with pytest.raises(UsageError):
        same_answers([], ["cls/strickt"])


def test_golden_texts_under_the_rules_for_scenes(shared: Path) -> None:
    """How many of the 24 golden texts are right depends on the rule."""
    rows = json.loads((shared / "golden" / "protocol_vectors.json").read_text())["text"]
    pairs = [(row["pred"], row["gold"]) for row in rows]
    context = Context(classes=tuple(dict.fromkeys(gold for _, gold in pairs)))
    found = {
        row["rule"]: round(len(pairs) * row["accuracy"])
        for row in same_answers(pairs, CLASSIFICATION, context)
    }
    assert found["cls/contain"] == sum(row["scores"]["rscovlm_contain"] for row in rows) == 16
    assert found["cls/geochat"] == sum(row["scores"]["geochat_scene"] for row in rows)
    assert found["cls/either"] == sum(row["scores"]["vhm_either"] for row in rows)
    assert found["cls/strict"] < found["cls/contain"] < found["cls/either"]
