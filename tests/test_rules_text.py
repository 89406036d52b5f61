"""EvalAI's normaliser and number words."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.rules import text
from rsbench.harness.rules.text import (
    CONTRACTIONS,
    evalai,
    hyphenated_number,
    number_word,
    without_punctuation,
)


def test_doctests() -> None:
    assert doctest.testmod(text).failed == 0


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("", ""),
        ("The", ""),
        ("a road.", "road"),
        ("none", "0"),
        ("Ten", "10"),
        ("eleven", "eleven"),
        ("1,000", "1000"),
        ("3.5", "3.5"),
        ("3.", "3"),
        (".5", ".5"),
        ("Mr. X", "mr x"),
        ("semi-urban", "semi urban"),  # no space beside a hyphen: it becomes one
        ("semi- urban", "semi urban"),
        ("top-left -", "topleft"),  # one space beside any hyphen: all are deleted
        ("yes/no", "yes no"),
        ("yes / no", "yes no"),
        ("yes\nno\tmaybe", "yes no maybe"),
        ("tree's", "tree 's"),
        ("dont", "don't"),
        ("youd've", "you'd've"),
        ("somebody'd", "somebodyd"),  # the one entry that goes the other way
        ("Im", "im"),  # its key has a capital, the text no more
        ("yes: it is", "yes: it is"),  # a colon is none of its marks
        ("**yes**", "**yes**"),
        ("the." + "." * 40, "the" + "." * 9),  # only 32 of the 41 periods go
    ],
)
def test_evalai(raw: str, expected: str) -> None:
    assert evalai(raw) == expected


def test_contractions() -> None:
    """118 entries change a word; the published list has two more, that map a word to itself."""
    assert len(CONTRACTIONS) == 118
    gained = [word for word, full in CONTRACTIONS.items() if full.count("'") != word.count("'") + 1]
    assert gained == ["somebody'd"]
    assert all(word.replace("'", "") == full.replace("'", "") for word, full in CONTRACTIONS.items())


def test_every_mark_alone_is_deleted() -> None:
    for mark in ';/[]"{}()=+\\_-><@`,?!':
        assert without_punctuation(f"a {mark}b").replace(" ", "") == "ab"
        assert without_punctuation(f"a{mark}b") == "a b"


@given(st.text())
def test_evalai_is_settled_in_form(raw: str) -> None:
    once = evalai(raw)
    assert once == " ".join(once.split())
    assert not {"a", "an", "the", "none", "two"} & set(once.split())


@pytest.mark.parametrize("number", range(100))
def test_number_words_below_100(number: int) -> None:
    tens = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
    ones += "fifteen sixteen seventeen eighteen nineteen".split()
    if number < 20:
        words = [ones[number]]
    else:
        words = [tens[number // 10], *([ones[number % 10]] if number % 10 else [])]
    assert number_word(words) == str(number)
    assert hyphenated_number("-".join(words)) == number


@pytest.mark.parametrize(
    "word", ["", "-", "none", "twenty-", "twenty-twenty", "one-one", "twenty-zero", "20"]
)
def test_no_number(word: str) -> None:
    assert hyphenated_number(word) is None
