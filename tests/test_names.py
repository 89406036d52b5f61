"""Class names: one class under all its spellings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rsbench.harness.datasets.card import Card
from rsbench.harness.datasets.names import ClassNames, aliases, class_key, shown, words

CARD = Card(
    "x", "classification", 1, "X", "folders",
    classes=("storage_tank", "port", "A1"),
    names={"storage_tank": ("storage tank", "tank"), "port": ("harbor", "port", "A1")},
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "expected"),
    [("BareLand", "bare land"), ("dense-residential", "dense residential"), ("Expressway-Service-area",
     "expressway service area"), ("aGrass", "a grass"), ("SAR", "SAR"), ("  ", "  "), ("Ö_Lager", "Ö lager")],
)  # fmt: skip
def test_words(name: str, expected: str) -> None:
    assert words(name) == expected


def test_a_closed_list_knows_its_spellings_alone() -> None:
    names = ClassNames(CARD)
    assert names.classes == ("storage tank", "harbor", "A1")
    assert names.find("StorageTank") == names.find("TANK") == "storage tank"
    assert names.find("Port") == "harbor"
    assert names.find("a1") == "A1"  # a class is itself, whatever synonyms say
    assert names.find("bridge") is None and names.find("") is None


def test_an_open_list_takes_new_names_once() -> None:
    names = ClassNames(replace(CARD, options={"open_classes": True}))
    assert names.find("Wind-Mill") == names.find("wind mill") == "wind mill"
    assert names.classes[-1] == "wind mill" and len(names.classes) == 4
    assert names.find(" ") is None


def test_aliases_leave_out_what_is_a_class() -> None:
    classes = ClassNames(CARD).classes
    assert aliases(CARD, classes) == (
        ("port", "harbor"), ("storage_tank", "storage tank"), ("tank", "storage tank"),
    )  # fmt: skip
    assert aliases(CARD, ("A1",)) == ()
    assert shown(CARD, "port") == "harbor" and class_key("A-1") == "a1"
