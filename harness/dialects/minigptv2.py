"""How MiniGPT-v2 is spoken to: a tag for the task, boxes in hundredths between angle brackets."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Boxes, Label, Text
from .convention import Convention
from .family import Family, Row, nouns, options
from .geochat import delimited, tagged


class MiniGPTv2(Family):
    """The dialect of MiniGPT-v2 (arXiv 2310.09478); `[INST]` and the picture are for the adapter's template.

    `{<x1><y1><x2><y2>}`: whole hundredths of width and height of the original picture
    (eval_scripts/eval_ref.py).

    Literal: `[refer] give me the location of`, `[detection]`, `[identify] what object is in this location`,
    `[caption]` and `[vqa]` with their sentences, and the choice among candidates (Vision-CAIR/MiniGPT-4
    minigpt4/datasets/datasets, demo_v2.py). Ours: that choice for scene classes and letters, and oriented
    boxes as eight numbers in the same braces.
    """

    name = "minigptv2"
    convention = Convention("original", 100)
    caption = "[caption] please describe this image?"
    describe = "[identify] what object is in this location {}"

    def ask_label(self, wants: Label) -> str:
        """The choice among candidates."""
        question = wants.question or self.scene
        candidates = list(wants.choices)
        return f"Given this image, choose one correct answer from {candidates} for this question: {question}"

    def ask_text(self, wants: Text, regions: Sequence[str]) -> str:
        """A question gets the tag and the sentence in front; with options, they are left to it."""
        if not wants.question or wants.sentences:
            return super().ask_text(wants, regions)
        question = " ".join((wants.question, *regions))
        if options(question):
            return f"[vqa] {question}{self.letter}"
        return f"[vqa] Based on the image, respond to this question with a short answer: {question}"

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes."""
        corners = " with its four corners" if wants.oriented else ""
        if wants.phrase is not None:
            return f"[refer] give me the location of {wants.phrase}{corners}"
        return f"[detection] {', '.join(nouns(wants))}{corners}"

    def region(self, numbers: Sequence[str]) -> str:
        """`{<x1><y1><x2><y2>}`."""
        return tagged(numbers)

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """`<p>class</p> {..}<delim>{..}`; boxes alone for a phrase."""
        return delimited(rows, wants, self.region)
