"""Published files of records read by what their cards say of them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rsbench.harness.contract import Problem
from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.datasets.record_names import own, published_file, tags_of
from rsbench.harness.datasets.records import read
from rsbench.harness.errors import DataError

FLOODNET, VRSBENCH, LRS = (read_card(name) for name in ("floodnet_vqa", "vrsbench_vqa", "lrs_vqa"))


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)


def test_floodnet_is_one_object_of_records(tmp_path: Path) -> None:
    rows: dict[str, Any] = {
        "0": {
            "Image_ID": "1.JPG",
            "Question": "How many?",
            "Ground_Truth": 3,
            "Question_Type": "Simple_Counting",
        },
        "1": {"Image_ID": "1.JPG", "Question": "Is it?", "Ground_Truth": "Yes", "Question_Type": "Yes_No"},
        "2": {"Image_ID": "1.JPG", "Question": "Is it?", "Question_Type": "Yes_No"},
        "3": {"Image_ID": "2.JPG", "Question": "Is it?", "Ground_Truth": "No", "Question_Type": "Yes_No"},
        "4": "no object",
    }
    (tmp_path / "Questions").mkdir()
    (tmp_path / "Questions/Training Question.json").write_text(json.dumps(rows, indent=4))
    picture(tmp_path / "Images/Train_Image/1.JPG")
    data = read(tmp_path, FLOODNET)
    assert [(s.id, s.target.texts, s.target.kind) for s in data.samples] == [
        ("0", ("3",), "Simple_Counting"),
        ("1", ("Yes",), "Yes_No"),
    ]
    assert data.samples[0].images[0].path.endswith("Images/Train_Image/1.JPG")
    assert Problem("record 2", "nothing says what is true") in data.problems
    assert Problem("record 3", "the picture 2.JPG is missing") in data.problems
    assert Problem("record 4", "not an object") in data.problems


def test_vrsbench_folds_kinds(tmp_path: Path) -> None:
    rows = [
        {"image_id": "P1.png", "question": "?", "ground_truth": "port", "question_id": n, "type": kind}
        for n, kind in enumerate(("image", "rural or urban", "scene type", "object color"))
    ]
    (tmp_path / "VRSBench_EVAL_vqa.json").write_text(json.dumps(rows))
    data = read(tmp_path, VRSBENCH)
    assert [s.target.kind for s in data.samples] == ["scene type"] * 3 + ["object color"]
    assert [s.id for s in data.samples] == ["0", "1", "2", "3"] and data.samples[0].images[0].path == ""


def test_lrs_questions_lose_the_wish_for_brevity(tmp_path: Path) -> None:
    ask = "Is it?\n Answer the question using a single word or phrase."
    row: dict[str, Any] = {
        "question_id": "GLH-Bridge_2",
        "image": "LRS_VQA/image/t-1.png",
        "category": "reasoning",
        "text": ask,
    }
    row |= dict(ground_truth="yes", image_size=[8, 9], abs_size="large", hbox=[1, 2, 3, 4])
    (tmp_path / "LRS_VQA_merged.jsonl").write_text(json.dumps(row))
    picture(tmp_path / "LRS_VQA/image/t-1.png")
    picture(tmp_path / "elsewhere/t-1.png")
    (sample,) = read(tmp_path, LRS).samples
    assert sample.question == "Is it?" and sample.regions == ()
    assert sample.tags == {
        "sensor": "optical",
        "question type": "reasoning",
        "source": "GLH",
        "object size": "large",
    }
    assert sample.images[0].path.endswith("LRS_VQA/image/t-1.png") and sample.images[0].size == (8, 9)
    (beside,) = read(tmp_path / "LRS_VQA", LRS).samples  # the folder of pictures has the data's name
    assert beside.images == sample.images


def test_lrs_annotations(shared: Path) -> None:
    data = read(shared / "data/LRS-VQA_annotations", LRS)
    assert not data.problems and len(data.samples) == LRS.counts["test"] == 7333
    assert Counter(s.target.kind for s in data.samples) == {
        "rural or urban": 1252,
        "count": 1199,
        "reasoning": 1000,
        "object status": 1000,
        "object category": 987,
        "object shape": 885,
        "object color": 765,
        "object background": 245,
    }
    assert Counter(s.tags["source"] for s in data.samples) == {"STAR": 3999, "FAIR": 2272, "GLH": 1062}
    assert not any("Answer the question" in s.question for s in data.samples)


def test_tags_are_parts_or_pieces_of_them() -> None:
    card = replace(LRS, options={"records": {"tags": {"a": "x", "b": ["y", "^(p|q)"], "c": "list"}}})
    assert tags_of({"x": 3, "y": "q7", "list": [1]}, card) == {"a": "3", "b": "q"}
    assert tags_of({"y": "z"}, card) == {} and own(read_card("vqa")) == {}


def test_a_file_that_is_not_there_or_of_another_form(tmp_path: Path) -> None:
    assert published_file(tmp_path, read_card("vqa"), "test") is None
    with pytest.raises(DataError, match="there is no VRSBench_EVAL_vqa.json"):
        read(tmp_path, VRSBENCH)
    with pytest.raises(DataError, match="no file for the split 'train'"):
        read(tmp_path, VRSBENCH, "train")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/Training Question.json").write_text("[]")
    with pytest.raises(DataError, match="no object of records"):
        read(tmp_path, FLOODNET)
    (tmp_path / "deep/Training Question.json").write_text('{"0": {')
    with pytest.raises(DataError, match="is not JSON"):
        read(tmp_path, FLOODNET)


@pytest.mark.parametrize("card", [FLOODNET, VRSBENCH, LRS], ids=lambda card: str(card.name))
def test_the_miniature_is_read_as_it_was_written(card: Card, tmp_path: Path) -> None:
    out = write_mini(card, tmp_path / "mini", count=6)
    data, kind = open_dataset(card, out, cache=tmp_path)
    assert kind == "mini" and not data.problems and len(data.samples) >= 6 * 4
    folded = own(card).get("kinds", {})
    assert {s.target.kind for s in data.samples} <= {folded.get(k, k) for k in card.mini["asks"]}
    assert all(Path(s.images[0].path).is_file() and "shift" in s.tags for s in data.samples)
    text = (out / own(card)["files"][card.split]).read_text()
    for name in own(card)["fields"].values():
        assert f'"{name}"' in text or name == "id"
    if card is LRS:
        assert "using a single word or phrase." in text
