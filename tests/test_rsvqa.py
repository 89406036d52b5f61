"""RSVQA's three files: joined by id, other splits passed by, whatever is broken counted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rsbench.harness.contract import Problem
from rsbench.harness.datasets.card import Card, Dataset, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.datasets.rsvqa import read
from rsbench.harness.errors import DataError, UsageError

LR = read_card("rsvqa_lr")


def question(number: Any, image: Any, answer: Any, **more: Any) -> dict[str, Any]:
    row = {"id": number, "img_id": image, "type": "presence", "question": "Is it?", "answers_ids": [answer]}
    return row | {"active": True} | more


def written(
    folder: Path, questions: list[Any], answers: list[Any], images: list[Any], pictures: tuple[int, ...] = ()
) -> Path:
    for part, content in (("questions", questions), ("answers", answers), ("images", images)):
        (folder / f"LR_split_test_{part}.json").write_text(json.dumps({part: content}))
    for number in pictures:
        (folder / "Images_LR").mkdir(exist_ok=True)
        Image.new("RGB", (4, 4)).save(folder / f"Images_LR/{number}.tif")
    return folder


def answer(number: Any, text: Any, **more: Any) -> dict[str, Any]:
    return {"id": number, "question_id": number, "answer": text, "active": True} | more


def test_questions_answers_and_images_are_joined(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        [
            {"id": 0, "active": False},
            question(1, 7, 3),
            question(2, 7, 2, type="count", question="How many?"),
        ],
        [answer(2, 12), answer(3, " yes "), {"id": 4, "active": False}],
        [{"id": 6, "active": False}, {"id": 7, "active": True, "questions_ids": [1, 2]}],
        (7,),
    )
    data = read(root, LR)
    assert data.problems == ()
    first, second = data.samples
    assert (first.id, first.question, first.target.texts) == ("1", "Is it?", ("yes",))
    assert (second.target.texts, second.target.kind) == (("12",), "count")
    assert first.images == second.images and first.images[0].name == "Images_LR/7.tif"
    assert first.tags == {"sensor": "optical", "question type": "presence"}


def test_what_is_equal_is_one_object(tmp_path: Path) -> None:
    """A million questions share their pictures, truths, words and tags."""
    many = [question(n, n % 2, n) for n in range(6)]
    root = written(tmp_path, many, [answer(n, "no") for n in range(6)], [{"id": 0}, {"id": 1}], (0, 1))
    samples = read(root, LR).samples
    assert samples[0].images is samples[2].images and samples[0].images is not samples[1].images
    for part in ("target", "question", "tags"):
        assert len({id(getattr(sample, part)) for sample in samples}) == 1


def test_ids_as_text_and_as_numbers_are_the_same(tmp_path: Path) -> None:
    root = written(tmp_path, [question("1", "7", "3"), question(2.0, 7, 3)], [answer(3, "a")], [{"id": "7"}])
    data = read(root, LR)
    assert [s.id for s in data.samples] == ["1", "2"] and data.problems == ()
    assert data.samples[0].images[0].path == ""  # no picture at hand at all


def test_everything_broken_is_counted_and_nothing_fatal(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        [
            question(1, 7, 1),
            question(1, 7, 1),  # taken
            question("01", 7, 1),  # the same again
            question(None, 7, 1),
            question(2, None, 1),
            question(3, 7, 99),  # no such answer
            question(4, 7, 2),  # an answer that is taken back
            question(5, 7, 1, answers_ids=[]),
            question(6, 8, 1),  # its picture is missing
            question(7, 9, 1),  # of an image of another split
            question(8, 9, 1),
            question(9, 7, 1, question=None),
            "no object",
        ],
        [answer(1, "yes"), answer(1, "no"), answer(2, "x", active=False), answer(5, ""), answer(None, "y")],
        [{"id": 7}, {"id": 7}, {"id": 8}, {"id": 9, "active": False}, {"id": 10}, {"id": None}],
        (7, 10),
    )
    data = read(root, LR)
    assert [s.id for s in data.samples] == ["1"] and data.samples[0].target.texts == ("yes",)
    reasons = [p.reason for p in data.problems]
    assert data.problems.count(Problem("1", "a second question with this id is left out")) == 2
    assert reasons.count("it has no answer") == 3 and "it has no words" in reasons
    assert Problem("8.tif", "the picture 8.tif is missing; 1 question is left out") in data.problems
    assert (
        Problem("9.tif", "9 is not among the images of the split; 2 questions are left out") in data.problems
    )
    assert Problem("10.tif", "pictures without a question: 1 (10.tif)") in data.problems
    assert Problem("answer 1", "a second answer with this id is left out") in data.problems
    assert Problem("image 7", "it is listed twice") in data.problems
    assert any("not an object" in reason for reason in reasons)


def test_pictures_of_the_other_resolution_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "Data").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "Data/7.tif")
    root = written(tmp_path, [question(1, 7, 1)], [answer(1, "yes")], [{"id": 7}], (7,))
    assert [s.images[0].name for s in read(root, LR).samples] == ["Images_LR/7.tif"]
    assert "Images_LR" in read(root, LR).samples[0].images[0].path


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no LR_split_test_questions.json"):
        read(tmp_path, LR)
    with pytest.raises(UsageError, match="test_phili"):
        open_dataset(read_card("rsvqa_hr"), tmp_path, "test_phil", cache=tmp_path)


@pytest.mark.parametrize("name", ["rsvqa_lr", "rsvqa_hr"])
def test_the_miniature_is_in_the_published_form(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    out = write_mini(card, tmp_path / "mini", count=6)
    files = {
        part: out / card.options["files"].format(split=card.split, part=part)
        for part in ("questions", "images")
    }
    raw = {part: json.loads(path.read_text())[part] for part, path in files.items()}
    assert (
        {row["active"] for row in raw["questions"]}
        == {True, False}
        == {row["active"] for row in raw["images"]}
    )
    data: Dataset = open_dataset(card, out, cache=tmp_path)[0]
    assert not data.problems and len(data.samples) == 6 * 4
    assert {s.target.kind for s in data.samples} == set(card.mini["asks"])
    for sample in data.samples:
        if sample.target.kind == "area":
            assert sample.target.texts[0].removesuffix("m2").isdigit()


def test_the_split_names_the_files(tmp_path: Path) -> None:
    small: Card = replace(read_card("rsvqa_hr"), mini={**read_card("rsvqa_hr").mini, "side": 64})
    for split in ("test", "test_phili"):
        out = write_mini(small, tmp_path / split, split=split, count=1)
        assert (out / f"USGS_split_{split}_questions.json").is_file()
        assert read(out, small, split).samples
