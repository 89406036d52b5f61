"""Class names found in free text."""

from __future__ import annotations

import doctest
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness import answers
from rsbench.harness.answers import match_class, match_label, normalise

SCENES = ("airport", "port", "beach", "DenseResidential", "MediumResidential", "residential", "storage tank")
TYPES = tuple(f"A{i}" for i in range(1, 21))


def test_doctests() -> None:
    assert doctest.testmod(answers).failed == 0


@pytest.mark.parametrize(
    "text",
    ["Dense Residential.", "dense-residential", "DENSE_RESIDENTIAL", "denseresidential", "DenseResidential"]
    + [
        "**Dense  Residential**",
        "\uff24ense residential",
        "It is a dense residential area.",
        "(denseresidential)",
    ],
)
def test_spellings_of_one_class(text: str) -> None:
    assert match_label(text, SCENES) == "DenseResidential"


@pytest.mark.parametrize(
    "text",
    ["", " ", "...", "not an airport", "This isn\u2019t the airport", "It is not airport", "never a beach"]
    + ["no airport", "There isn't any beach", "airport or beach", ", ".join(SCENES), "airports", "seaport"]
    + ["There is a desert", "[]", "null", "airport, not a beach"],
)
def test_unparsable(text: str) -> None:
    assert match_label(text, SCENES) is None


def test_longest_name_wins_and_whole_words_only() -> None:
    assert match_label("medium residential", SCENES) == "MediumResidential"
    assert match_label("a residential area", SCENES) == "residential"
    assert match_label("The airport.", SCENES) == "airport"
    assert match_label("a port, a big port", SCENES) == "port"
    assert match_label("this is land", ("island", "sea")) is None


def test_aliases_name_their_choice_only() -> None:
    aliases = (("harbour", "port"), ("air field", "airport"), ("dune", "desert"))
    assert match_label("a harbour", SCENES, aliases) == "port"
    assert match_label("Airfield", SCENES, aliases) == "airport"
    assert match_label("a dune", SCENES, aliases) is None
    assert match_label("a harbour, that is a port", SCENES, aliases) == "port"


def test_the_exact_spelling_decides_between_twins() -> None:
    assert match_label("golf-course", ("golf course", "golfcourse")) == "golf course"
    assert match_label("golfcourse", ("golf course", "golfcourse")) == "golfcourse"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A7 airplane", "A7"),
        ("13 A7 airplanes", "A7"),
        ("two a7s", "A7"),
        ("airplanes of type A12", "A12"),
        ("A1 military aircraft", "A1"),
        ("eight planes", "airplane"),
        ("Aircraft", "airplane"),
        ("there is an aeroplane", "airplane"),
        ("3 helicopters", "helicopters"),
        ("", ""),
        ("13", "13"),
    ],
)
def test_types_of_a_parent(text: str, expected: str) -> None:
    assert match_class(text, TYPES, "airplane") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13 ships", "ship"),
        ("There are eight tennis courts", "tennis_court"),
        ("TennisCourts", "tennis_court"),
        ("large vehicles", "large-vehicle"),
        ("2 vehicles", "vehicle"),
        ("ships in the harbor", "ship"),
        ("In the harbor there is a ship at", "ship"),
        ("buses", "bus"),
        ("aeroplane", "plane"),
        ("ferry", "ferry"),
    ],
)
def test_labels_of_boxes(text: str, expected: str) -> None:
    classes = ("ship", "tennis_court", "large-vehicle", "vehicle", "harbor", "bus", "plane")
    assert match_class(text, classes) == expected


def test_two_classes_of_the_request_stay_two() -> None:
    assert match_class("plane", ("airplane", "plane")) == "plane"
    assert match_class("airplanes", ("plane", "airplane")) == "airplane"
    assert match_class("tanks", ("tank", "tanks")) == "tanks"


@given(st.text(), st.lists(st.text(max_size=8), max_size=5))
def test_never_raises(text: str, names: list[str]) -> None:
    found = match_label(text, tuple(names))
    assert found is None or found in names
    assert isinstance(match_class(text, tuple(names), "airplane"), str)


@given(st.text())
def test_normalise_is_settled(text: str) -> None:
    once = normalise(text)
    assert once == once.strip() and "_" not in once and "  " not in once


def test_long_garbage_takes_linear_time() -> None:
    start = time.process_time()
    match_label("not a dense residential " * 20_000, SCENES)
    match_label("_" * 400_000, SCENES)
    match_class("a7 " * 100_000, TYPES, "airplane")
    assert time.process_time() - start < 3


def test_recorded_protocol_vectors(shared: Path) -> None:
    """Exact matches stay matches; of what no tool should count, nothing matches."""
    rows = json.loads((shared / "golden" / "protocol_vectors.json").read_text())["text"]
    seen = 0
    for row in rows:
        choices = (
            "airport",
            "port",
            "beach",
            "residential",
            "dense residential",
            "yes",
            "no",
            "2",
            "0",
            "rural",
        )
        choices = tuple(dict.fromkeys((row["gold"], *choices)))
        if row["scores"]["exact_ci"] == 1:
            assert match_label(row["pred"], choices).casefold() == row["gold"].casefold(), row  # type: ignore[union-attr]
            seen += 1
        if row["pred"] in ("", "e", "a", "not an airport", "12", "100", "not sure", "There is nothing"):
            assert match_label(row["pred"], choices) is None, row
            seen += 1
    assert seen > 12
