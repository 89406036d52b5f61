"""All rules at once: the golden vectors, empty answers, odd input."""

from __future__ import annotations

import doctest
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.errors import UsageError
from rsbench.harness.rules import classification, lrs, multiple_choice, rsvqa, table, vqa
from rsbench.harness.rules import rule as values
from rsbench.harness.rules.multiple_choice import mme_lmms_eval, mme_official
from rsbench.harness.rules.rsvqa import bucket
from rsbench.harness.rules.rule import JUDGE, Context
from rsbench.harness.rules.table import RULES, rule

GOLDEN = {  # how the golden file calls a rule: its names here
    "geochat_scene": ("cls/geochat",),
    "rscovlm_contain": ("cls/contain", "rsvqa/contain", "vrsbench/contain"),
    "rscovlm_startswith": ("cls/startswith",),
    "vhm_either": ("cls/either", "rsvqa/either"),
    "rseval_cls_vqa": ("cls/rseval", "rsvqa/rseval"),
    "earthdial_recall": ("cls/earthdial", "rsvqa/earthdial"),
    "lhrs_vqa": ("rsvqa/lhrs",),
    "vhm_presence": ("rsvqa/vhm-presence",),
    "vrsbench_rule": ("vrsbench/contain-first",),
    "exact_ci": ("vqa/exact", "vrsbench/exact"),
}
GOLDS = (
    "yes",
    "no",
    "rural",
    "0",
    "2",
    "23m2",
    "between 0 and 10",
    "airport",
    "dense residential",
    "red, blue",
)
SCENES = ("airport", "beach", "dense residential", "port")


@pytest.fixture(scope="module")
def golden(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "golden" / "protocol_vectors.json").read_text())
    return found


def test_doctests() -> None:
    assert doctest.testmod(table).failed == doctest.testmod(values).failed == 0


def test_golden_texts(golden: dict[str, Any]) -> None:
    compared = 0
    for row in golden["text"]:
        for name, expected in row["scores"].items():
            for own in GOLDEN[name]:
                outcome = RULES[own].score(row["pred"], row["gold"], Context())
                if expected == "judge":
                    assert outcome == JUDGE, (own, row)
                else:
                    assert (0.0 if isinstance(outcome, str) else outcome) == expected, (own, row)
                compared += 1
    assert compared == 16 * len(golden["text"])


def test_golden_buckets(golden: dict[str, Any]) -> None:
    assert [bucket(answer) for answer, _ in golden["rsvqa_bucket"]] == [b for _, b in golden["rsvqa_bucket"]]


def test_golden_letters(golden: dict[str, Any]) -> None:
    for text, letters in golden["mcq_letter_mme"]:
        for compare, name in ((mme_official, "official"), (mme_lmms_eval, "lmms_eval")):
            right = {letter for letter in "ABCDE" if compare(text, letter) == 1.0}
            assert right == ({letters[name]} if letters[name] else set()), (text, name)


@pytest.mark.parametrize("name", RULES)
def test_an_empty_answer(name: str) -> None:
    """It never scores under a strict rule, nor under any that is not marked."""
    found = RULES[name]
    golds = {"cls": SCENES, "choice": "ABCDE", "mme-realworld": "ABCDE", "rscovlm": "ABCDE"}
    golds_of = golds.get(name.partition("/")[0], "ABCDE" if name == "vhm/choice" else GOLDS)
    scores = [found.score("", gold, Context(classes=SCENES)) for gold in golds_of]
    assert (1.0 in scores) == found.rewards_empty
    if found.ours:
        assert all(isinstance(score, str) for score in scores)
        assert all(isinstance(found.score("  \n", gold, Context(classes=SCENES)), str) for gold in golds_of)


def test_names_and_sources() -> None:
    assert len(RULES) == sum(map(len, (m.RULES for m in _families()))), "a name is taken twice"
    assert [name for name in RULES if RULES[name].ours] == ["cls/strict", "rsvqa/strict", "choice/strict"]
    assert all(found.name == name and found.says and found.source for name, found in RULES.items())
    with pytest.raises(UsageError, match="cls/geochat"):
        rule("cls/geochatt")


def _families() -> tuple[Any, ...]:
    return (classification, rsvqa, vqa, lrs, multiple_choice)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.sampled_from(GOLDS) | st.text(max_size=12))
def test_never_raises(said: str, gold: str) -> None:
    context = Context(classes=SCENES, choices=("a road", said[:5]))
    for found in RULES.values():
        outcome = found.score(said, gold, context)
        assert outcome is not None  # no rule leaves these out
        assert isinstance(outcome, str) or 0.0 <= outcome <= 1.0
        if found.named:
            found.named(said, context)


@pytest.mark.parametrize(
    "text",
    [
        "no " * 60_000,
        "answer " * 30_000,
        "answer" + " " * 200_000,
        "A " * 90_000,
        "1" * 200_000,
        "." * 200_000,
    ]
    + ["\x00\u202e" * 90_000, "\ufdfa" * 10_000, "\ud800" * 1000, "not" + " " * 200_000, "''" * 100_000]
    + ["twenty-" * 30_000, "[({<" * 50_000, "-" * 200_000, "1.1" * 60_000, "between 0 and 10 " * 10_000],
)
def test_long_garbage_takes_linear_time(text: str) -> None:
    classes = (*SCENES, *(f"class number {i}" for i in range(40)))
    context = Context(classes=classes, choices=("a road", "a river"))
    start = time.process_time()
    for found in RULES.values():
        found.score(text, "2", context)
    assert time.process_time() - start < 6
