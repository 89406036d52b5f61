"""Drawn scenes whose classes stand in a file of their own come back with those classes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.plan import TEST_SEED, shots
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.names import shown
from rsbench.harness.registry import load


@pytest.mark.parametrize("name", ["dscr", "meter_ml"])
def test_classes_come_back(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    card = replace(card, mini={**card.mini, "side": 64})
    data = load("layouts", card.layout)(write_mini(card, tmp_path / "x", count=2), card, "test")
    assert data.problems == ()
    assert Counter(s.target.label for s in data.samples) == {shown(card, c): 2 for c in card.mini["classes"]}
    assert all("shift" in s.tags for s in data.samples)


def test_the_files_are_of_the_published_form(tmp_path: Path) -> None:
    dscr, meter = read_card("dscr"), read_card("meter_ml")
    root = write_mini(replace(dscr, mini={**dscr.mini, "side": 64}), tmp_path / "dscr", count=1)
    head, first, *_ = (root / "test.csv").read_text().split("\n")
    assert head == "class,label" and first == "000000001_1.bmp,aircraft carrier"
    assert (root / "Images/000000001_1.bmp").read_bytes()[:2] == b"BM"
    root = write_mini(replace(meter, mini={**meter.mini, "side": 64}), tmp_path / "meter", count=1)
    rows = [f["properties"] for f in json.loads((root / "test.geojson").read_text())["features"]]
    assert rows == [
        {"Image_Folder": f"test_images/{n}", "idx": idx} for n, idx in enumerate((0, 4, 5))
    ]  # Negative, ProcPlants, R&Ts
    assert (root / "test_images/2/naip.png").is_file()


@pytest.mark.parametrize("name", ["dscr", "fgscr42"])
def test_every_picture_of_ships_shows_one(name: str) -> None:
    card = read_card(name)
    planned = list(shots(card, "test", TEST_SEED, 1))
    assert len(planned) == len(card.classes)
    for shot in planned[:7]:
        scene = shot.draw(TEST_SEED, card.mini["side"])
        assert 1 <= sum(item.name == "ship" for item in scene.objects) <= 3
