"""What readers of questions share: kinds by words, pictures found or lost, tags of a miniature."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

from PIL import Image

from rsbench.harness.contract import Problem
from rsbench.harness.datasets import questions
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.files import ImageIndex
from rsbench.harness.datasets.questions import Located, Questions, kinds_of, located_in
from rsbench.harness.datasets.sidecar import Sidecar, write_sidecar

CARD = replace(read_card("vqa"), sensor="optical")


def test_doctests() -> None:
    assert doctest.testmod(questions).failed == 0


def test_kinds_are_of_the_first_pattern_that_is_found() -> None:
    kind_of = kinds_of({"count": r"\bhow many\b", "scene": r"\b(scene|theme)\b", "other": ""})
    asked = ("How many ships?", "What is the THEME, how many?", " What theme?", "Where?", "Somehow manyfold?")
    assert [kind_of(q) for q in asked] == ["count", "count", "scene", "other", "other"]
    assert kinds_of({})("How many?") == ""


def test_a_missing_and_an_empty_picture_lose_their_questions(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    found = Questions(CARD, tmp_path, located_in(ImageIndex(tmp_path)))
    yes = found.target("yes", "presence")
    for key, name in enumerate(("a.png", "b.png", "c.png", "c.png")):
        found.add(str(key), name, "Is it?", yes)
    data = found.dataset()
    assert [s.id for s in data.samples] == ["0"]
    assert data.problems == (
        Problem("b.png", "the picture b.png is an empty file; 1 question is left out"),
        Problem("c.png", "the picture c.png is missing; 2 questions are left out"),
    )


def test_without_any_picture_the_questions_stay(tmp_path: Path) -> None:
    assert located_in(ImageIndex(tmp_path)) is None
    found = Questions(CARD, tmp_path, None)
    found.add("1", "x.png", "Is it?", found.target("yes", ""), (("source", "FAIR"),))
    (sample,) = found.dataset().samples
    assert (sample.images[0].name, sample.images[0].path) == ("x.png", "")
    assert sample.tags == {"sensor": "optical", "source": "FAIR"}


def test_the_note_of_a_miniature_tags_its_pictures(tmp_path: Path) -> None:
    write_sidecar(tmp_path, Sidecar({}, {"a.png": {"sensor": "SAR", "shift": "base"}}))
    found = Questions(CARD, tmp_path, lambda name: Located(name, Path(__file__), (3, 2)))
    for key, name in enumerate(("a.png", "b.png")):
        found.add(str(key), name, "Is it?", found.target("yes", "k"))
    first, second = found.dataset().samples
    assert first.tags == {"sensor": "SAR", "shift": "base", "question type": "k"}
    assert second.tags == {"sensor": "optical", "question type": "k"} and second.images[0].size == (3, 2)


def test_pictures_without_a_question_are_one_problem(tmp_path: Path) -> None:
    found = Questions(CARD, tmp_path, None)
    found.unasked([])
    found.unasked(f"{n}.png" for n in range(5))
    assert found.problems == [Problem("0.png", "pictures without a question: 5 (0.png, 1.png, 2.png, ...)")]
