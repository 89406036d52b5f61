"""The public rules for scene classification on the worked examples, and cls/strict."""

from __future__ import annotations

import doctest
import random
from difflib import SequenceMatcher

import pytest

from rsbench.harness.rules import classification as rules
from rsbench.harness.rules.rule import Context

SCENES = ("airport", "beach", "dense residential", "port", "residential")
CONTEXT = Context(classes=SCENES, aliases=(("harbour", "port"),))


def test_doctests() -> None:
    assert doctest.testmod(rules).failed == 0


@pytest.mark.parametrize(
    ("said", "gold", "geochat", "contain", "rseval", "either", "earthdial"),
    [  # the table of protocols.md, section 1
        ("Dense Residential.", "denseresidential", 1, 0, 0, 0, 1),
        ("dense residential area", "dense residential", 0, 1, 0, 1, 0),
        ("The image shows a beach", "beach", 0, 1, 0, 1, 0),
        ("not an airport", "airport", 0, 1, 0, 1, 0),
        ("port", "airport", 0, 0, 1, 1, 0),
        ("Airport.", "airport", 1, 1, 0, 1, 1),
        ("", "airport", 0, 0, 1, 1, 0),
    ],
)
def test_worked_examples(
    said: str, gold: str, geochat: int, contain: int, rseval: int, either: int, earthdial: int
) -> None:
    found = (rules.geochat, rules.contain, rules.within, rules.either, rules.earthdial)
    assert [rule(said, gold) for rule in found] == [geochat, contain, rseval, either, earthdial]


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        ("Dense Residential.", "dense residential", 1.0),
        ("dense residential area", "dense residential", 1.0),
        ("The image shows a beach", "beach", 1.0),
        ("Harbour", "port", 1.0),
        ("port", "airport", 0.0),
        ("airport", "port", 0.0),
        ("residential", "dense residential", 0.0),
    ],
)
def test_strict(said: str, gold: str, expected: float) -> None:
    assert rules.strict(said, gold, CONTEXT) == expected


@pytest.mark.parametrize(
    "said", ["", " \n", "not an airport", "airport or beach", "a desert", "; ".join(SCENES)]
)
def test_strict_without_a_class(said: str) -> None:
    assert all(isinstance(rules.strict(said, gold, CONTEXT), str) for gold in SCENES)


def test_lhrs_equals_difflib() -> None:
    """The script's own search, for the first class with the longest common substring."""
    rng = random.Random(3)
    for _ in range(2000):
        said = "".join(rng.choice("abdeilnoprst   BR") for _ in range(rng.randint(0, 14)))
        said += rng.choice(SCENES)[rng.randint(0, 12) :]
        sizes = [
            SequenceMatcher(None, said.strip(), name)
            .find_longest_match(0, len(said.strip()), 0, len(name))
            .size
            for name in SCENES
        ]
        expected = SCENES[sizes.index(max(sizes))] if max(sizes) else SCENES[-1]
        if said.strip() in SCENES:
            expected = said.strip()
        assert rules.lhrs_class(said, CONTEXT) == expected, said


def test_lhrs_gives_an_empty_answer_the_last_class() -> None:
    assert rules.lhrs("", SCENES[-1], CONTEXT) == 1.0
    assert rules.lhrs("", SCENES[0], CONTEXT) == 0.0
    assert rules.lhrs("BEACH", "beach", CONTEXT) == 0.0  # capitals have nothing in common
    assert rules.lhrs_class("beach", Context()) is None


def test_falcon_knows_its_list_only() -> None:
    assert rules.falcon(" Beach ", "beach", CONTEXT) == 1.0
    assert rules.falcon("port", "beach", CONTEXT) == 0.0
    assert rules.falcon("a beach", "beach", CONTEXT) == rules.OUTSIDE


def test_skysense_labels() -> None:
    assert rules.skysense_labels("Forest, road", "forest, water") == (1, 1, 1)
    assert rules.skysense_labels("", "forest") == (0, 1, 1)


def test_earthdial_counts_gold_tokens() -> None:
    assert rules.earthdial("cannot", "can") == 1.0  # the tokenizer makes two words of it
    assert rules.earthdial("airport.", "airport.") == 1.0
    assert rules.earthdial("airport", "airport.") == 0.5
    assert rules.earthdial("airport", "") == 0.0


@pytest.mark.parametrize(
    "text", ["yes.", "12m2.", "cannot.", "wanna.", "forest..", ".", "", "a.b", "a,b.", "port"]
)
def test_what_needs_no_tokenizer_is_as_with_it(text: str) -> None:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    assert list(rules._tokens(text)) == NLTKWordTokenizer().tokenize(text)
