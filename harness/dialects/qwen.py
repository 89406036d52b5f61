"""How the Qwen-VL families are spoken to: boxes in thousandths, or in pixels of the resized picture."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from ..contract import Boxes, Frame
from ..errors import unknown
from .convention import Convention, Size, resized, stretched
from .family import Family, Row, count, nouns

_CONVENTIONS = {
    "1": Convention("original", 999),  # QwenLM/Qwen-VL eval_mm/evaluate_grounding.py divides by 999
    "2": Convention("original", 1000),
    "2.5": Convention("resized"),
    "3": Convention("original", 1000),
}
_TAGS = {  # before and after a name, before and after a box
    "1": ("<ref>", "</ref>", "<box>", "</box>"),
    "2": ("<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>"),
}


class Qwen(Family):
    """The dialect of Qwen-VL (`generation=1`), Qwen2-VL (2), Qwen2.5-VL (2.5, the default) and Qwen3-VL (3).

    1 and 2: `(x1,y1),(x2,y2)` between tags, in 999 or 1000 parts of width and height. 2.5: JSON with
    `bbox_2d`, whole pixels of the picture that the model saw: the adapter's frame says how large it was;
    `min_pixels` and `max_pixels` (as in the processor's configuration) say it where a question names a
    region. 3: the same JSON in 1000 parts.

    Literal: the referred region of 1 (eval_mm/evaluate_grounding.py) and 2 (ms-swift's documentation of its
    data); the questions for a referred region and for a category list of 2.5 and 3 (QwenLM/Qwen3-VL
    cookbooks); short answers and letters (the families' prompts in VLMEvalKit; of 1, eval_mm); the caption of
    1. INFERRED: that caption for the others, objects by class in 1 and 2. Ours: the question for one class,
    for a region's description (in no training set, says QwenLM/Qwen3-VL issue 782), and oriented boxes, as
    corners in the family's brackets.
    """

    name = "qwen"
    caption = "Describe the image in English:"
    describe = "Describe the region {} of the image in a short phrase."

    def __init__(
        self,
        generation: str = "2.5",
        min_pixels: str | int = 56 * 56,
        max_pixels: str | int = 16384 * 28 * 28,
    ) -> None:
        """Raises UsageError for a generation that there is not, or pixels that are no whole number."""
        if generation not in _CONVENTIONS:
            raise unknown("generation of Qwen-VL", generation, _CONVENTIONS)
        self.generation = generation
        self.convention = _CONVENTIONS[generation]
        self._least, self._most = count("min_pixels", min_pixels), count("max_pixels", max_pixels)
        self.brief = "\nPlease try to answer the question with short words or phrases if possible."
        self.letter = "\nPlease select the correct answer from the options above."
        if generation == "1":
            self.brief = self.letter = " Answer:"
        if generation in _TAGS:
            self.nothing = "There is none."
        else:
            self.nothing = "```json\n[]\n```"

    def frame(self, size: Size) -> Frame:
        """What the processor makes of a picture (width, height) with these bounds."""
        factor = 32 if self.generation == "3" else 28
        return stretched(size, resized(*size, factor, self._least, self._most))

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes."""
        names = [wants.phrase] if wants.phrase is not None else nouns(wants)
        if self.generation in _TAGS:
            opened, closed, box, _ = _TAGS[self.generation]
            tagged = ", ".join(f"{opened}{name}{closed}" for name in names)
            corners = " with the four corners of rotated boxes" if wants.oriented else ""
            if self.generation == "1" and wants.phrase is not None and not wants.oriented:
                return f"{tagged}{box}"
            return f"Find {tagged}{corners}"
        key = '"quad_2d", the four corners of a rotated box,' if wants.oriented else "bbox"
        if wants.phrase is not None:
            return f"Locate the {wants.phrase}, output its {key} coordinates using JSON format."
        if self.generation == "3":
            quoted = f'"{", ".join(names)}"'
            return (
                f"locate every instance that belongs to the following categories: {quoted}. "
                f"Report {key} coordinates in JSON format."
            )
        what = f"the {key} coordinates" if wants.oriented else "the coordinates"
        return (
            f"Locate every item from the category list in the image and output {what} in JSON format. "
            f"The category set includes {', '.join(names)}."
        )

    def region(self, numbers: Sequence[str]) -> str:
        """A region in a question, as the generation writes boxes."""
        if self.generation not in _TAGS:
            return super().region(numbers)
        *_, opened, closed = _TAGS[self.generation]
        return f"{opened}{pairs(numbers)}{closed}"

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """Names and boxes between tags, or JSON in a fence, a line an object."""
        if self.generation in _TAGS:
            opened, closed, *_ = _TAGS[self.generation]
            grouped = groupby(rows, key=lambda row: row[0])
            return "".join(
                f"{opened}{label}{closed}{''.join(self.region(numbers) for _, numbers in own)}"
                for label, own in grouped
            )
        key = "quad_2d" if wants.oriented else "bbox_2d"
        return fenced(f'{{"{key}": [{", ".join(n)}], "label": {json.dumps(label)}}}' for label, n in rows)


def pairs(numbers: Sequence[str]) -> str:
    """Numbers as points: `(x1,y1),(x2,y2)`."""
    return ",".join(f"({x},{y})" for x, y in zip(numbers[0::2], numbers[1::2], strict=True))


def fenced(items: Iterable[str]) -> str:
    """A JSON list as Qwen2.5-VL writes it: in a fence, a line an object, indented by a tab."""
    return "```json\n[\n\t" + ",\n\t".join(items) + "\n]\n```"
