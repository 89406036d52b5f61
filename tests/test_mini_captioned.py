"""Drawn captions come back from every published form with the words they were drawn with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.captioned import read
from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.mini.plan import TEST_SEED, shots
from rsbench.harness.datasets.mini.records import questions
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset

CARDS = ("nwpu_captions", "rsicd", "rsitmd", "ucm_captions", "sydney_captions")


def small(name: str) -> Card:
    card = read_card(name)
    return replace(card, mini={**card.mini, "side": 64})


def said(card: Card, count: int) -> list[tuple[str, ...]]:
    drawn = ((shot, shot.draw(TEST_SEED, 64)) for shot in shots(card, "test", TEST_SEED, count))
    rows = (row for shot, scene in drawn for row in questions(card, shot, scene, TEST_SEED))
    return sorted(tuple(row["references"]) for row in rows)


@pytest.mark.parametrize("name", CARDS)
def test_five_references_come_back(name: str, tmp_path: Path) -> None:
    card = small(name)
    root = write_mini(card, tmp_path / "x", count=6)
    data = read(root, card)
    assert data.problems == () and len(data.samples) == 6
    assert sorted(s.target.texts for s in data.samples) == said(card, 6)
    assert all(len(s.target.texts) == 5 and Path(s.images[0].path).is_file() for s in data.samples)
    assert {s.tags["shift"] for s in data.samples} <= {"base", "shifted"}  # the note is of these images
    assert open_dataset(card, root, cache=tmp_path)[1] == "mini"


def test_each_card_is_drawn_in_its_own_layout(tmp_path: Path) -> None:
    found = {}
    for name in CARDS:
        root = write_mini(small(name), tmp_path / name, count=2)
        files = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        found[name] = [file for file in files if file != "rsbench-mini.json"]
    assert found["ucm_captions"] == found["sydney_captions"] == ["dataset.json", "imgs/1.tif", "imgs/2.tif"]
    assert found["rsicd"][-1] == "dataset_rsicd.json" and found["rsicd"][0].startswith("RSICD_images/")
    assert found["rsitmd"][0] == "dataset_RSITMD.json" and found["rsitmd"][1].startswith("images/")
    content = json.loads((tmp_path / "nwpu_captions/dataset_nwpu.json").read_text())
    for label, rows in content.items():
        for row in rows:
            assert (tmp_path / "nwpu_captions/NWPU_images" / label / row["filename"]).is_file()
            assert {"raw", "raw_1", "raw_4", "sentids", "sentids_4", "imgid", "split"} <= set(row)


def test_the_text_form_of_the_same_scenes(tmp_path: Path) -> None:
    card = small("rsicd")
    lines = replace(card, layout="caption_lines")
    write_mini(card, tmp_path / "json", count=4)
    root = write_mini(lines, tmp_path / "lines", count=4)
    assert not (root / "dataset_rsicd.json").exists()
    first = (root / "test_filename.txt").read_text().split("\n")
    assert len(first) == 21 and len(set(first[:5])) == 1  # five lines an image
    one, other = read(tmp_path / "json", card), read(root, lines)
    assert [(s.id, s.target, s.tags) for s in one.samples] == [
        (s.id, s.target, s.tags) for s in other.samples
    ]
