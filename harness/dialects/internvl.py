"""How InternVL is spoken to: boxes in thousandths, `<ref>name</ref><box>[[x1, y1, x2, y2]]</box>`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from ..contract import Boxes
from .convention import Convention
from .family import Family, Row, nouns


class InternVL(Family):
    """The dialect of InternVL 1.2 to 3.

    Whole thousandths of width and height of the original picture, whatever tiles the model cuts it into.

    Literal: the question for a referred region (internvl_chat/eval/refcoco/evaluate_grounding.py), the suffix
    of short answers (eval/domain_specific/rs_vqa/evaluate.py), and the notation (chat_data_format in its
    documentation). INFERRED: the caption and letters as LLaVA-1.5 asks for them; the question for objects by
    class, from the documented "Please detect and label all objects in the following image and mark their
    positions.", and the one for a region's description. Ours: the question for one class; oriented boxes as
    eight numbers in the same brackets.
    """

    name = "internvl"
    convention = Convention("original", 1000)
    caption = "Provide a one-sentence caption for the provided image."
    describe = "Please provide a short description for this region: {}"
    classify = "{}\nThe categories are: {}.\nAnswer the question using a single word or phrase."

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes."""
        if wants.phrase is not None:
            which = "coordinates of the four corners" if wants.oriented else "bounding box coordinate"
            return (
                f"Please provide the {which} of the region this sentence describes: <ref>{wants.phrase}</ref>"
            )
        named = ", ".join(f"<ref>{name}</ref>" for name in nouns(wants))
        kind = "positions with the four corners of rotated boxes" if wants.oriented else "positions"
        return f"Please detect and label all objects of {named} in the following image and mark their {kind}."

    def region(self, numbers: Sequence[str]) -> str:
        """`<box>[[x1, y1, x2, y2]]</box>`."""
        return f"<box>[[{', '.join(numbers)}]]</box>"

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """A line for each name: `<ref>name</ref><box>[[..], [..]]</box>`."""
        lines = []
        for label, own in groupby(rows, key=lambda row: row[0]):
            boxes = ", ".join(f"[{', '.join(numbers)}]" for _, numbers in own)
            lines.append(f"<ref>{label}</ref><box>[{boxes}]</box>")
        return "\n".join(lines)
