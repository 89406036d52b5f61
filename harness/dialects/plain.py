"""Plain words for any model: asks for JSON with boxes in pixels, understands nearly anything."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..contract import Answer, Boxes, Frame, Image, Label, Region, Request, Target, Text, Wants
from .convention import Convention, Size, oriented
from .notation import read_boxes
from .reading import outlines, read_words


class Plain:
    """The dialect of no family: the wording is rsbench's own, numbers are pixels of the original image.

    A box whose numbers all lie within 0 and 1 is read as parts of the image's width and height: in pixels it
    would be the corner pixel.
    """

    name = "plain"
    version = 1
    convention = Convention("original", decimals=2, parts=(0, 1))

    def frame(self, size: Size) -> Frame:
        """What a model is taken to see of a picture (width, height): all of it, as it is."""
        return Frame.plain(*size)

    def render(self, request: Request) -> str:
        """The prompt of the last turn."""
        wants = request.wants
        if isinstance(wants, Label):
            question = wants.question or "Which class does this remote sensing image belong to?"
            return (
                f"{question} Answer with the name of one class and nothing else: {', '.join(wants.choices)}."
            )
        if isinstance(wants, Text):
            brief = "" if wants.sentences else "\nAnswer with a single word or a short phrase."
            return f"{_question(wants, request.regions)}{brief}"
        return _ask_for_boxes(outlines(wants), request.images)

    def express(self, target: Target, wants: Wants, frame: Frame | None) -> str:
        """The class, the first reference text, or the objects as JSON to a hundredth of a pixel."""
        if isinstance(wants, Label):
            return target.label or ""
        if isinstance(wants, Text):
            return target.texts[0] if target.texts else target.label or ""
        turned, rows = outlines(wants).oriented, []
        for region in target.regions:
            if not (region.ignore or region.crowd):
                points = oriented(region.points, turned)
                rows.append({"label": region.label, "box": [round(v, 2) for v in points]})
        return json.dumps(rows, ensure_ascii=False)

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        """Understand any text; never raises. See `read_boxes` for what is kept of boxes."""
        if isinstance(wants, (Label, Text)):
            return read_words(text, wants)
        if frame is None:
            return read_boxes(text, outlines(wants), lambda numbers: numbers, None)
        seen, size = frame, (frame.width, frame.height)
        return read_boxes(text, outlines(wants), lambda n: self.convention.from_text(n, seen), size)


def _question(wants: Text, regions: Sequence[Region]) -> str:
    """The question with the regions it is about, to a hundredth of a pixel."""
    if not regions:
        return wants.question or "Describe this image in one sentence."
    boxes = "; ".join(f"[{', '.join(f'{round(v, 2):.10g}' for v in r.points)}]" for r in regions)
    corners = 4 if any(len(r.points) == 8 for r in regions) else 2
    numbers = ", ".join(f"x{i}, y{i}" for i in range(1, corners + 1))
    where = f"{boxes} (pixels: {numbers})"
    return f"{wants.question} {where}" if wants.question else f"What is at {where}?"


def _ask_for_boxes(wants: Boxes, images: tuple[Image, ...]) -> str:
    size = images[0].extent if images else None
    extent = f", which is {size[0]} pixels wide and {size[1]} pixels high" if size else ""
    numbers = "x1, y1, x2, y2, x3, y3, x4, y4" if wants.oriented else "x1, y1, x2, y2"
    shape = "the corners of a rotated box" if wants.oriented else "the near and the far corner"
    if wants.phrase is not None:
        what = f"Find what this describes: {wants.phrase}."
    elif wants.parent is not None:
        what = f"Find every {wants.parent}. Its label is its type, one of {', '.join(wants.classes)}, "
        what += f"or {wants.parent} where you do not know the type."
    else:
        what = f"Find every object of these classes: {', '.join(wants.classes)}."
    return (
        f'{what} Answer with a JSON list and nothing else: [{{"label": "...", "box": [{numbers}]}}], '
        f"where the numbers are {shape} in pixels of the image{extent}, counted from its top left corner. "
        "If there is nothing to find, answer []."
    )
