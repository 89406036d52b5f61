"""rsvqa/strict, the buckets, and the public rules on the worked examples."""

from __future__ import annotations

import doctest

import pytest

from rsbench.harness.rules import rsvqa
from rsbench.harness.rules.classification import contain, either
from rsbench.harness.rules.rsvqa import bucket, strict
from rsbench.harness.rules.rule import EMPTY, UNPARSED, Context, Outcome
from rsbench.harness.rules.vqa import exact


def test_doctests() -> None:
    assert doctest.testmod(rsvqa).failed == 0


@pytest.mark.parametrize(
    ("said", "gold", "scores"),
    [  # the table of protocols.md, section 2: contain, lhrs, presence, either, exact
        ("yes, there is", "yes", (1, 0, 1, 1, 0)),
        ("not sure", "no", (1, 0, 1, 1, 0)),
        ("There is nothing", "no", (1, 0, 1, 1, 0)),
        ("", "yes", (0, 1, 0, 1, 0)),
        ("e", "yes", (0, 1, 0, 1, 0)),
        ("Yes", "Yes", (1, 0, 1, 1, 1)),
        ("12", "2", (1, 0, None, 1, 0)),
        ("two", "2", (0, 1, None, 0, 0)),
    ],
)
def test_worked_examples(said: str, gold: str, scores: tuple[int | None, ...]) -> None:
    found = [rule(said, gold) for rule in (contain, rsvqa.lhrs, rsvqa.presence, either, exact)]
    for outcome, expected in zip(found, scores, strict=True):
        assert expected is None or (0.0 if isinstance(outcome, str) else outcome) == expected


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        ("yes", "yes", 1.0),
        ("Yes", "Yes", 1.0),
        ("YES!", "yes", 1.0),
        ("**Yes**", "yes", 1.0),
        ("\u201cyes\u201d", "yes", 1.0),
        ("yes, there is", "yes", 1.0),
        ("Yes: two of them", "yes", 1.0),
        ("no", "yes", 0.0),
        ("2", "yes", 0.0),
        ("A rural area", "rural", 1.0),
        ("not sure", "no", UNPARSED),
        ("There is nothing", "no", UNPARSED),
        ("nothing", "no", UNPARSED),
        ("e", "yes", UNPARSED),
        ("...", "yes", UNPARSED),
        ("", "yes", EMPTY),
        ("\t\n", "no", EMPTY),
        ("12", "2", 0.0),
        ("two", "2", 1.0),
        ("Two buildings.", "2", 1.0),
        ("twenty-one", "21", 1.0),
        ("none", "0", 1.0),
        ("02", "2", 1.0),
        ("2.0", "2", 1.0),
        ("2.5", "2", 0.0),
        ("1,200", "1200", 1.0),
        ("-3", "3", UNPARSED),
        ("- 3", "3", 1.0),  # a list's dash
        ("\uff12", "2", 1.0),
        ("between 0 and 10", "5", 0.0),
    ],
)
def test_strict(said: str, gold: str, expected: Outcome) -> None:
    assert strict(said, gold) == expected


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        ("23m2", "23m2", 1.0),
        ("23 m\u00b2", "23m2", 1.0),
        ("23 square metres", "23m2", 1.0),
        ("23 sq. m", "23m2", 1.0),
        ("23", "23m2", 1.0),
        ("23 km2", "23m2", 0.0),
        ("23 trees", "23m2", 0.0),
        ("23m2", "23", 0.0),
        ("24m2", "23m2", 0.0),
        ("7 m2", "between 0m2 and 10m2", 1.0),
        ("7 km2", "between 0m2 and 10m2", 0.0),
        ("between 0m2 and 10m2", "between 0m2 and 10m2", 1.0),
        ("Between 10 and 100.", "between 10 and 100", 1.0),
        ("55", "between 10 and 100", 1.0),
        ("10", "between 10 and 100", 0.0),
        ("0", "between 0 and 10", 0.0),
        ("a million", "more than 1000", UNPARSED),
        ("1" * 400, "more than 1000", 1.0),
        ("between 10 and 20", "between 10 and 100", UNPARSED),
    ],
)
def test_strict_areas_and_ranges(said: str, gold: str, expected: Outcome) -> None:
    assert strict(said, gold) == expected


def test_strict_with_buckets() -> None:
    """The gold numbers of RSVQA-LR's files stand for ranges when the card says so."""
    assert strict("7", "3", Context(buckets="lr")) == 1.0
    assert strict("7", "3", Context(buckets="hr")) == 0.0
    assert strict("7m2", "3m2", Context(buckets="hr")) == 1.0
    assert strict("0", "3", Context(buckets="lr")) == 0.0


def test_strict_outside_the_vocabulary() -> None:
    """RSIVQA and CRSVQA have open answers too: equal under the same normaliser, or wrong."""
    assert strict("The Grass.", "grass") == 1.0
    assert strict("trees", "grass") == 0.0
    assert strict("", "grass") == EMPTY
    assert strict(".", "A") == strict("the", "A") == 0.0  # of both nothing is left by the normaliser
    assert strict("a", "A") == 1.0


@pytest.mark.parametrize(
    "answer",
    ["yes", "", "between 0 and 10", "3.5", "12 m2", "m2", "-4", "\u0663", "more than 1000"],
)
def test_what_is_no_number_is_no_bucket(answer: str) -> None:
    assert bucket(answer) == answer


def test_buckets_at_their_edges() -> None:
    expected = ["0", *["between 0 and 10"] * 2, *["between 10 and 100"] * 2, *["between 100 and 1000"] * 2]
    assert [bucket(n) for n in ("0", "1", "10", "11", "100", "101", "1000")] == expected
    assert bucket("9" * 5000) == "more than 1000"
    assert bucket("007") == "between 0 and 10"


def test_presence_decides_by_exactly_one_hit() -> None:
    assert rsvqa.presence("True.", "yes") == 1.0
    assert rsvqa.presence("False", "no") == 1.0
    assert isinstance(rsvqa.presence("yes and no", "yes"), str)
    assert rsvqa.presence("", "no") == EMPTY


def test_teochat_deletes_punctuation_only() -> None:
    assert rsvqa.teochat("Yes, sir!", "yes sir") == 1.0
    assert rsvqa.teochat(" yes", "yes") == 0.0
