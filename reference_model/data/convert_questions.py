"""VQA-to-instruction (IV-A): as many turns as there are questions about a picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...harness.contract import Request, Sample, Text
from ...harness.dialects.earthgpt import EarthGPT
from .problems import Tally
from .record import Record, Turn

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def questions(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, its questions in the order of the data set; the first of several answers counts."""
    pictures: dict[str, dict[Turn, None]] = {}
    for sample in dataset.samples:
        answer = (sample.target.label or next(iter(sample.target.texts), "")).strip()
        question = _question(sample)
        if not question or not answer:
            tally.add("a question without an answer" if question else "an empty question", sample.id)
            continue
        turn = Turn(dialect.render(Request("", "", (), Text(question))), answer)
        turns = pictures.setdefault(sample.images[0].name, {})
        if turn in turns:
            tally.add("the same question and answer of a picture again", f"{sample.id}: {question}")
        turns[turn] = None
    for name, turns in pictures.items():
        yield Record(name, tuple(turns))


def _question(sample: Sample) -> str:
    """The question as one line; with options, these on lines of their own as the VQA tasks show them."""
    asked = " ".join(sample.question.replace("\N{FULLWIDTH QUESTION MARK}", "?").split())
    options = zip(_LETTERS, sample.target.choices, strict=False)
    return "\n".join([asked, *(f"{letter}. {text}" for letter, text in options)]) if asked else ""
