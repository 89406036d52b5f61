"""Letters of options: choice/strict without the traps, the public rules with them."""

from __future__ import annotations

import doctest

import pytest

from rsbench.harness.rules import multiple_choice as rules
from rsbench.harness.rules.rule import EMPTY, UNPARSED, Context

OPTIONS = ("a road", "a river", "a school", "a bridge")
CONTEXT = Context(choices=OPTIONS)


def test_doctests() -> None:
    assert doctest.testmod(rules).failed == 0


@pytest.mark.parametrize(
    ("said", "letter"),
    [
        ("A", "A"),
        ("b", "B"),
        ("(c)", "C"),
        ("D.", "D"),
        ("**B**", "B"),
        ("Option D", "D"),
        ("(B) a river", "B"),
        ("E. None", None),  # there is no option E
        ("The answer is C", "C"),
        ("the best answer is (d).", "D"),
        ("Answer: D", "D"),
        ("Best answer: C", "C"),
        ("Based on the image, D", "D"),
        ("A. It is a road", "A"),
        ("A and nothing else", "A"),
        ("A bridge", "D"),
        ("It is a bridge.", "D"),
        ("Looking at A, B and C in turn, the answer is B.", "B"),
        ("b. a school", "C"),  # the words count: a letter in lower case is none beside others
    ],
)
def test_strict_finds(said: str, letter: str | None) -> None:
    expected = [0.0 if letter else UNPARSED] * 4
    if letter:
        expected["ABCD".index(letter)] = 1.0
    assert [rules.strict(said, gold, CONTEXT) for gold in "ABCD"] == expected


@pytest.mark.parametrize(
    "said",
    ["A or B", "not B", "It isn't C", "(B) a bridge", "a road or a river", "Best picture", "I see nothing"]
    + ["I am unable to decide which of these options would be right here", "ABCD", "none", "A, B, C, D", "42"]
    + ["the answer is neither A nor B", "E"],
)
def test_strict_finds_nothing(said: str) -> None:
    assert [rules.strict(said, gold, CONTEXT) for gold in "ABCD"] == [UNPARSED] * 4


@pytest.mark.parametrize("said", ["", "  ", "\n"])
def test_strict_of_an_empty_answer(said: str) -> None:
    assert [rules.strict(said, gold, CONTEXT) for gold in "ABCD"] == [EMPTY] * 4


@pytest.mark.parametrize(
    ("said", "right"), [("A, C", 1.0), ("C A", 1.0), ("AC", 1.0), ("A", 0.0), ("ABC", 0.0)]
)
def test_strict_with_several_letters(said: str, right: float) -> None:
    """XLRS-Bench: the set of letters must be the same."""
    assert rules.strict(said, "A, C", CONTEXT) == right


def test_more_options_than_letters() -> None:
    many = tuple(f"option number {i}" for i in range(40))
    assert rules.picked("option number 25", many) == {"Z"}
    assert rules.picked("option number 30", many) == frozenset()


def test_letter_rules_reward_what_they_reward() -> None:
    assert rules.mme_official("", "A") == rules.mme_official("Answer: D", "A") == 1.0
    assert rules.mme_official("Best answer: C", "B") == rules.mme_lmms_eval("Best answer: C", "C") == 1.0
    assert rules.contains_letter("b. a school", "A") == 1.0
    assert rules.vhm("Based on the image, D", "B") == 1.0
    assert rules.vhm("", "A") == UNPARSED


def test_the_official_letter_rule_looks_at_the_options() -> None:
    assert rules.mme_letter("a bridge", OPTIONS) == "D"
    assert rules.mme_letter("a bridge") == ""
    assert rules.mme_letter(" ".join(["word"] * 11), OPTIONS) == ""
