"""One conversation about one picture: the unit every training set is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as the model reads it and the answer it is taught."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Record:
    """A picture (a path relative to the folder of the set, `/` between its parts; None: text alone) and the
    turns of the conversation about it, in order."""

    image: str | None
    turns: tuple[Turn, ...]
