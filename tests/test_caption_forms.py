"""The forms that captions are published in, entry by entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.datasets.caption_forms import (
    Captioned,
    is_karpathy,
    is_nwpu,
    karpathy,
    lines,
    load_json,
    nwpu,
    splits_of,
)
from rsbench.harness.errors import DataError


def test_images_and_sentences() -> None:
    content = {
        "images": [
            {"filename": "a.tif", "split": "test", "sentences": [{"raw": " one . "}, {"raw": ""}, "two"]},
            {"filename": "", "sentences": []},
            {"filename": "b.tif", "sentences": "three"},
            7,
        ]
    }
    first, *broken = karpathy(content)
    assert first == Captioned("image 1", "a.tif", "test", ("one .", "", "two"))
    assert [(row.where, row.fault != "") for row in broken] == [(f"image {n}", True) for n in (2, 3, 4)]


def test_classes_with_numbered_captions_in_their_order() -> None:
    row: dict[str, Any] = {
        "filename": "x_001.jpg",
        "split": "val",
        "raw_10": "k",
        "raw_2": "c",
        "raw": "a",
        "raw_1": "b",
    }
    content: dict[str, Any] = {
        "beach": [{**row, "raw_x": "no", "sentids": 3}, {"split": "test"}],
        "lake": "nothing",
    }
    found = list(nwpu(content))
    assert found[0] == Captioned("beach, image 1", "x_001.jpg", "val", ("a", "b", "c", "k"), "beach")
    assert [(row.where, row.fault) for row in found[1:]] == [
        ("beach, image 2", "no file name"),
        ("lake, image 1", "no file name"),
    ]
    assert splits_of(found) == ["val"]


def test_forms_are_told_apart() -> None:
    coco = {"images": [{"id": 1, "file_name": "1.jpg"}], "categories": []}
    others: list[Any] = [coco, [], {"images": 3}, None, {"beach": [{"filename": "1"}]}]
    for content in others:
        assert not is_karpathy(content) and not is_nwpu(content)


def test_lines_keep_what_looks_like_markup_and_other_ends_of_lines(tmp_path: Path) -> None:
    """A quotation mark never closed, a line separator and a vertical tab all belong to the caption."""
    captions, names = tmp_path / "c.txt", tmp_path / "n.txt"
    said = ['the "old port .', "a\u2028b", "c\x0bd", "it's, well"]
    captions.write_bytes("\ufeff".encode() + "\r\n".join(said).encode() + b"\r\n")
    names.write_text("1.jpg\n1.jpg\n2.jpg\n1.jpg\n")
    found = {row.name: row.texts for row in lines(names, captions, "test")}
    assert found == {"1.jpg": (said[0], said[1], said[3]), "2.jpg": (said[2],)}


def test_lines_that_do_not_pair_up_are_refused(tmp_path: Path) -> None:
    captions, names = tmp_path / "c.txt", tmp_path / "n.txt"
    captions.write_text("a\n\nb\n")
    names.write_text("1\n1\n")
    with pytest.raises(DataError, match="c.txt has 3 lines, and n.txt has 2"):
        list(lines(names, captions, "test"))
    names.write_text("1\n1\n\n")  # the last line has no name and is no line
    with pytest.raises(DataError, match="n.txt has 2"):
        list(lines(names, captions, "test"))
    names.write_text("1\n\n2\n")
    found = list(lines(names, captions, "test"))
    assert [row.fault for row in found] == ["no file name", "", ""]


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"images": [')
    with pytest.raises(DataError, match="x.json cannot be read"):
        load_json(tmp_path / "x.json")
