"""What the dialects of public model families share: who is asked what, regions in prompts, boxes in order.

A family is a subclass that declares its convention and words its questions; see docs/add-a-model.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..contract import Answer, Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from ..errors import DataError, UsageError
from ..geometry import hull
from .convention import Convention, Points, Size, oriented
from .reading import outlines, read

Row = tuple[str, list[str]]  # what an object is called, and its numbers as text

_OPTION = re.compile(r"\(?[A-Z][.)] ?")


class Family:
    """A dialect whose answers are words, or boxes in its `convention`.

    Class attributes are literal wordings; `{}` stands for the classes, the question or the regions. A family
    that has none of its own for a task says in its docstring whose it takes.
    """

    name = ""
    version = 1
    convention = Convention()
    scene = "What is the category of this remote sensing image?"  # where a Label has no question of its own
    classify = "{} Answer with one of these names and nothing else: {}."
    caption = "Describe the image in one sentence."
    describe = "Describe the region {} in a short phrase."
    brief = "\nAnswer the question using a single word or phrase."
    letter = "\nAnswer with the option's letter from the given choices directly."
    nothing = "There are none."

    def frame(self, size: Size) -> Frame:
        """What a model of this family sees of a picture (width, height), where no adapter says it."""
        return self.convention.over(Frame.plain(*size))

    def render(self, request: Request) -> str:
        """The literal prompt of the last turn.

        Raises:
            DataError: a region of a picture of unknown size.
        """
        wants = request.wants
        if isinstance(wants, Label):
            return self.ask_label(wants)
        if isinstance(wants, Text):
            return self.ask_text(wants, self.pointed(request))
        return self.ask_mask(wants) if isinstance(wants, Mask) else self.ask_boxes(wants)

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        """Understand any text; never raises. See reading.py."""
        return read(text, wants, self.convention, frame)

    def express(self, target: Target, wants: Wants, frame: Frame | None) -> str:
        """The answer of a perfect model: objects by class, then from top to bottom, then left to right.

        Ignored objects are left out. Coordinates are limited to the picture and rounded.
        """
        if isinstance(wants, Label):
            return target.label or ""
        if isinstance(wants, Text):
            return target.texts[0] if target.texts else target.label or ""
        assert frame is not None, "boxes are expressed over an image"
        asked = outlines(wants)
        rows = [self.row(region, asked, frame) for region in self.ordered(target.regions, asked)]
        return self.written(rows, asked) if rows else self.nothing

    def row(self, region: Region, wants: Boxes, frame: Frame) -> Row:
        """An object as it is called and written."""
        label = wants.phrase if wants.phrase is not None else noun(region.label, wants)
        return label, self.convention.to_text(self.shaped(region.points, wants), frame)

    def shaped(self, points: Sequence[float], wants: Boxes) -> Points:
        """What is written of a region: the box around it or its corners, in this family's order."""
        return oriented(points, wants.oriented)

    def ordered(self, regions: Sequence[Region], wants: Boxes) -> list[Region]:
        """Objects that count, in the order in which they are written."""
        rank = {name: i for i, name in enumerate(wants.classes)}
        shown = [r for r in regions if not (r.ignore or r.crowd) and len(r.points) in (4, 8)]
        return sorted(shown, key=lambda r: (rank.get(r.label, len(rank)), r.label, *hull(r.points)[1::-1]))

    def pointed(self, request: Request) -> list[str]:
        """The regions of a request as they stand in a question, in their order."""
        if not request.regions:
            return []
        frame = self.frame(extent(request.images[0]))
        return [self.region(self.convention.to_text(r.points, frame)) for r in request.regions]

    def ask_label(self, wants: Label) -> str:
        """The question for one class."""
        return self.classify.format(wants.question or self.scene, ", ".join(wants.choices))

    def ask_text(self, wants: Text, regions: Sequence[str]) -> str:
        """A question of the data's own, or the request for a description."""
        where = " ".join(regions)
        if not wants.question:
            return self.describe.format(where) if regions else self.caption
        question = f"{wants.question} {where}" if regions else wants.question
        return (
            question if wants.sentences else f"{question}{self.letter if options(question) else self.brief}"
        )

    def ask_mask(self, wants: Mask) -> str:
        """The question for pixels: for the outline, unless the family has a notation of its own."""
        return self.ask_boxes(outlines(wants))

    def region(self, numbers: Sequence[str]) -> str:
        """A region in a question: `[x1, y1, x2, y2]`."""
        return f"[{', '.join(numbers)}]"

    def ask_boxes(self, wants: Boxes) -> str:
        """The question for objects."""
        raise NotImplementedError

    def written(self, rows: Sequence[Row], wants: Boxes) -> str:
        """One object or more as text."""
        raise NotImplementedError


def options(question: str) -> list[str]:
    """The lines of a question that are options, a letter each from A on; none unless there are two.

    >>> options("Which?\\nA. ship\\nB. plane")
    ['A. ship', 'B. plane']
    """
    lines = [line for line in question.split("\n")[1:] if _OPTION.match(line)]
    return lines if len(lines) > 1 else []


def noun(label: str, wants: Boxes) -> str:
    """What a class is called in a question or an answer: with the parent, where it is a type of something."""
    return f"{label} {wants.parent}" if wants.parent and label != wants.parent else label


def nouns(wants: Boxes) -> list[str]:
    """What is asked for, in the order of the classes."""
    return [noun(label, wants) for label in wants.classes]


def extent(image: Image) -> Size:
    """Width and height of what is shown of an image, in pixels.

    Raises:
        DataError: the data does not say.
    """
    if image.extent is None:
        raise DataError(
            f"The size of {image.name} is not known, and a region is written in parts of it.",
            "Give the size beside the region, or the picture.",
        )
    return image.extent


def count(name: str, value: str | int) -> int:
    """A whole number of an option.

    Raises:
        UsageError: it is none, or below 1.
    """
    if not str(value).isdecimal() or int(value) < 1:
        raise UsageError(f"{name}={value} is not possible.", "Give a whole number from 1 on.")
    return int(value)
