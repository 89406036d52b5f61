"""What the user gives as data is found, drawn, or asked for with all that is known."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import Card, card_names, read_card
from rsbench.harness.datasets.open import ANSWERS, UNCOUNTED, describe, open_dataset
from rsbench.harness.errors import DataError, UsageError


def small(name: str) -> Card:
    card = read_card(name)
    return replace(card, mini={**card.mini, "side": 64, "count": {"test": 1, "train": 1}})


@pytest.mark.parametrize("name", card_names())
def test_nothing_given_says_all_that_is_known(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    with pytest.raises(DataError) as caught:
        open_dataset(card, None, cache=tmp_path)
    text = str(caught.value)
    assert caught.value.exit_code == 3 and name in text and "--data mini" in text and "--data DIR" in text
    assert card.expects.splitlines()[1].strip() in text
    if card.citation:
        assert card.published in text and card.licence in text


def test_the_miniature_is_drawn_once_and_is_known_as_one(tmp_path: Path) -> None:
    card = small("nasc_tg2")
    data, kind = open_dataset(card, "mini", cache=tmp_path)
    assert kind == "mini" and len(data.samples) == 10
    assert open_dataset(card, "mini", cache=tmp_path)[0] == data
    root = tmp_path / "nasc_tg2-test"
    assert open_dataset(card, root, cache=tmp_path)[1] == "mini"
    shutil.copytree(root, tmp_path / "all/NaSC-TG2")
    moved, kind = open_dataset(card, str(tmp_path / "all"), cache=tmp_path)
    assert kind == "mini" and [s.id for s in moved.samples] == [s.id for s in data.samples]


def test_kinds_of_real_data(shared: Path, tmp_path: Path) -> None:
    assert open_dataset(read_card("images"), shared / "data/RSSCN7", cache=tmp_path)[1] == "folder"
    assert open_dataset(read_card("nasc_tg2"), shared / "data/AID", cache=tmp_path)[1] == "folder"
    part, _ = open_dataset(read_card("nasc_tg2"), shared / "data/AID", cache=tmp_path)
    whole = replace(read_card("nasc_tg2"), counts={"test": len(part.samples)})
    assert open_dataset(whole, shared / "data/AID", cache=tmp_path)[1] == "official"
    unknown = replace(whole, counts={})
    assert open_dataset(unknown, shared / "data/AID", cache=tmp_path)[1] == UNCOUNTED
    assert open_dataset(read_card("dota"), shared / "data/DOTA", cache=tmp_path)[1] == "folder"


def test_folders_that_do_not_serve(tmp_path: Path) -> None:
    card = read_card("mar20")
    with pytest.raises(DataError, match="There is no folder"):
        open_dataset(card, tmp_path / "gone", cache=tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="a folder is expected"):
        open_dataset(card, tmp_path / "file", cache=tmp_path)
    folder = tmp_path / "mar20/Annotations/Horizontal Bounding Boxes"
    folder.mkdir(parents=True)
    (folder / "1.xml").touch()
    with pytest.raises(DataError, match="no usable image") as caught:
        open_dataset(card, tmp_path, cache=tmp_path)
    assert "cannot be read" in str(caught.value)


def test_descriptions_hold_what_a_person_needs() -> None:
    for name in card_names():
        card, text = read_card(name), describe(read_card(name))
        assert card.licence in text and card.published in text and text.startswith(name)
    told = describe(read_card("mar20"))
    for words in (
        "test 2,511 images",
        "the split test",
        "table 8 of the EarthGPT paper",
        "\n  counts of the splits: ",
    ):
        assert words in told
    assert "airplane: airplane, plane" in describe(read_card("nwpu_vhr10"))
    assert "\nclasses " not in describe(read_card("vqa"))


def test_a_split_that_is_not_published_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no split of MAR20 'tset'.\nDid you mean test"):
        open_dataset(read_card("mar20"), "mini", "tset", cache=tmp_path)
    with pytest.raises(UsageError, match="no split of the miniature of coco 'val'"):
        open_dataset(read_card("coco"), "mini", "val", cache=tmp_path)
    with pytest.raises(DataError, match="needs data"):
        open_dataset(read_card("coco"), "", cache=tmp_path)


def test_a_part_whose_count_is_not_known_is_a_split(tmp_path: Path) -> None:
    (tmp_path / "DOTA").mkdir()
    (tmp_path / "DOTA/dota_vqa2.txt").write_text("P1888: how many ships are there?7")
    card = read_card("rsivqa")
    assert "DOTA" not in card.counts
    found, kind = open_dataset(card, tmp_path, "DOTA", cache=tmp_path)
    assert kind == UNCOUNTED and [s.target.texts for s in found.samples] == [("7",)]
    with pytest.raises(UsageError, match="no split of RSIVQA 'DOTTA'.\nDid you mean DOTA"):
        open_dataset(card, tmp_path, "DOTTA", cache=tmp_path)


def test_a_file_is_read_in_the_form_its_name_is_of(tmp_path: Path) -> None:
    """refGeo's jsonl, given by itself, for a benchmark that is published in another form."""
    row = {"image_id": "a.jpg", "question": "the dam", "bbox": [1, 2, 30, 40]}
    (tmp_path / "metainfo").mkdir()
    path = tmp_path / "metainfo/dior_rsvg_test.jsonl"
    path.write_text(json.dumps(row) + "\n")
    for data in (path, tmp_path):
        found, kind = open_dataset(read_card("dior_rsvg"), data, cache=tmp_path)
        assert kind == "folder" and [s.question for s in found.samples] == ["the dam"]
    records = tmp_path / "mine.jsonl"
    records.write_text(json.dumps({"question": "a ship", "truth": [1, 2, 3, 4], "size": [9, 9]}) + "\n")
    found, kind = open_dataset(read_card("dior_rsvg"), records, cache=tmp_path)
    assert kind == ANSWERS and [s.question for s in found.samples] == ["a ship"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="there is none of Annotations, metainfo/dior_rsvg"):
        open_dataset(read_card("dior_rsvg"), tmp_path / "empty", cache=tmp_path)
