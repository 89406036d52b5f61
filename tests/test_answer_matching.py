"""Which answer is of which sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from rsbench.harness.adapters.answer_files.matching import Matched, matched
from rsbench.harness.adapters.answer_files.said import Said
from rsbench.harness.contract import Image, Sample, Target
from rsbench.harness.errors import DataError


def sample(name: str, image: str, question: str = "", truth: str | None = None) -> Sample:
    return Sample(name, (Image(image, ""),), Target(texts=(truth,) if truth else ()), question)


def said(text: str, *images: str, **more: Any) -> Said:
    return Said(text, {"text": text}, images=images, **more)


def pairs(found: Matched) -> dict[str, str]:
    return {name: answer.where for name, answer in found.found.items()}


def match(answers: Sequence[Said], samples: Sequence[Sample], way: str = "auto") -> Matched:
    return matched("f", answers, samples, way)


def test_by_id_before_anything_else() -> None:
    samples = [sample("1", "a.png"), sample("2", "b.png")]
    found = match([said("x", "a.png", id="2"), said("y", "b.png", id="1"), said("z", id="3")], samples)
    assert pairs(found) == {"2": "x", "1": "y"} and (found.left, found.twice) == (1, 0)


def test_an_id_whose_question_is_another_is_none() -> None:
    """Numbers that happen to be ids: the questions tell."""
    samples = [sample("1", "a.png", "How many ships?"), sample("2", "a.png", "Is it rural?")]
    answers = [
        said("x", "a.png", id="1", question="Is it rural?"),
        said("y", "a.png", id="2", question="How many ships?"),
    ]
    assert pairs(match(answers, samples)) == {"2": "x", "1": "y"}
    assert pairs(match(answers[:1], samples)) == {"2": "x"}
    with pytest.raises(DataError):
        match(answers, samples, "id")


@pytest.mark.parametrize(
    "name", ["folder/a.tif", "A.TIF", "other\\folder\\a.tif", "/data/images/a.tif", "a", "a.png"]
)
def test_pictures_go_by_many_names(name: str) -> None:
    assert pairs(match([said("x", name)], [sample("s", "folder/a.tif"), sample("t", "folder/b.tif")])) == {
        "s": "x"
    }


def test_the_whole_name_counts_before_a_part_of_it() -> None:
    samples = [sample("s", "river/1.png"), sample("t", "forest/1.png")]
    assert pairs(match([said("x", "forest/1.png"), said("y", "river/1.png")], samples)) == {
        "t": "x",
        "s": "y",
    }
    assert match([said("x", "forest/1.png"), said("y", "1.png")], samples).left == 1  # either might be meant


def test_questions_of_one_picture() -> None:
    samples = [
        sample("1", "a.png", "Is there a ship?"),
        sample("2", "a.png", "ship"),
        sample("3", "a.png", "white ship"),
        sample("4", "b.png", "Is there a ship?"),
    ]
    answers = [
        said("x", "a.png", question="[hr_rgb_0.5] <image>\\n Is there a SHIP ? Answer with one word."),
        said("y", "a.png", question="find the white ship"),
        said("z", "a.png", question="Ship."),
        said("w", "a.png", question="the harbour"),
        said("v", "a.png"),
    ]
    found = match(answers, samples)
    assert pairs(found) == {"1": "x", "3": "y", "2": "z"} and found.left == 2


def test_a_question_asked_twice_is_answered_in_order() -> None:
    samples = [sample("1", "a.png", "ship"), sample("2", "a.png", "ship")]
    found = match([said(t, "a.png", question="ship") for t in "xyz"], samples)
    assert pairs(found) == {"1": "x", "2": "y"} and found.twice == 1


def test_the_order_only_when_asked() -> None:
    samples = [sample("a", "a.png", truth="yes"), sample("b", "b.png", truth="no")]
    answers = [said("x", truth="No.", place=1), said("y", truth="yes", place=0)]
    with pytest.raises(DataError, match="match=order"):
        match(answers, samples)
    found = match(answers, samples, "order")
    assert pairs(found) == {"a": "y", "b": "x"} and found.differ == 0
    with pytest.raises(DataError, match="1 answers, the data 2"):
        match(answers[:1], samples, "order")
    with pytest.raises(DataError, match="another truth"):
        match([said("x", truth="no", place=0), said("y", truth="yes", place=1)], samples, "order")


def test_another_truth_here_and_there_is_counted() -> None:
    samples = [sample(str(i), f"{i}.png", truth="medium residential") for i in range(5)]
    answers = [said(str(i), id=str(i), truth="MediumResidential") for i in range(4)]
    assert match([*answers, said("4", id="4", truth="pond")], samples).differ == 1
    with pytest.raises(DataError, match="about other data"):
        match([said(str(i), id=str(i), truth="pond") for i in range(5)], samples)


def test_letters_and_choices() -> None:
    one = Sample("1", (Image("a.png", ""),), Target(label="B", choices=("port", "ship")))
    assert match([said("x", id="1", truth="ship")], [one]).differ == 0
    assert match([said("x", id="1", truth="B")], [one]).differ == 0
