"""How SPHINX (LLaMA2-Accessory) is spoken to: boxes as parts of a padded square."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..contract import Boxes
from .convention import Convention
from .family import Family, Row, count, nouns


class Sphinx(Family):
    """The dialect of SPHINX and its relatives in LLaMA2-Accessory.

    Numbers are parts of the side of the picture after centred padding to a square (`padded_resize` in
    accessory/data/transform.py), `decimals` places: 2, as in the grounding sets it was trained on (INFERRED;
    SPHINX-V writes 3).

    Literal: the suffix of short answers and the question for a referred region (accessory evaluation scripts,
    spec/earthgpt.md section 3). The caption, the region's description and the letter are LLaVA-1.5's, whose
    data are part of SPHINX's (INFERRED). Ours: the question for one class, and the questions for objects by
    class and for oriented boxes, answered in EarthGPT's notation `<p>class</p>[..;..]`, which descends from
    SPHINX's.
    """

    name = "sphinx"
    caption = "Provide a one-sentence caption for the provided image."
    describe = "Please provide a short description for this region: {}."
    classify = "{}\nAnswer the question using a single word or phrase. The categories are: {}."

    def __init__(self, decimals: str | int = 2) -> None:
        """Raises UsageError for decimals that are no whole number."""
        self.convention = Convention("padded", 1, decimals=count("decimals", decimals))

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes."""
        if wants.phrase is not None:
            which = "coordinates of the four corners" if wants.oriented else "bounding box coordinate"
            return f"Please provide the {which} of the region this sentence describes: {wants.phrase}."
        kind = "oriented" if wants.oriented else "horizontal"
        return f"Detect all {', '.join(nouns(wants))} in the image and describe using {kind} bounding boxes."

    def region(self, numbers: Sequence[str]) -> str:
        """`[x1,y1,x2,y2]`, without spaces."""
        return f"[{','.join(numbers)}]"

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """`[..]` for a phrase, `<p>class</p>[..;..]` for classes."""
        parts = []
        for label, own in groupby(rows, key=lambda row: row[0]):
            boxes = f"[{';'.join(','.join(numbers) for _, numbers in own)}]"
            parts.append(boxes if wants.phrase is not None else f"<p>{label}</p>{boxes}")
        return " ".join(parts)
