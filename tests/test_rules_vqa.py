"""Exact match, VRSBench's two rules, VHM's colours, counts and measurements."""

from __future__ import annotations

import doctest

import pytest

from rsbench.harness.rules import vqa
from rsbench.harness.rules.rule import EMPTY, JUDGE, Outcome


def test_doctests() -> None:
    assert doctest.testmod(vqa).failed == 0


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        ("12", "2", 1.0),
        ("not sure", "no", 1.0),
        ("two", "2", 0.0),
        ("no", "YES", 0.0),
        ("many", "99", 0.0),
        ("many", "100", JUDGE),
        ("car", "vehicle", JUDGE),
        ("", "vehicle", JUDGE),
        ("", "yes", 0.0),
        ("A Vehicle", "vehicle", 1.0),
    ],
)
def test_vrsbench(said: str, gold: str, expected: Outcome) -> None:
    assert vqa.contain_first(said, gold) == expected


def test_exact() -> None:
    assert vqa.exact(" Yes. ", "yes") == 1.0
    assert vqa.exact("yes .", "yes") == 0.0  # trimmed before the full stop, not after
    assert vqa.exact(" . ", "yes") == EMPTY


def test_colours() -> None:
    assert vqa.colours("Red and light blue", "red, blue, white, green") == 0.5
    assert vqa.colours("", "red") == 0.0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("about 3 or 4", 3),
        ("Nine.", 9),
        ("ninety-nine", 99),
        ("zero", 0),
        ("none", None),
        ("a hundred", None),
        ("", None),
        ("-5", 5),
        ("3.7", 3),
        ("7" * 5000, None),
    ],
)
def test_counted(text: str, number: int | None) -> None:
    assert vqa.counted(text) == number


def test_errors() -> None:
    assert vqa.counting_errors("3", "0") == [(3.0, None)]
    assert vqa.counting_errors("3", "many") is None
    assert vqa.measuring_errors("-1.5 and 2", "1 and 2") == [(2.5, 2.5), (0.0, 0.0)]
    assert vqa.measuring_errors("1.5", "1 and 2") is None
    assert vqa.measuring_errors("", "") == []
