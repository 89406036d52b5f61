"""How LLaVA-1.5 is spoken to: boxes as parts of a padded square."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Boxes
from .convention import Convention
from .family import Family, Row, nouns


class Llava(Family):
    """The dialect of LLaVA-1.5 (and of models tuned with its data).

    Numbers are parts of the side of the picture after centred padding to a square (`image_aspect_ratio pad`),
    2 decimals, `[0.12, 0.34, 0.56, 0.78]`.

    Literal: the suffixes of short answers and of letters (haotian-liu/LLaVA docs/Evaluation.md), the caption
    (of TextCaps, without its tokens, arXiv 2310.03744), the questions for a referred region and for its
    description (RefCOCO and Visual Genome in llava_v1_5_mix665k). Ours: the question for one class, and those
    for objects by class and for oriented boxes, for which the family has no data.
    """

    name = "llava"
    convention = Convention("padded", 1, decimals=2)
    caption = "Provide a one-sentence caption for the provided image."
    describe = "Please provide a short description for this region: {}."
    classify = "{}\nThe categories are: {}.\nAnswer the question using a single word or phrase."

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or a line for each object of the classes."""
        if wants.phrase is not None:
            which = "coordinates of the four corners" if wants.oriented else "bounding box coordinate"
            return f"Please provide the {which} of the region this sentence describes: {wants.phrase}."
        numbers = "x1, y1, x2, y2, x3, y3, x4, y4" if wants.oriented else "x1, y1, x2, y2"
        kind = "corners of a rotated box" if wants.oriented else "bounding box coordinates"
        return (
            f"Detect every object of these categories: {', '.join(nouns(wants))}. "
            f"Answer with one line for each object, its category and its {kind}: category: [{numbers}]"
        )

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """`[..]` for a phrase, a line `class: [..]` for each object."""
        boxes = ((label, self.region(numbers)) for label, numbers in rows)
        return "\n".join(box if wants.phrase is not None else f"{label}: {box}" for label, box in boxes)
