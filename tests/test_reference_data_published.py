"""Readers of published layouts the harness has none for: made data, and the real files that are at hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from rsbench.harness.datasets.card import Card
from rsbench.harness.errors import DataError
from rsbench.reference_model.data import (
    gather,
    published_boxes,
    published_captions,
    published_fair1m,
    published_grounding,
    published_questions,
)
from rsbench.reference_model.data.sources import place, read_source, source


def card(**options: Any) -> Card:
    return Card("x", "x", 1, "X", "x", options=options)


def picture(path: Path, size: tuple[int, int] = (200, 100)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", size).save(path)


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_captions_json(tmp_path: Path) -> None:
    rows = [
        {
            "filename": "1.tif",
            "split": "train",
            "sentences": [{"raw": "One."}, {"raw": "Two."}, {"raw": None}],
        },
        {"filename": "2.tif", "split": "test", "sentences": [{"raw": "Test."}]},
        {"filename": "3.tif", "sentences": [{"raw": "Of no split."}]},
        {"filename": "4.tif", "split": "train", "sentences": [{"raw": "Missing."}]},
    ]
    put(tmp_path / "dataset_rsicd.json", {"images": rows})
    for n in (1, 2, 3):
        picture(tmp_path / f"imgs/{n}.tif")
    found = published_captions.read_json(tmp_path, card(file="*RSICD*.json"), "train")
    assert [(s.images[0].name, s.target.texts) for s in found.samples] == [("imgs/1.tif", ("One.", "Two."))]
    assert [p.reason.split(",")[0] for p in found.problems] == [
        "a caption that is no text",
        "it does not say of which split it is",
        "the image 4.tif is missing",
    ]
    contents: tuple[Any, ...] = ([], {"images": 1}, "no json")
    for content in contents:
        put(tmp_path / "dataset_rsicd.json", content)
        with pytest.raises(DataError, match="dataset_rsicd.json"):
            published_captions.read_json(tmp_path, card(file="*rsicd*.json"), "train")
    with pytest.raises(DataError, match="no json of captions"):
        published_captions.read_json(tmp_path, card(file="none"), "train")


def test_captions_by_class(tmp_path: Path) -> None:
    row = {
        "filename": "airport_001.jpg",
        "split": "val",
        "raw": "One.",
        **{f"raw_{i}": f"{i}." for i in range(1, 5)},
    }
    put(tmp_path / "dataset_nwpu.json", {"airport": [row], "beach": []})
    picture(tmp_path / "NWPU_images/airport/airport_001.jpg")
    found = published_captions.read_by_class(tmp_path, card(file="*nwpu*.json"), "val")
    assert found.samples[0].images[0].name == "NWPU_images/airport/airport_001.jpg"
    assert found.samples[0].target.texts == ("One.", "1.", "2.", "3.", "4.")
    with pytest.raises(DataError, match="holds nothing"):
        published_captions.read_by_class(tmp_path, card(file="*nwpu*.json"), "train")


def test_captions_in_lines_of_rsicd(shared: Path) -> None:
    found = published_captions.read_lines(shared / "data/RSICD/rsicd_precomp", card(), "test")
    assert len(found.samples) == 300 and all(len(s.target.texts) == 5 for s in found.samples)
    assert found.samples[0].target.texts[0] == "the airport is very large ."
    assert not found.problems and all(Path(s.images[0].path).is_file() for s in found.samples)


def test_captions_in_lines_that_do_not_match(tmp_path: Path) -> None:
    put(tmp_path / "train_caps.txt", "a\nb\n")
    with pytest.raises(DataError, match="no train_filename.txt"):
        published_captions.read_lines(tmp_path, card(), "train")
    put(tmp_path / "train_filename.txt", "1.jpg\n")
    with pytest.raises(DataError, match="2 lines"):
        published_captions.read_lines(tmp_path, card(), "train")


def test_rsvqa(tmp_path: Path) -> None:
    asked = [
        {"id": 0, "img_id": 7, "type": "count", "question": "How many?", "answers_ids": [5], "active": True},
        {"id": 1, "img_id": 7, "type": "comp", "question": "Off?", "answers_ids": [5], "active": False},
        {"id": 2, "img_id": 8, "type": "comp", "question": "Off?", "answers_ids": [5], "active": True},
        {"id": 3, "img_id": 7, "type": "comp", "question": "Lost?", "answers_ids": [6], "active": True},
    ]
    for name, rows in {
        "questions": asked,
        "answers": [{"id": 5, "question_id": 0, "answer": "2", "active": True}],
        "images": [{"id": 7, "active": True}, {"id": 8, "active": False}],
    }.items():
        put(tmp_path / f"LR_split_train_{name}.json", {name: rows})
    picture(tmp_path / "Images_LR/7.tif")
    found = published_questions.read_rsvqa(tmp_path, card(images="Images_LR"), "train")
    assert [(s.question, s.target.texts, s.target.kind, s.images[0].name) for s in found.samples] == [
        ("How many?", ("2",), "count", "Images_LR/7.tif")
    ]
    assert [p.item for p in found.problems] == ["question 3"]
    put(tmp_path / "LR_split_train_images.json", [])
    with pytest.raises(DataError, match="no list 'images'"):
        published_questions.read_rsvqa(tmp_path, card(), "train")


def test_rsivqa(shared: Path) -> None:
    row = source("RSIVQA")
    found = read_source(row, shared / "data/RSIVQA_AID", None)
    assert len(found.samples) == 300 and not found.problems
    assert (found.samples[0].question, found.samples[0].target.texts) == (
        "what is the theme of this picture?",
        ("airport",),
    )
    dota = read_source(row, shared / "data/DOTA", None)
    assert [s.target.texts[0] for s in dota.samples] == ["17", "50", "yes", "no", "yes", "no"]
    assert {s.images[0].name for s in dota.samples} == {"images/P1888.png"}


def test_rsivqa_lines_that_are_none(tmp_path: Path) -> None:
    put(tmp_path / "a_vqa.txt", "1.png:is it?yes\n\nno line\n2.png:is it?\n")
    found = published_questions.read_rsivqa(tmp_path, card())
    assert len(found.samples) == 1 and [p.item for p in found.problems] == [
        "a_vqa.txt, line 3",
        "a_vqa.txt, line 4",
    ]


def test_crsvqa_and_floodnet(tmp_path: Path) -> None:
    put(tmp_path / "c/1.txt", "What is it?\r\nA port\r\nHow many?\r\n")
    put(tmp_path / "c/readme.txt", "none")
    picture(tmp_path / "c/1.png")
    found = published_questions.read_crsvqa(tmp_path / "c", card())
    assert [(s.question, s.target.texts) for s in found.samples] == [("What is it?", ("A port",))]
    assert [p.item for p in found.problems] == ["1.txt"]
    put(
        tmp_path / "f/Training Question.json",
        {
            "1": {"Image_ID": "9.JPG", "Question": "Is it?", "Ground_Truth": 4, "Question_Type": "Yes_No"},
            "2": 3,
        },
    )
    flood = published_questions.read_floodnet(tmp_path / "f", card(), "train")
    assert [(s.question, s.target.texts, s.target.kind) for s in flood.samples] == [
        ("Is it?", ("4",), "Yes_No")
    ]
    assert [p.item for p in flood.problems] == ["question 2"]


def test_vhr10_against_a_plain_look_at_its_lines(shared: Path) -> None:
    row = source("NWPUVHR10")
    root = place(shared / "data", row)
    assert root is not None
    found = read_source(row, root, None)
    boxes = [
        tuple(float(v) for v in re.findall(r"\d+", line)[:4])
        for path in sorted((root / "ground truth").glob("*.txt"))
        for line in path.read_text().splitlines()
        if line.strip()
    ]
    assert [r.points for s in found.samples for r in s.target.regions] == boxes and len(found.samples) == 40
    assert not found.problems


def test_polygons_of_ucas50(shared: Path) -> None:
    root = shared / "data/UCAS50/UCAS50"
    options = {"form": "polygon", "annotations": "labels/{split}", "images": "images/{split}", "first": 0}
    found = published_boxes.read(
        root, Card("u", "detection", 1, "U", "x", options=options, classes=("plane", "car")), "train"
    )
    first = next(s for s in found.samples if s.id == "1018")
    line = (root / "labels/train/1018.txt").read_text().split()[:9]
    with PIL.Image.open(root / "images/train/1018.png") as opened:
        width, height = opened.size
    wanted = [float(v) * (height if i % 2 else width) for i, v in enumerate(line[1:])]
    assert (
        first.target.regions[0].points == pytest.approx(wanted) and first.target.regions[0].label == "plane"
    )


def test_text_boxes_of_other_forms(tmp_path: Path) -> None:
    row = source("UCAS-AOD")
    corners = "10 10 30 10 30 20 10 20 0.0 10 10 20 10"
    for folder in ("CAR", "PLANE"):
        put(tmp_path / f"UCAS/{folder}/P0001.txt", corners.replace(" ", "\t") + "\n")
        picture(tmp_path / f"UCAS/{folder}/P0001.png")
    put(tmp_path / "UCAS/CAR/P0002.txt", "broken\n")
    picture(tmp_path / "UCAS/CAR/P0002.png")
    found = read_source(row, tmp_path / "UCAS", None)
    assert [(s.images[0].name, s.target.regions[0].label) for s in found.samples] == [
        ("CAR/P0001.png", "car"),
        ("PLANE/P0001.png", "plane"),
    ]
    assert len(found.problems) == 2  # the line, and the picture that is not known to be empty
    drone = source("VisDrone")
    base = tmp_path / "VisDrone2019-DET-train"
    put(base / "annotations/1.txt", "10,20,30,40,1,4,0,0\n5,5,5,5,0,0,0,0\n")
    picture(base / "images/1.jpg")
    seen = read_source(drone, tmp_path, "train")
    assert [(r.points, r.label) for r in seen.samples[0].target.regions] == [((10, 20, 40, 60), "car")]
    assert "class 0" in seen.problems[0].reason
    with pytest.raises(DataError, match="there is no VisDrone2019-DET-val"):
        read_source(drone, tmp_path, "val")


RSVG = """<annotation><filename>{name}</filename><size><width>800</width><height>800</height></size>
<object><name>ship</name><pose/><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>{x}</xmax><ymax>4</ymax></bndbox>
<description>the ship of {name}</description></object>
<object><name>car</name><bndbox><xmin>5</xmin><ymin>5</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>
<description>the car of {name}</description></object></annotation>"""


def test_dior_rsvg(tmp_path: Path) -> None:
    for name, x in (("00001", 3), ("00002", 1), ("00003", "x")):
        put(tmp_path / f"Annotations/{name}.xml", RSVG.format(name=f"{name}.jpg", x=x))
        picture(tmp_path / f"JPEGImages/{name}.jpg", (800, 800))
    put(tmp_path / "train.txt", "0\n2\n3\n4\n5\n")
    row = source("DIOR-RSVG")
    found = read_source(row, tmp_path, "train")
    assert [(s.id, s.question, s.target.regions[0].points) for s in found.samples] == [
        ("0", "the ship of 00001.jpg", (1, 2, 3, 4)),
        ("3", "the car of 00002.jpg", (5, 5, 9, 9)),
        ("5", "the car of 00003.jpg", (5, 5, 9, 9)),
    ]
    assert [p.item for p in found.problems] == ["object 2", "object 4"]
    put(tmp_path / "val.txt", "6\n")
    with pytest.raises(DataError, match="lists object 6, and there are 6"):
        read_source(row, tmp_path, "val")
    put(tmp_path / "Annotations/00002.xml", "<broken")
    with pytest.raises(DataError, match="numbers behind it would be wrong"):
        read_source(row, tmp_path, "train")


def test_splits_of_dior_rsvg(shared: Path) -> None:
    lists = {
        n: published_grounding.numbers(shared / f"data/DIOR-RSVG_splits/{n}.txt")
        for n in ("train", "val", "test")
    }
    assert {n: len(own) for n, own in lists.items()} == {"train": 26991, "val": 3829, "test": 7500}
    assert frozenset.union(*lists.values()) == frozenset(range(38320))


def test_fair1m(tmp_path: Path) -> None:
    points = "".join(f"<point>{x},{y}</point>" for x, y in ((1, 1), (9, 1), (9, 5), (1, 5), (1, 1)))
    item = "<object><possibleresult><name>Boeing737</name></possibleresult><points>{}</points></object>"
    body = item.format(points) + item.format("<point>1</point>")
    put(tmp_path / "train/part1/labelXml/0.xml", f"<annotation><objects>{body}</objects></annotation>")
    picture(tmp_path / "train/part1/images/0.tif")
    found = published_fair1m.read(tmp_path, card(open_classes=True), "train")
    assert found.samples[0].target.regions[0].points == (1, 1, 9, 1, 9, 5, 1, 5)
    assert found.samples[0].target.regions[0].label == "boeing737" and len(found.problems) == 1
    with pytest.raises(DataError, match="no folder 'val'"):
        published_fair1m.read(tmp_path, card(open_classes=True), "val")


@pytest.mark.parametrize("reader", [published_questions.read_crsvqa, published_questions.read_rsivqa])
def test_empty_folders(reader: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds nothing of X"):
        reader(tmp_path, card())


def test_several_files(tmp_path: Path) -> None:
    for name in "ab":
        put(tmp_path / f"{name}.json", [])
    with pytest.raises(DataError, match="several things: a.json, b.json"):
        gather.the_file(tmp_path, "*.json", "things")
