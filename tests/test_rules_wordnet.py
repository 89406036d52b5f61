"""Reading WordNet's own files, on a dictionary of nine words."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from rsbench.harness.rules import wordnet

INDEX = {  # lemma pos synsets pointers... senses tagged offsets
    "noun": [
        "airport n 1 1 @ 1 1 00000010",
        "aerodrome n 1 1 @ 1 0 00000010",
        "bus n 2 0 2 1 00000020 00000030",
    ]
    + ["coach n 2 0 2 1 00000020 00000040", "axis n 1 0 1 0 00000050", "ax n 1 0 1 0 00000060"],
    "verb": ["dock v 1 0 1 0 00000070", "moor v 1 0 1 0 00000070"],
    "adj": ["gray a 1 0 1 0 00000080", "grey a 1 0 1 0 00000080"],
    "adv": [],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, lines in INDEX.items():
        text = "\n".join(["  1 This is a licence, set in by two spaces.", *lines])
        (tmp_path / f"index.{name}").write_text(text + "\n")
        (tmp_path / f"{name}.exc").write_text("axes ax axis\n" if name == "noun" else "")
    return tmp_path


def test_doctests() -> None:
    assert doctest.testmod(wordnet).failed == 0


def test_table(folder: Path) -> None:
    made = wordnet.table(folder, ["Buses", "docked", "grey", "axes", "parking lot", ""])
    assert made["vocabulary"] == ["axes", "buses", "docked", "grey"]
    assert made["synsets"] == {
        "n": ["bus coach", "bus", "axis", "ax"],
        "v": ["dock moor"],
        "a": ["gray grey"],
        "r": [],
    }
    assert made["exceptions"]["n"] == {"axes": ["ax", "axis"]}


def test_an_exception_stands_in_place_of_the_endings() -> None:
    assert wordnet.forms("axes", "n", {"axes": ["axis"]}) == ["axes", "axis"]
    assert wordnet.forms("airports", "r", {}) == ["airports"]
