"""Patterns of paths, for all splits or for each, seen from the folder given, one in it, or inside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.places import image_folder, matched, patterns


def card(**options: object) -> Card:
    return replace(read_card("voc"), options=options)


def test_a_text_a_list_or_one_a_split() -> None:
    assert patterns(card(a="{split}/x"), "a", "val") == ["val/x"]
    assert patterns(card(a="{split}/x"), "a", "all") == ["*/x"]
    assert patterns(card(a=["CAR", "PLANE"]), "a", "val") == ["CAR", "PLANE"]
    each = card(a={"train": "t", "val": "t", "test": ["u", "v"]})
    assert patterns(each, "a", "test") == ["u", "v"] and patterns(each, "a", "all") == ["t", "u", "v"]
    assert patterns(each, "a", "dev") == patterns(card(), "a", "test") == []


def test_where_the_folder_given_stands(tmp_path: Path) -> None:
    for part in ("data/ground truth", "data/part1/labelXml", "data/part2/labelXmls"):
        (tmp_path / part).mkdir(parents=True)
    data = tmp_path / "data"
    for given in (tmp_path, data):
        assert matched(given, ["ground truth"]) == (data, [data / "ground truth"])
        assert [p.name for p in matched(given, ["part*/labelXml*"])[1]] == ["labelXml", "labelXmls"]
    assert matched(data / "part1", ["part*/labelXml*"]) == (data / "part1", [data / "part1/labelXml"])
    assert matched(data, ["elsewhere"]) == (data, [])
    assert matched(data, []) == (data, [])
    assert matched(tmp_path / "absent", ["x"])[1] == []


def test_the_folder_of_images_is_taken_only_where_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "images/train").mkdir(parents=True)
    made = card(images="images/{split}")
    assert image_folder(tmp_path, tmp_path, made, "train") == "images/train"
    assert image_folder(tmp_path, tmp_path, made, "all") == "images/train"
    assert image_folder(tmp_path, tmp_path, made, "val") == ""
    assert image_folder(tmp_path / "images", tmp_path / "images", made, "train") == "train"
    (tmp_path / "images/val").mkdir()
    assert image_folder(tmp_path, tmp_path, made, "all") == ""
    assert image_folder(tmp_path, tmp_path, card(), "train") == ""
