"""Reader of RSVQA: questions, answers and images of a split in three JSON files, joined by their ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

from .card import Card, Dataset
from .files import find_images, walk
from .json_rows import rows, unwatched
from .layouts import other_layout
from .questions import Questions, located_in

Id: TypeAlias = int | str

_PARTS = ("questions", "answers", "images")
_DEPTH = 3


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every active question of an active image; a sample's id is the question's id as text.

    The answer is the first of the question's `answers_ids` (syvlo/RSVQA, VQALoader.py). An id may be written
    as a number or as text. Card options: `files`, what the files are called ("LR_split_{split}_{part}.json"),
    and `images`, the folder of the pictures, which are called <id>.tif.

    Raises:
        DataError: one of the files is missing or has no list.
    """
    paths = {part: _file(root, card, split or card.split, part) for part in _PARTS}
    base, folder = paths["questions"].parent, str(card.options.get("images", ""))
    index = find_images(base, (), folder)
    if not len(index) and base != root:
        index = find_images(root, (), folder)
    found = Questions(card, index.base, located_in(index, folder))
    with unwatched():
        _join(paths, found)
    return found.dataset()


def _join(paths: dict[str, Path], found: Questions) -> None:
    answers = _answers(paths["answers"], found)
    images = _images(paths["images"], found)
    names: dict[Id, str] = {}
    for row in rows(paths["questions"], "questions", found.problems):
        number, picture, words = _id(row.get("id")), _id(row.get("img_id")), row.get("question")
        if number is None or picture is None:
            found.problem(f"question {row.get('id')}", "it has no id, or names no picture by one")
            continue
        if picture not in names:
            names[picture] = f"{picture}.tif"
            if picture not in images:
                found.refuse(names[picture], f"{picture} is not among the images of the split")
        ids = row.get("answers_ids")
        answer = answers.get(_id(ids[0])) if isinstance(ids, list) and ids else None
        if answer is None or not isinstance(words, str):
            found.problem(f"question {number}", "it has no answer" if answer is None else "it has no words")
            continue
        kind = row.get("type")
        target = found.target(answer, kind if isinstance(kind, str) else "")
        found.add(str(number), names[picture], words, target)
    found.unasked(f"{picture}.tif" for picture in images - names.keys())


def _file(root: Path, card: Card, split: str, part: str) -> Path:
    name = str(card.options["files"]).format(split=split, part=part)
    for here, _, files in walk(root, _DEPTH):
        if name in files:
            return here / name
    raise other_layout(root, card, f"there is no {name}")


def _answers(path: Path, found: Questions) -> dict[Id | None, str]:
    """The words of every active answer, equal ones kept once."""
    answers: dict[Id | None, str] = {}
    words: dict[str, str] = {}
    for row in rows(path, "answers", found.problems):
        number, answer = _id(row.get("id")), row.get("answer")
        if isinstance(answer, int | float):
            answer = str(answer)
        if number is None or not isinstance(answer, str) or not answer.strip():
            found.problem(f"answer {row.get('id')}", "it has no id or no words")
        elif number in answers:
            found.problem(f"answer {number}", "a second answer with this id is left out")
        else:
            text = words.get(answer)
            answers[number] = words.setdefault(answer, answer.strip()) if text is None else text
    return answers


def _images(path: Path, found: Questions) -> set[Id]:
    """The ids of the active images."""
    images: set[Id] = set()
    for row in rows(path, "images", found.problems):
        number = _id(row.get("id"))
        if number is None or number in images:
            why = "it has no id" if number is None else "it is listed twice"
            found.problem(f"image {row.get('id')}", why)
        else:
            images.add(number)
    return images


def _id(value: Any) -> Id | None:
    """An id, the same for 12, 12.0 and "12"; None for what is none."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and (text := value.strip()):
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
    return None
