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
from rsbench.harness.rules.table import RULES


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


HITS = {  # of the 24 golden texts, the number that is right under each rule, and with an empty answer
    "cls/strict": (10, 0),
    "cls/geochat": (8, 0),
    "cls/contain": (16, 0),
    "cls/rseval": (9, 24),
    "cls/either": (20, 24),
    "cls/lhrs": (17, 1),
    "cls/rsthinker": (18, 0),
    "cls/skysense": (5, 0),
    "cls/falcon": (4, 0),
    "cls/earthdial": (9, 0),
    "cls/startswith": (8, 24),
    "rsvqa/strict": (9, 0),
    "rsvqa/original": (4, 0),
    "rsvqa/contain": (16, 0),
    "rsvqa/lhrs": (11, 24),
    "rsvqa/vhm-presence": (7, 0),
    "rsvqa/either": (20, 24),
    "rsvqa/teochat": (8, 0),
    "vqa/exact": (7, 0),
    "vrsbench/contain-first": (16, 0),
}


def test_the_golden_texts_under_every_rule(shared: Path) -> None:
    """From 4 to 20 of the same 24 answers are right, and up to 24 of as many empty ones."""
    rows = json.loads((shared / "golden" / "protocol_vectors.json").read_text())["text"]
    pairs = [(row["pred"], row["gold"]) for row in rows]
    context = Context(classes=tuple(dict.fromkeys(gold for _, gold in pairs)))
    found = same_answers(pairs, tuple(HITS), context)
    hits = {row["rule"]: (round(24 * row["accuracy"]), round(24 * row["empty"])) for row in found}
    assert hits == HITS
