"""Records as a data set: any family, with and without images; what is broken is counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rsbench.harness.datasets.card import Card, Dataset, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import ANSWERS, open_dataset
from rsbench.harness.datasets.records import read
from rsbench.harness.errors import DataError


def written(folder: Path, *rows: Any, name: str = "a.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def card(family: str) -> Card:
    return replace(read_card("vqa"), family=family, classes=())


def test_questions(tmp_path: Path) -> None:
    data = read(
        written(
            tmp_path,
            {"id": "q1", "image": "1.tif", "question": "Is it?", "truth": "yes", "kind": "presence"},
            {"question": "How many?", "annotation": 3, "vqa_type": "count", "answer": "4"},
            {"question": "Which?", "choices": ["port", "beach"], "truth": "beach"},
            {"question": "Which?", "choices": ["port", "beach"], "truth": "a"},
        ),
        card("vqa"),
    )
    assert [s.id for s in data.samples] == ["q1", "line 2", "line 3", "line 4"]
    first, second, third, fourth = data.samples
    assert first.target.texts == ("yes",) and first.target.kind == "presence"
    assert first.tags == {"question type": "presence"} and first.images[0].name == "1.tif"
    assert second.target.texts == ("3",) and second.images[0].name == "line 2"
    assert third.target.label == "B" and third.target.choices == ("port", "beach")
    assert fourth.target.label == "A"


def test_captions_boxes_and_classes(tmp_path: Path) -> None:
    texts = [{"sentences": [{"raw": "one"}, {"raw": "two"}]}, {"caption0": "x", "answer": "y"}]
    data = read(written(tmp_path, *texts), card("captioning"))
    assert [s.target.texts for s in data.samples] == [("one", "two"), ("x",)]
    boxes = [{"truth": [1, 2, 3, 4], "size": [10, 20]}, {"truth": [[1, 2, 3, 4], [0, 0, 2, 0, 2, 2, 0, 2]]}]
    data = read(written(tmp_path, *boxes), card("grounding"))
    assert [[r.points for r in s.target.regions] for s in data.samples] == [
        [(1.0, 2.0, 3.0, 4.0)],
        [(1.0, 2.0, 3.0, 4.0), (0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0)],
    ]
    assert data.samples[0].target.size == (10, 20) and data.samples[0].images[0].size == (10, 20)
    data = read(written(tmp_path, {"annotation": "b"}, {"annotation": "a"}), card("classification"))
    assert data.classes == ("a", "b") and [s.target.label for s in data.samples] == ["b", "a"]


def test_regions_that_are_asked_about(tmp_path: Path) -> None:
    """Beside or instead of a question; the class of a region is a label, and never in what is shown."""
    Image.new("RGB", (30, 20)).save(tmp_path / "one.png")
    rows = [
        {"image": "one.png", "region": [1, 2, 3, 4.5], "truth": "a ship", "label": "ship"},
        {
            "image": "far.png",
            "size": [9, 9],
            "region": [[1, 2, 3, 4], [0, 0, 2, 0, 2, 2, 0, 2]],
            "truth": "two",
        },
        {"image": "one.png", "question": "What is at [1, 2, 3, 4]?", "truth": "a bus", "class": "bus"},
        {"image": "far.png", "region": [1, 2, 3, 4], "truth": "of unknown size"},
        {"image": "one.png", "region": [1, 2, 3], "truth": "no box"},
        {"image": "one.png", "region": "Asia", "truth": "no box"},
    ]
    data = read(written(tmp_path, *rows), card("region_captioning"))
    assert [[r.points for r in s.regions] for s in data.samples] == [
        [(1.0, 2.0, 3.0, 4.5)],
        [(1.0, 2.0, 3.0, 4.0), (0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0)],
        [],
    ]
    assert [s.images[0].size for s in data.samples] == [(30, 20), (9, 9), None]
    assert {r.label for s in data.samples for r in s.regions} == {""}
    assert [s.target.label for s in data.samples] == ["ship", None, "bus"] and data.classes == ("bus", "ship")
    assert [p.item for p in data.problems] == ["line 4", "line 5", "line 6"]
    assert (
        "size of its image" in data.problems[0].reason and "the region is no list" in data.problems[1].reason
    )
    asked = {"image": "one.png", "question": "?", "truth": "a", "label": "b"}
    places = written(tmp_path, {**asked, "region": "Asia"}, {**asked, "region": [1, 2, 3, 4]}, name="b.jsonl")
    named, boxed = read(places, card("vqa")).samples
    assert named.regions == () and boxed.regions and named.target.label is None
    (pointless,) = read(written(tmp_path, {**asked, "region": [1, 2, 3, 4]}), card("classification")).samples
    assert pointless.regions == ()


def test_an_image_without_references_stays_and_is_left_out_later(tmp_path: Path) -> None:
    data = read(written(tmp_path, {"image": "1.png"}, {"caption0": "x"}), card("captioning"))
    assert [s.target.texts for s in data.samples] == [(), ("x",)] and not data.problems


@pytest.mark.parametrize(
    ("family", "row", "why"),
    [
        ("vqa", {"question": "?"}, "nothing says what is true"),
        ("vqa", {"truth": {"no": "text"}}, "nothing says what is true"),
        ("vqa", {"choices": ["a"], "truth": "C"}, "the truth 'C' is none of the choices"),
        ("grounding", {"truth": [1, 2, 3]}, "no list of boxes"),
        ("grounding", {"truth": [1, 2, 3, float("nan")]}, "no list of boxes"),
        ("grounding", {"truth": "[1, 2, 3, 4]"}, "no list of boxes"),
        ("segmentation", {"truth": {"counts": "05"}}, "a mask has no size"),
        ("segmentation", {"truth": {"size": [2, 2], "counts": "0"}}, "mask"),
        ("classification", {"truth": None}, "nothing says what is true"),
    ],
)
def test_a_broken_record_is_a_problem(tmp_path: Path, family: str, row: Any, why: str) -> None:
    good = {"truth": [0, 0, 1, 1] if family in ("grounding", "segmentation") else "a"}
    data = read(written(tmp_path, row, good), card(family))
    assert [s.id for s in data.samples] == ["line 2"]
    assert [p.item for p in data.problems] == ["line 1"] and why in data.problems[0].reason
    with pytest.raises(DataError, match="no record that vqa can use"):
        read(written(tmp_path, row), card(family))


def test_ids_are_unique(tmp_path: Path) -> None:
    data = read(written(tmp_path, {"id": 1, "truth": "a"}, {"id": "1", "truth": "b"}), card("vqa"))
    assert [s.target.texts for s in data.samples] == [("a",)]
    assert "second record" in data.problems[0].reason


def test_files_in_a_folder_and_their_images(tmp_path: Path) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "one.png")
    written(tmp_path, {"image": "one.png", "truth": "a"}, name="test.jsonl")
    data = read(tmp_path, card("vqa"))
    assert data.samples[0].images[0].path.endswith("one.png")
    written(tmp_path, {"image": "one.png", "truth": "b"}, name="train.jsonl")
    assert read(tmp_path, card("vqa"), "train").samples[0].target.texts == ("b",)
    with pytest.raises(DataError, match="several files of records"):
        read(tmp_path, card("vqa"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no file of records"):
        read(tmp_path / "empty", card("vqa"))


def test_a_file_of_answers_with_truths_serves_a_card_of_another_layout(tmp_path: Path) -> None:
    path = written(tmp_path, {"annotation": "beach", "answer": "port"})
    data, kind = open_dataset(read_card("clrs"), path, cache=tmp_path)
    assert kind == ANSWERS and data.samples[0].target.label == "beach" and len(data.classes) == 25


@pytest.mark.parametrize("name", ["captions", "region_captions", "vqa", "choices", "grounding", "masks"])
def test_the_miniature_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    chosen = read_card(name)
    out = write_mini(chosen, tmp_path / "mini", count=6)
    data: Dataset = open_dataset(chosen, out, cache=tmp_path)[0]
    assert not data.problems and len(data.samples) >= 6
    for sample in data.samples:
        assert Path(sample.images[0].path).is_file() and sample.images[0].size == (128, 128)
        assert sample.target.texts or sample.target.regions or sample.target.choices
        for region in sample.target.regions:
            assert all(-60 <= v <= 188 for v in region.points)  # corners may lie outside


def test_classes_are_known_by_the_spellings_of_the_card(tmp_path: Path) -> None:
    """GeoChat and EarthDial write AID's classes as one word; a stranger stays as it is, for the errata."""
    rows = [
        {"id": n, "annotation": said, "answer": "x"}
        for n, said in enumerate(("MediumResidential", "Volcano"))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    data = read(tmp_path / "a.jsonl", read_card("aid"))
    assert [s.target.label for s in data.samples] == ["medium residential", "Volcano"]
    assert len(data.classes) == 30 and "medium residential" in data.classes
