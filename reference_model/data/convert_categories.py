"""Category-to-instruction (IV-A): the class of a picture, all classes in the question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...harness.contract import Label, Request, Target
from ...harness.dialects.earthgpt import EarthGPT
from .problems import Tally
from .record import Record, Turn

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset


def categories(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture, of one turn. The classes are those the data set shows, in its order."""
    wants = Label(dataset.classes)
    question = dialect.render(Request("", "", (), wants))
    for sample in dataset.samples:
        if sample.target.label not in dataset.classes:
            tally.add("a picture without a class", sample.id)
            continue
        answer = dialect.express(Target(label=sample.target.label), wants, None)
        yield Record(sample.images[0].name, (Turn(question, answer),))
