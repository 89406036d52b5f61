"""How GeoChat is spoken to: boxes in hundredths with an angle, between angle brackets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from ..contract import Boxes
from ..errors import unknown
from .convention import ANGLES, Convention
from .family import Family, Row, nouns


class GeoChat(Family):
    """The dialect of GeoChat (arXiv 2311.15826) and of what is trained on its notation (VRSBench).

    `{<x1><y1><x2><y2>|<angle>}`: whole hundredths of width and height of the original picture, and the
    degrees by which that box is turned about its centre, in pixels. Without an angle it stands upright.
    Turned boxes may stand out of the picture before they are turned, so numbers below 0 and above 100 are
    read and written.

    `angle`: which way a positive one turns on screen. counterclockwise is how geochat_demo.py draws them
    (rotate_bbox, with cv2.getRotationMatrix2D); the same file has an unused function that turns the other
    way, and the paper does not say: try `angle=clockwise` with `rsbench doctor boxes` where oriented boxes do
    not fit. Of the angles that make the same box the smallest is written (INFERRED).

    Literal: the tags and the questions for a referred and for an identified region
    (geochat/eval/batch_geochat_{grounding,referring}.py), for a class (spec/protocols.md section 1) and for
    short answers (LLaVA's suffix). INFERRED: the caption, and objects by class as referred ones, several
    names in one question.
    """

    name = "geochat"
    classify = "{}Classify the image from the following classes. Answer in one word or a short phrase. {}"
    scene = ""
    caption = "Describe the image in one sentence."
    describe = "[identify] What is the object present at {}"

    def __init__(self, angle: str = "counterclockwise") -> None:
        """Raises UsageError for another word."""
        if angle not in ANGLES:
            raise unknown("way of turning", angle, ANGLES)
        self.convention = Convention("original", 100, angle=angle)

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes; an angle is said for oriented boxes (ours)."""
        names = [wants.phrase] if wants.phrase is not None else nouns(wants)
        named = ", ".join(f"<p> {name} </p>" for name in names)
        kind = "oriented location" if wants.oriented else "location"
        return f"[refer] Give me the {kind} of {named}"

    def region(self, numbers: Sequence[str]) -> str:
        """`{<x1><y1><x2><y2>}`, and the angle where there is one."""
        return tagged(numbers[:4], numbers[4] if len(numbers) == 5 else None)

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """`<p>class</p> {..}<delim>{..}`; boxes alone for a phrase."""
        return delimited(rows, wants, self.region)


def tagged(numbers: Sequence[str], angle: str | None = None) -> str:
    """Numbers between angle brackets.

    >>> tagged(["1", "2", "3", "4"], "90")
    '{<1><2><3><4>|<90>}'
    """
    inside = "".join(f"<{number}>" for number in numbers)
    return f"{{{inside}{'' if angle is None else f'|<{angle}>'}}}"


def delimited(rows: Sequence[Row], wants: Boxes, region: Callable[[Sequence[str]], str]) -> str:
    """Objects by class as MiniGPT-v2 and its descendants write them; `region` writes the numbers of one."""
    parts = []
    for label, own in groupby(rows, key=lambda row: row[0]):
        boxes = "<delim>".join(region(numbers) for _, numbers in own)
        parts.append(boxes if wants.phrase is not None else f"<p>{label}</p> {boxes}")
    return " ".join(parts)
