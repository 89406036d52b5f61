"""RSIVQA's lines: parts, names with and without suffix, pictures near and far, lines that are no question."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from rsbench.harness.contract import Problem
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.datasets.question_lines import read
from rsbench.harness.errors import DataError

CARD = read_card("rsivqa")


def written(folder: Path, text: str, *pictures: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(text.encode())
    for name in pictures:
        picture = folder.parent / name
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(picture)


def test_lines_of_all_parts(tmp_path: Path) -> None:
    written(
        tmp_path / "AID/rsicd_vqa.txt",
        "port_1.jpg:what is the theme of this picture?port\n",
        "images/port_1.jpg",
    )
    text = "P0003: how many ships are there?2\r\nP0003: does this picture contain plane\uff1fno\r\n\r\n"
    written(tmp_path / "DOTA/dota_val_vqa2.txt", text, "images/P0003.png")
    data = read(tmp_path, CARD)
    assert data.problems == ()
    assert [(s.id, s.question, s.target.texts[0], s.target.kind) for s in data.samples] == [
        ("rsicd_vqa:1", "what is the theme of this picture?", "port", "other"),
        ("dota_val_vqa2:1", "how many ships are there?", "2", "number"),
        ("dota_val_vqa2:2", "does this picture contain plane?", "no", "yes/no"),
    ]
    assert [s.images[0].name for s in data.samples] == [
        "AID/images/port_1.jpg",
        *["DOTA/images/P0003.png"] * 2,
    ]
    assert data.samples[0].tags == {"sensor": "optical", "question type": "other", "source": "AID"}
    assert [s.tags["source"] for s in read(tmp_path, CARD, "DOTA").samples] == ["DOTA", "DOTA"]


def test_lines_that_are_no_question_are_counted(tmp_path: Path) -> None:
    lines = [
        "1.tif:is it?yes",
        "1.tif:is it?",
        "1.tif is it?yes",
        "1.tif:is it",
        ":is it?yes",
        '1.tif:is "it?no"',
    ]
    written(tmp_path / "UCM/ucm_vqa.txt", "\n".join(lines), "images/1.tif")
    data = read(tmp_path, CARD)
    assert [s.id for s in data.samples] == ["ucm_vqa:1", "ucm_vqa:6"]
    assert data.problems[0] == Problem("ucm_vqa.txt, line 2", "it has no answer")
    assert [p.item[-1] for p in data.problems] == ["2", "3", "4", "5"]


def test_a_number_is_a_picture_of_its_own_part_alone(tmp_path: Path) -> None:
    """UCM's and Sydney's pictures are called alike: one must not stand in for the other."""
    written(tmp_path / "UCM/ucm_vqa.txt", "1.tif:is it?yes", "images/1.tif")
    written(tmp_path / "Sydney/sydney_vqa.txt", "1.tif:is it?no\n2.tif:is it?no")
    data = read(tmp_path, CARD)
    assert [s.images[0].name for s in data.samples] == ["UCM/images/1.tif"]
    assert [p.reason.partition(";")[2] for p in data.problems] == [" 1 question is left out"] * 2
    written(tmp_path / "Sydney/sydney_vqa.txt", "1.tif:is it?no", "images/1.tif")
    assert len({s.images[0].path for s in read(tmp_path, CARD).samples}) == 2


def test_pictures_near_the_data(tmp_path: Path) -> None:
    written(tmp_path / "RSIVQA/AID/rsicd_vqa.txt", "port_1.jpg:is it?yes\nport_2.jpg:is it?no")
    assert [s.images[0].path for s in read(tmp_path / "RSIVQA", CARD).samples] == ["", ""]
    written(tmp_path / "RSICD/list.txt", "", "pre/images/port_1.jpg", "pre/images/port_2.jpg")
    written(tmp_path / "other/list.txt", "", "port_1.jpg")  # has one of two
    data = read(tmp_path / "RSIVQA", CARD)
    assert [s.images[0].name for s in data.samples] == ["AID/port_1.jpg", "AID/port_2.jpg"]
    assert all("RSICD" in s.images[0].path for s in data.samples)


def test_the_real_lines(shared: Path) -> None:
    data = read(shared / "data/RSIVQA_AID", CARD)
    assert len(data.samples) == 300 and not data.problems
    assert all(Path(s.images[0].path).is_file() for s in data.samples)
    assert Counter(s.target.texts[0] for s in data.samples).most_common(1) == [("airport", 19)]
    data = read(shared / "data/DOTA", CARD)
    assert [s.target.texts[0] for s in data.samples] == ["17", "50", "yes", "no", "yes", "no"]
    assert {s.images[0].name for s in data.samples} == {"images/P1888.png"} and not data.problems


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no rsicd_vqa.txt"):
        read(tmp_path, CARD, "AID")


def test_the_miniature(tmp_path: Path) -> None:
    out = write_mini(CARD, tmp_path / "mini", count=6)
    data, kind = open_dataset(CARD, out, cache=tmp_path)
    assert kind == "mini" and not data.problems and len(data.samples) == 18
    assert {s.tags["source"] for s in data.samples} == set(CARD.options["parts"])
    assert Counter(s.target.kind for s in data.samples) == {"other": 6, "number": 6, "yes/no": 6}
    assert all("shift" in s.tags for s in data.samples)
