"""Captions as published: which file is read, which images are taken, and what is said of the rest."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.datasets.captioned import read
from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.verify import verify
from rsbench.harness.errors import DataError

RSICD, NWPU = read_card("rsicd"), read_card("nwpu_captions")
FREE = replace(RSICD, options={}, sensor="")  # of any name, with any number of references


def image(name: str, *said: str, split: str = "test") -> dict[str, Any]:
    return {"filename": name, "split": split, "sentences": [{"raw": text} for text in said]}


def put(root: Path, *images: dict[str, Any], name: str = "dataset.json") -> Path:
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(json.dumps({"images": images}))
    return root


def texts(root: Path, card: Card = FREE, split: str | None = None) -> dict[str, tuple[str, ...]]:
    return {s.id: s.target.texts for s in read(root, card, split).samples}


def test_the_split_is_taken_and_pictures_are_found_by_name(tmp_path: Path) -> None:
    put(tmp_path, image("b.jpg", "two"), image("a.jpg", "one", "1"), image("c.jpg", "three", split="val"))
    for name in ("a", "b"):
        (tmp_path / "any").mkdir(exist_ok=True)
        (tmp_path / f"any/{name}.JPG").write_bytes(b"x")
    data = read(tmp_path, FREE)
    assert [(s.id, s.target.texts) for s in data.samples] == [("a.jpg", ("one", "1")), ("b.jpg", ("two",))]
    assert [Path(s.images[0].path).name for s in data.samples] == ["a.JPG", "b.JPG"]
    assert [s.images[0].name for s in data.samples] == ["a.jpg", "b.jpg"]  # wherever the pictures lie
    assert data.problems == () and data.classes == () and data.samples[0].question == ""
    with pytest.raises(DataError, match="no image of the split 'train'") as caught:
        read(tmp_path, FREE, "train")
    assert "test, val" in str(caught.value)


def test_what_is_amiss_is_told_image_by_image(tmp_path: Path) -> None:
    card = replace(FREE, options={"references": 2})
    rows = [image("a.jpg", "1", "2"), image("b.jpg", "1"), image("c.jpg", "1", " "), image("d.jpg", "", "")]
    put(tmp_path, *rows, image("a.jpg", "again", "!"), image("e.jpg"), {"filename": "f.jpg"})
    data = read(tmp_path, card)
    assert {s.id: s.target.texts for s in data.samples} == {
        "a.jpg": ("1", "2"), "b.jpg": ("1",), "c.jpg": ("1",),
    }  # fmt: skip
    assert [(p.item, p.reason) for p in data.problems] == [
        ("image 7", "in dataset.json: no file name or no list of sentences"),
        ("b.jpg", "captions: 1, not 2"),
        ("c.jpg", "captions without words: 1"),
        ("d.jpg", "captions without words: 2"),
        ("a.jpg", "a second entry of this name is left out"),
        ("e.jpg", "no captions"),
    ]


def test_a_missing_picture_costs_itself_and_none_at_all_costs_nothing(tmp_path: Path) -> None:
    put(tmp_path, image("a.jpg", "1"), image("b.jpg", "2"))
    assert texts(tmp_path) == {"a.jpg": ("1",), "b.jpg": ("2",)}  # answers can be scored without pictures
    assert read(tmp_path, FREE).samples[0].images[0].path == ""
    (tmp_path / "a.jpg").write_bytes(b"x")
    data = read(tmp_path, FREE)
    assert [s.id for s in data.samples] == ["a.jpg"]
    assert [(p.item, p.reason) for p in data.problems] == [("b.jpg", "the image is missing")]


def test_json_comes_before_text_files_and_other_json_is_passed_by(tmp_path: Path) -> None:
    lines = tmp_path / "rsicd_precomp"
    lines.mkdir()
    (lines / "test_caps.txt").write_text("a\nb\nc\n")
    (lines / "test_filename.txt").write_text("x.jpg\ny.jpg\nx.jpg\n")
    (tmp_path / "results.json").write_text('[{"image_id": 1, "caption": "raw"}]')
    (tmp_path / "empty.json").touch()
    assert texts(tmp_path) == {"x.jpg": ("a", "c"), "y.jpg": ("b",)}
    put(tmp_path, image("z.jpg", "d"))
    assert texts(tmp_path) == {"z.jpg": ("d",)}
    put(tmp_path, image("w.jpg", "e"), name="dataset_rsicd.json")
    with pytest.raises(DataError, match="several files of captions: dataset.json, dataset_rsicd.json"):
        read(tmp_path, FREE)
    assert texts(tmp_path, replace(FREE, options={"file": "dataset_rsicd.json"})) == {"w.jpg": ("e",)}


def test_text_files_need_each_other(tmp_path: Path) -> None:
    (tmp_path / "test_caps.txt").write_text("a\n")
    with pytest.raises(DataError, match="has no test_filename.txt beside it"):
        read(tmp_path, FREE)
    with pytest.raises(DataError, match="there is no file of captions") as caught:
        read(tmp_path, FREE, "val")
    assert "rsicd_precomp/test_caps.txt" in str(caught.value)


def test_nwpu_captions_by_class_in_one_form_of_unicode(tmp_path: Path) -> None:
    row = {
        "filename": "x_001.jpg",
        "split": "test",
        "raw": "\ufb01ve \u00e9tages",
        **{f"raw_{n}": "b" for n in (1, 2, 3, 4)},
    }
    content = {"beach": [row], "lake": [{**row, "filename": "x_001.jpg"}, {**row, "split": "train"}]}
    (tmp_path / "dataset_nwpu.json").write_text(json.dumps(content))
    for label in content:
        (tmp_path / "NWPU_images" / label).mkdir(parents=True)
        (tmp_path / "NWPU_images" / label / "x_001.jpg").write_bytes(label.encode())
    data = read(tmp_path, NWPU)
    assert [s.id for s in data.samples] == ["beach/x_001.jpg", "lake/x_001.jpg"] and not data.problems
    assert [Path(s.images[0].path).read_text() for s in data.samples] == ["beach", "lake"]
    assert data.samples[0].target.texts[0] == "five e\u0301tages"
    assert data.samples[1].tags == {"class": "lake", "sensor": "optical"}


def test_a_name_cannot_lead_out_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"x")
    put(tmp_path / "data", image("../secret.jpg", "a"), image("b.jpg", "b"))
    (tmp_path / "data/b.jpg").write_bytes(b"x")
    assert list(texts(tmp_path / "data")) == ["b.jpg"]


def test_real_captions(shared: Path, tmp_path: Path) -> None:
    """300 of the 1,093 test images, in the text form; the first image's five lines as they stand."""
    data = read(shared / "data/RSICD", RSICD)
    assert len(data.samples) == 300 and data.problems == ()
    assert all(len(s.target.texts) == 5 and Path(s.images[0].path).is_file() for s in data.samples)
    first = next(s for s in data.samples if s.id == "airport_348.jpg")
    raw = (shared / "data/RSICD/rsicd_precomp/test_caps.txt").read_text().split("\n")
    assert list(first.target.texts) == [line.strip() for line in raw[:5]]
    found = verify(RSICD, shared / "data/RSICD", None, tmp_path)
    assert found.kind == "folder" and not found.damaged
    assert found.differences == ("300 images in the split 'test', published are 1,093",)


def test_both_published_forms_give_the_same(shared: Path, tmp_path: Path) -> None:
    """The text form written as json reads the same, ids and all."""
    data = read(shared / "data/RSICD", RSICD)
    rows = [image(s.id, *s.target.texts) for s in data.samples]
    put(tmp_path / "json", *rows, name="dataset_rsicd.json")
    shutil.copytree(shared / "data/RSICD/rsicd_precomp/images", tmp_path / "json/RSICD_images")
    again = read(tmp_path / "json", RSICD)
    assert [(s.id, s.target, s.images[0].name) for s in again.samples] == [
        (s.id, s.target, s.images[0].name) for s in data.samples
    ]
