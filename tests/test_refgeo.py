"""refGeo's jsonl: one reader for five data sets; boxes of every form in which they come."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.refgeo import boxes_of, read, read_whole
from rsbench.harness.errors import DataError

ROW = {"image_id": "a.jpg", "question": "the pool", "bbox": [1, 2, 30, 40], "dataset": "rsvg"}


def card(**options: Any) -> Card:
    found = read_card("rsvg")
    return replace(found, options={**found.options, **options})


def written(root: Path, *rows: Any, name: str = "rsvg_test.jsonl") -> Path:
    path = root / "metainfo" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def test_boxes_and_corners(tmp_path: Path) -> None:
    poly = [[1, 2], [30, 2], [30, 40], [1, 40]]
    row = {**ROW, "poly": poly, "image_width": 100, "image_height": 50, "question_id": 7, "type": "ref"}
    path = written(tmp_path, row)
    (sample,) = read(tmp_path, card()).samples
    assert sample.id == "7" and sample.question == "the pool" and sample.target.size == (100, 50)
    assert [r.points for r in sample.target.regions] == [(1, 2, 30, 40)]
    assert sample.tags == {"sensor": "optical", "object size": "medium", "question type": "ref"}
    (oriented,) = read(path, card(oriented=True)).samples
    assert [r.points for r in oriented.target.regions] == [(1, 2, 30, 2, 30, 40, 1, 40)]
    region = replace(card(), family="region_captioning")
    (described,) = read(tmp_path, region).samples
    assert described.target.texts == ("the pool",) and described.regions[0].points == (1, 2, 30, 40)


@pytest.mark.parametrize(
    ("value", "boxes"),
    [
        ([1, 2, 3, 4], [[1, 2, 3, 4]]),
        ([[1, 2, 3, 4]], [[1, 2, 3, 4]]),
        ([[1, 2, 3, 4], [5, 6, 7, 8]], [[1, 2, 3, 4], [5, 6, 7, 8]]),
        ([[0, 0], [2, 0], [2, 1], [0, 1]], [[0, 0, 2, 0, 2, 1, 0, 1]]),
        ([[[0, 0], [2, 0], [2, 1], [0, 1]]] * 2, [[0, 0, 2, 0, 2, 1, 0, 1]] * 2),
        ([0, 0, 2, 0, 2, 1, 0, 1], [[0, 0, 2, 0, 2, 1, 0, 1]]),
    ],
)
def test_forms_of_boxes(value: Any, boxes: Any) -> None:
    assert boxes_of(value) == boxes


@pytest.mark.parametrize(
    "value", [None, [], "1,2,3,4", [1, 2, 3], [[1, 2], [3, 4]], [[]], ["a", "b", "c", "d"]]
)
def test_what_is_no_box(value: Any, tmp_path: Path) -> None:
    with pytest.raises((TypeError, ValueError)):
        boxes_of(value)
    written(tmp_path, {**ROW, "bbox": value}, ROW)
    data = read(tmp_path, card())
    assert len(data.samples) == 1 and "not usable" in data.problems[0].reason


def test_ids_are_the_datas_own_where_they_are_unique(tmp_path: Path) -> None:
    written(tmp_path, {**ROW, "question_id": 0}, {**ROW, "question_id": 0}, {**ROW, "question_id": 1})
    assert [s.id for s in read(tmp_path, card()).samples] == ["line 1", "line 2", "line 3"]
    written(tmp_path, {**ROW, "question_id": "x"}, {**ROW, "question_id": "y"})
    assert [s.id for s in read(tmp_path, card()).samples] == ["x", "y"]


def test_images_by_any_suffix_in_folders_of_several_names(tmp_path: Path) -> None:
    for folder, colour in (("RSVG", "red"), ("avvg", "blue")):
        (tmp_path / "images" / folder).mkdir(parents=True)
        Image.new("RGB", (60, 50), colour).save(tmp_path / "images" / folder / "a.png")
    written(tmp_path, ROW, {**ROW, "image_id": "gone.jpg"})
    data = read(tmp_path, card())
    assert [s.images[0].name for s in data.samples] == ["images/RSVG/a.png"]
    assert data.samples[0].target.size == (60, 50)
    assert [p.reason for p in data.problems] == ["the image gone.jpg is missing"]


def test_records_broken_over_lines_are_put_together(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(
        '{"image_id": "a.jpg",\n "question": "the\npool", "bbox": [1, 2, 3, 4]}\n' + json.dumps(ROW)
    )
    rows, faults = read_whole(path)
    assert [where for where, _ in rows] == ["record 1", "record 2"] and not faults
    assert [s.question for s in read(tmp_path, card()).samples] == ["the\npool", "the pool"]
    path.write_text(json.dumps(ROW) + "\n{torn\n" + json.dumps(ROW) + "\n[1]\n")
    data = read(tmp_path, card())
    assert [s.id for s in data.samples] == ["line 1", "line 3"]
    assert [(p.item, p.reason) for p in data.problems] == [
        ("line 2", "not JSON"), ("line 4", "not an object with named parts"),
    ]  # fmt: skip


def test_a_folder_of_another_kind(tmp_path: Path) -> None:
    written(tmp_path, ROW, name="avvg_test.jsonl")
    with pytest.raises(DataError, match="there is no rsvg_test.jsonl"):
        read(tmp_path, card())
    written(tmp_path / "a", ROW)
    written(tmp_path / "b", ROW)
    with pytest.raises(DataError, match="several files rsvg_test.jsonl"):
        read(tmp_path, card())
    written(tmp_path / "c", {"image_id": 1})
    with pytest.raises(DataError, match="holds no expression of RSVG"):
        read(tmp_path / "c", card())
