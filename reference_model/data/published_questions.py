"""Readers of questions and answers as they are published: RSVQA, RSIVQA, CRSVQA and FloodNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...harness.contract import Sample, Target
from ...harness.datasets.card import Card, Dataset
from ...harness.datasets.files import walk
from ...harness.errors import DataError
from .gather import Gatherer, load_json, the_file


def read_rsvqa(root: Path, card: Card, split: str | None = None) -> Dataset:
    """RSVQA: <name>_split_<split>_{questions,answers,images}.json; only what is `active` counts.

    Raises:
        DataError: a file is missing or of another form.
    """
    path = the_file(root, f"*_split_{split or '*'}_questions.json", "questions")
    asked, answered, shown = (
        _rows(path.with_name(path.name.replace("_questions", f"_{part}")), part)
        for part in ("questions", "answers", "images")
    )
    answers = {row.get("id"): str(row.get("answer", "")) for row in answered}
    active = {row.get("id") for row in shown if row.get("active")}
    gatherer = Gatherer(card, root)
    for row in asked:
        if not row.get("active") or row.get("img_id") not in active:
            continue
        name, picture = f"question {row.get('id')}", str(row["img_id"])
        ids = row.get("answers_ids") or [None]
        if ids[0] not in answers:
            gatherer.problem(name, "its answer is not in the list")
            continue
        _add(gatherer, name, picture, str(row.get("question", "")), answers[ids[0]], str(row.get("type", "")))
    return gatherer.dataset()


def read_rsivqa(root: Path, card: Card, split: str | None = None) -> Dataset:
    """RSIVQA: text files of the data sets it is made of, each line <picture>:<question>?<answer>.

    Raises:
        DataError: no such line.
    """
    gatherer = Gatherer(card, root)
    for here, _, files in walk(root):
        for file in (here / f for f in files if f.lower().endswith(".txt") and "vqa" in f.lower()):
            for number, line in enumerate(_lines(file), 1):
                picture, colon, rest = line.partition(":")
                question, mark, answer = rest.partition("?")
                where = f"{file.name}, line {number}"
                if line.strip() and not (colon and mark and answer.strip()):
                    gatherer.problem(where, "a line that is not <picture>:<question>?<answer>")
                elif line.strip():
                    _add(gatherer, where, picture.strip(), f"{question}?", answer, prefer=here.name)
    return gatherer.dataset()


def read_crsvqa(root: Path, card: Card, split: str | None = None) -> Dataset:
    """CRSVQA: a text file a picture, its lines in turn a question and its answer.

    Raises:
        DataError: no such file.
    """
    gatherer = Gatherer(card, root)
    stems = gatherer.index.stems()
    for here, _, files in walk(root):
        for file in (here / f for f in files if f.lower().endswith(".txt")):
            if stems and file.stem.lower() not in stems:
                continue
            lines = [line.strip() for line in _lines(file) if line.strip()]
            if len(lines) % 2:
                gatherer.problem(file.name, "a question without an answer at its end")
            for number, (question, answer) in enumerate(zip(lines[0::2], lines[1::2], strict=False), 1):
                _add(gatherer, f"{file.stem}, question {number}", file.stem, question, answer)
    return gatherer.dataset()


def read_floodnet(root: Path, card: Card, split: str | None = None) -> Dataset:
    """FloodNet: {"<n>": {Image_ID, Question, Ground_Truth, Question_Type}}.

    Raises:
        DataError: no such file, or another form.
    """
    path = the_file(root, f"*{split or ''}*question*.json", "questions")
    content = load_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path.name} is not as expected: a mapping of numbers to questions.")
    gatherer = Gatherer(card, root)
    for number, row in content.items():
        if not isinstance(row, dict):
            gatherer.problem(f"question {number}", "not an object with named parts")
            continue
        asked, truth, kind = (str(row.get(k, "")) for k in ("Question", "Ground_Truth", "Question_Type"))
        _add(gatherer, f"question {number}", str(row.get("Image_ID", "")), asked, truth, kind)
    return gatherer.dataset()


def _add(
    gatherer: Gatherer, name: str, picture: str, asked: str, answer: str, kind: str = "", prefer: str = ""
) -> None:
    image = gatherer.image(name, picture, prefer)
    if image is not None:
        target = Target(texts=(answer.strip(),), kind=kind)
        gatherer.samples.append(Sample(name, (image,), target, asked))


def _rows(path: Path, part: str) -> list[dict[str, Any]]:
    content = load_json(path)
    rows = content.get(part) if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise DataError(f"{path.name} is not as expected: it has no list {part!r}.")
    return [row for row in rows if isinstance(row, dict)]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
