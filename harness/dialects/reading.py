"""An answer understood under a Convention: words, or boxes in any notation that public families write."""

from __future__ import annotations

from copy import copy
from typing import Any, cast

from ..answers import match_label
from ..contract import Answer, Boxes, Frame, Label, Mask, Text, Wants
from ..roles import Dialect
from .convention import Convention
from .notation import read_boxes
from .tags import bracketed

UNSEEN = "the size of the picture that the model saw is not known"


def read(text: str, wants: Wants, convention: Convention, frame: Frame | None) -> Answer:
    """Understand any text; never raises. See `read_boxes` for what is kept of boxes.

    Numbers are read as the convention says, over the `frame` that the adapter gives: without one, boxes
    cannot be placed, and the answer is unparsable.
    """
    if isinstance(wants, (Label, Text)):
        return read_words(text, wants)
    if frame is None:
        return Answer(unparsable=UNSEEN)
    seen = frame
    return read_boxes(
        bracketed(text),
        outlines(wants),
        lambda numbers: convention.from_text(numbers, seen),
        (frame.width, frame.height),
        angled=convention.angle is not None,
    )


def under(dialect: Dialect, convention: Convention) -> Dialect:
    """The dialect as if its family wrote coordinates by another convention, to read answers again."""
    other: Any = copy(dialect)
    other.convention = convention
    return cast(Dialect, other)


def read_words(text: str, wants: Label | Text) -> Answer:
    """An answer in words: a text as it is, a choice by the cls/strict rule."""
    words = text.strip()
    if not words:
        return Answer(unparsable="the answer is empty")
    if isinstance(wants, Text):
        return Answer(text=words)
    label = match_label(words, wants.choices, wants.aliases)
    return Answer(label, words, unparsable=None if label else "the answer does not name exactly one class")


def outlines(wants: Boxes | Mask) -> Boxes:
    """What is asked for as boxes: a mask in words is an outline of four corners, filled when it is scored."""
    return Boxes((), oriented=True, phrase=wants.phrase) if isinstance(wants, Mask) else wants
