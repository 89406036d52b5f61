"""How RSCoVLM is spoken to: system prompts by kind of box, whole pixels of the resized picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from ..contract import Answer, Boxes, Frame, Label, Region, Request, Text, Wants
from ..errors import unknown
from .convention import Convention, Points, Size, oriented, resized, stretched
from .family import Family, Row, count, options
from .notation import settled
from .qwen import fenced
from .reading import UNSEEN, outlines, read
from .rscovlm_text import lines, objects

# by text and kind of box; sic
_SYSTEMS = {
    ("plain", "hbb"): "As an AI assistant, you specialize in accurate image object detection, delivering "
    "coordinates in plain text format 'x1,y1,x2,y2 object'.",
    ("plain", "obb"): "As an AI assistant, you specialize in accurate oriented object detection, delivering "
    "coordinates in plain text format 'x,y,w,h,a object'.",
    ("plain", "quad"): "As an AI assistant, you specialize in accurate oriented object detection, delivering "
    "coordinates of the polygon vertices in plain text format 'x1,y1,x2,y2,x3,y3,x4,y4 object'.",
    ("json", "hbb"): None,  # Qwen's own
    (
        "json",
        "obb",
    ): "You are an AI assistant specializing in oriented object detection. Represent objects with: "
    "center (x,y), width (w), height (h), and rotation angle.",
    (
        "json",
        "quad",
    ): "You are an AI assistant specializing in oriented object detection. Represent objects with "
    "quadrant bbox: the corrdinates of each vertices of the oriented bounding boxes in clock-wise order.",
}
_KEYS = {"hbb": "bbox_2d", "obb": "oriented bbox", "quad": "quadrant bbox"}
_CHOOSE = (
    "Select the best answer to the above multiple-choice question based on the image. Respond with only the "
    "letter (A, B, C, D, or E) of the correct option.\nThe best answer is:"
)


class RSCoVLM(Family):
    """The dialect of RSCoVLM (VisionXLab/RSCoVLM).

    `text`: json (the default of its evaluation) or plain, a line an object. `box`: oriented boxes as quad,
    four corners clockwise from the topmost, or obb, centre, sides and degrees (le90); horizontal ones are x1
    y1 x2 y2. All are whole pixels, cut off, of the picture that the model saw: the adapter's frame says how
    large it was; `min_pixels` and `max_pixels` (those of its training) say it where a question names a
    region.

    `labels`: an answer's class that was not asked for is kept as it is (asked), or taken for the one spelt
    most like it (nearest), which its evaluation does, with rapidfuzz where this takes difflib.

    Literal: system prompts and questions of rscovlm/training/data/{dense_det,refgeo}_dataset.py and
    rscovlm/eval; classes are in lower case, `-` a space, sorted. INFERRED: captions, and a region as a box of
    pixels behind the evaluation's `[identify] What is the object present at`. Ours: masks as outlines (its
    own notation, rows of 28-pixel patches, is not read).
    """

    name = "rscovlm"
    caption = "Describe the image in one sentence."
    describe = "[identify] What is the object present at {}"
    brief = " Answer the question using a single word or a short phrase."
    nothing = "There are none."

    def __init__(
        self,
        text: str = "json",
        box: str = "quad",
        min_pixels: str | int = 224 * 224,
        max_pixels: str | int = 1008 * 1008,
        labels: str = "asked",
    ) -> None:
        """Raises UsageError for a word that there is not, or pixels that are no whole number."""
        for kind, word, known in (
            ("kind of text", text, ("json", "plain")),
            ("kind of box", box, ("quad", "obb")),
            ("way with labels", labels, ("asked", "nearest")),
        ):
            if word not in known:
                raise unknown(kind, word, known)
        self.text, self.box, self.labels = text, box, labels
        self._least, self._most = count("min_pixels", min_pixels), count("max_pixels", max_pixels)
        turned = "clockwise" if box == "obb" else None
        self.convention = Convention("resized", angle=turned, turned="cxcywh", down=True)

    def frame(self, size: Size) -> Frame:
        """What the processor makes of a picture (width, height) with these bounds."""
        return stretched(size, resized(*size, 28, self._least, self._most))

    def system(self, request: Request) -> str | None:
        """What the model is told before it is asked for boxes; None leaves it to its template."""
        wants = request.wants
        return None if isinstance(wants, (Text, Label)) else _SYSTEMS[self.text, self._kind(outlines(wants))]

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        """By the rules of rscovlm_text.py; where these find nothing, as any notation. Never raises."""
        if not isinstance(wants, Boxes):
            return read(text, wants, self.convention, frame)
        if frame is None:
            return Answer(unparsable=UNSEEN)
        seen = frame
        kind = self._kind(wants)
        found = objects(text) if "{" in text else lines(text, {"hbb": 4, "obb": 5, "quad": 8}[kind])
        answer = read(text, wants, self.convention, frame)
        if found:
            size = (frame.width, frame.height)
            boxes = settled(found, wants, lambda n: self.convention.from_text(n, seen), size)
            answer = Answer(regions=boxes)
        if self.labels == "nearest" and wants.phrase is None:
            near = {r.label: _nearest(r.label, wants.classes) for r in answer.regions}
            answer = replace(answer, regions=tuple(replace(r, label=near[r.label]) for r in answer.regions))
        return answer

    def ask_label(self, wants: Label) -> str:
        """The one sentence, without a question."""
        return f"Classify the image within one of the given classes:{','.join(wants.choices)}."

    def ask_text(self, wants: Text, regions: Sequence[str]) -> str:
        """A question with options lists them and asks for the letter."""
        if not (listed := options(wants.question)) or wants.sentences:
            return super().ask_text(wants, regions)
        stem = wants.question[: wants.question.index("\n" + listed[0])]
        asked = " ".join((stem, *regions))
        choices = "".join(f"{option}\n" for option in listed)
        return f"{asked} The choices are listed below: \n{choices}{_CHOOSE}"

    def ask_boxes(self, wants: Boxes) -> str:
        """One referred region, or all objects of the classes."""
        kind = "oriented bbox" if wants.oriented else "bbox"
        if wants.phrase is not None:
            if self.text == "plain":
                return f"find the {wants.phrase}"
            return f"Locate the {wants.phrase}, output the {kind} coordinates using JSON format"
        categories = ", ".join(sorted(map(spelt, wants.classes)))
        if self.text == "plain":
            return f"find the {categories}."
        what = "the oriented bbox coordinates" if wants.oriented else "the coordinates"
        return (
            f"Locate every item from the category list in the image and output {what} in JSON format. "
            f"The category set includes {categories}."
        )

    def ordered(self, regions: Sequence[Region], wants: Boxes) -> list[Region]:
        """By the sorted names of the classes, then from top to bottom, then left to right."""
        return super().ordered(regions, replace(wants, classes=tuple(sorted(wants.classes, key=spelt))))

    def shaped(self, points: Sequence[float], wants: Boxes) -> Points:
        """The box, or the corners clockwise from the topmost."""
        return clockwise(oriented(points, True)) if wants.oriented else oriented(points, False)

    def row(self, region: Region, wants: Boxes, frame: Frame) -> Row:
        """An object under the name that was asked for."""
        label, numbers = super().row(region, wants, frame)
        return (label if wants.phrase is not None else spelt(region.label)), numbers

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """JSON in a fence, or a line an object."""
        if self.text == "plain":
            return "".join(f"{','.join(numbers)} {label}\n" for label, numbers in rows)
        key = _KEYS[self._kind(wants)]
        return fenced(f'{{"{key}": [{", ".join(n)}], "label": {json.dumps(label)}}}' for label, n in rows)

    def _kind(self, wants: Boxes) -> str:
        return self.box if wants.oriented else "hbb"


def spelt(name: str) -> str:
    """A class as RSCoVLM writes it.

    >>> spelt("Small-Vehicle")
    'small vehicle'
    """
    return name.replace("-", " ").lower()


def clockwise(points: Sequence[float]) -> Points:
    """Four corners by rising angle about their middle, which is clockwise on screen, from the topmost on.

    >>> clockwise((0, 5, 5, 0, 10, 5, 5, 10))
    (5, 0, 10, 5, 5, 10, 0, 5)
    """
    pairs = list(zip(points[0::2], points[1::2], strict=True))
    x, y = (sum(v) / len(pairs) for v in zip(*pairs, strict=True))
    pairs.sort(key=lambda p: math.atan2(p[1] - y, p[0] - x))
    first = pairs.index(min(pairs, key=lambda p: (p[1], p[0])))
    return tuple(v for pair in (*pairs[first:], *pairs[:first]) for v in pair)


def _nearest(label: str, classes: Sequence[str]) -> str:
    """The class that is spelt most like a label; itself where it was asked for, or no class was."""
    return label if label in classes else next(iter(get_close_matches(label, classes, 1, cutoff=0.0)), label)
