"""How PaliGemma is spoken to: a task word, boxes as location tokens."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Boxes, Label, Mask, Text
from .convention import Convention
from .family import Family, Row, nouns


class PaliGemma(Family):
    """The dialect of PaliGemma and PaliGemma 2.

    Four tokens `<loc0000>` to `<loc1023>` a box, y1 x1 y2 x2, in 1024 parts of height and width; the picture
    is stretched to a square, so that they are parts of the original too. Written to the nearest (INFERRED:
    public code rounds, cuts off, and divides by 1023 as well). Masks are read as their boxes: the sixteen
    `<segNNN>` codewords need the family's own decoder and are passed over.

    Literal: `detect a ; b`, `segment`, `caption en`, `answer en`, and `caption` with a box
    (ai.google.dev/gemma/docs/paligemma/prompt-system-instructions; arXiv 2407.07726). Ours: the
    question for one class as an `answer en`; oriented boxes as eight tokens. INFERRED: the word for nothing.
    """

    name = "paligemma"
    convention = Convention("original", 1024, "yxyx", last=1023)
    nothing = "none"

    def ask_label(self, wants: Label) -> str:
        """A question with the classes behind it."""
        return f"answer en {wants.question or self.scene} {', '.join(wants.choices)}"

    def ask_text(self, wants: Text, regions: Sequence[str]) -> str:
        """Questions are short as they are; a caption may be of a box."""
        where = " ".join(regions)
        if wants.question:
            return f"answer en {wants.question}{f' {where}' if where else ''}"
        return f"caption {where}" if where else "caption en"

    def ask_boxes(self, wants: Boxes) -> str:
        """The phrase, or the classes between semicolons."""
        names = [wants.phrase] if wants.phrase is not None else nouns(wants)
        return f"detect {'oriented ' if wants.oriented else ''}{' ; '.join(names)}"

    def ask_mask(self, wants: Mask) -> str:
        """The family's own task."""
        return f"segment {wants.phrase}"

    def region(self, numbers: Sequence[str]) -> str:
        """A token a number."""
        return "".join(f"<loc{int(number):04d}>" for number in numbers)

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """Boxes with what they are, between semicolons."""
        return " ; ".join(f"{self.region(numbers)} {label}" for label, numbers in rows)
