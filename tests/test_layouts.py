"""A folder's layout is recognised from names and heads of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.layouts import layout_of, looks_like_coco, other_layout


@pytest.mark.parametrize(
    ("folder", "layout"),
    [("RSSCN7", "folders"), ("AID", "folders"), ("HRSID", "coco"), ("coco_fake_results", "coco"),
     ("DOTA", "dota"), ("DOTA/split", "dota"), ("DIOR_annotations", "voc"), ("HIT-UAV/rotate_xml", "voc"),
     ("predictions_EarthDial", None)],
)  # fmt: skip
def test_real_folders(shared: Path, folder: str, layout: str | None) -> None:
    assert layout_of(shared / "data" / folder) == layout


def test_results_and_other_json_are_no_annotation(tmp_path: Path) -> None:
    for name, text in (
        ("a.json", '[{"category_id": 1}]'),
        ("b.json", ""),
        ("c.txt", '"categories" "images"'),
    ):
        (tmp_path / name).write_text(text)
        assert not looks_like_coco(tmp_path / name)
    (tmp_path / "d.json").write_text('{"images": [], "categories": []}')
    assert looks_like_coco(tmp_path / "d.json")
    assert layout_of(tmp_path) == "coco"


def test_the_error_says_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "labelTxt").mkdir()
    error = other_layout(tmp_path, read_card("mar20"), "there is no x")
    assert "It looks like DOTA labelTxt annotations." in error.message and "there is no x" in error.message
    assert "--tasks dota" in str(error) and "JPEGImages/1.jpg" in str(error) and error.exit_code == 3
    assert "looks" not in other_layout(tmp_path, read_card("dota"), "x").message
