"""How EarthGPT is spoken to: the instructions of its training data, boxes as parts of a padded square."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..contract import Answer, Boxes, Frame, Label, Mask, Region, Request, Target, Text, Wants
from ..errors import DataError, UsageError, unknown
from .convention import Convention, Points, Size, oriented
from .notation import read_boxes
from .reading import read_words

# Per wording: the picture's name, the request for brevity, what stands before the list of classes, the
# request for a caption. `paper` is printed in section IV of arXiv 2401.16822; `released` is how the
# instructions of the MMRS-1M files read ("in details").
_WORDINGS = {
    "paper": (
        "RS image",
        "Answering the question using a single word or phrase",
        ". Reference categories include",
        "Please provide a one-sentence caption for the provided RS image in detail.",
    ),
    "released": (
        "remote sensing image",
        "Answer the question using a single word or phrase.",
        " Reference categories include:",
        "Please provide a one-sentence caption for the provided remote sensing image in details.",
    ),
}

_DESCRIBE = "Please provide a short description for this region in this remote sensing image"


class EarthGPT:
    """The dialect of EarthGPT and of models trained on MMRS-1M.

    Numbers are parts of the side of the picture after centred padding to a square, `decimals` places (2 in
    the released data). Horizontal: x1,y1,x2,y2. Oriented: the corner closest to the origin first, the others
    by rising angle seen from it (section IV-B). A box with a number above 2 is read as pixels of the seen
    picture.
    """

    name = "earthgpt"
    version = 1

    def __init__(self, wording: str = "paper", decimals: str | int = 2) -> None:
        if wording not in _WORDINGS:
            raise unknown("wording", wording, _WORDINGS)
        if str(decimals) not in set("123456"):
            raise UsageError(f"decimals={decimals} is not possible.", "Give a number from 1 to 6.")
        self.decimals = int(decimals)
        self.convention = Convention("padded", 1, decimals=self.decimals, parts=(-2, 2))
        self._picture, self._brief, self._reference, self._caption = _WORDINGS[wording]
        self._released = wording == "released"

    def frame(self, size: Size) -> Frame:
        """What the model sees of a picture (width, height): padded to a square."""
        return Frame.padded_square(*size)

    def render(self, request: Request) -> str:
        """The literal instruction of the last turn (sections IV-A and IV-B; `released`: the data files).

        A Text that is a question gets the request for brevity, any other instruction is passed on as it is.
        Regions to be described stand behind the released instruction (the paper prints none), several parted
        by `;` in one bracket. INFERRED: the released detection instruction without a phrase, from the printed
        one; regions behind a question of the data's own.

        Raises:
            UsageError: a mask is asked for; the family has no notation for one.
            DataError: a region of a picture of unknown size.
        """
        wants = request.wants
        if isinstance(wants, Label):
            question = wants.question or f"What is the category of this {self._picture}?"
            return f"{question} {self._brief}{self._reference} {', '.join(wants.choices)}"
        if isinstance(wants, Text):
            brief = wants.question.endswith("?") and not wants.sentences
            asked = wants.question
            if request.regions:
                asked = f"{asked or _DESCRIBE} :{self._pointed(request)}"
            elif not asked:
                asked = self._caption
            return f"{asked} {self._brief}" if brief else asked
        if isinstance(wants, Mask):
            raise UsageError("EarthGPT cannot answer with a mask.", "Choose a model that segments.")
        kind = "oriented" if wants.oriented else "horizontal"
        if wants.phrase is None:
            return f"Detect all objects shown in the {self._picture} and describe using {kind} bounding boxes"
        return (  # the same in both wordings: the paper prints none
            f"Please provide the {kind} bounding box coordinate of the region which is described as:"
            f"{wants.phrase} in this remote sensing image"
        )

    def express(self, target: Target, wants: Wants, frame: Frame | None) -> str:
        """The answer of a perfect model.

        Boxes stand grouped by class, classes in the order asked for, boxes of a class from top to bottom,
        then left to right, as printed; coordinates are limited to the picture, ignored objects left out. A
        class under a parent is named with it ("A7 airplane"). INFERRED: the sentence for an empty image, and
        commas between three and more classes.
        """
        if isinstance(wants, Label):
            label = target.label or ""
            return f"{label[:1].upper()}{label[1:]}." if self._released and label else label
        if not isinstance(wants, Boxes):
            return target.texts[0] if target.texts else target.label or ""
        assert frame is not None, "boxes are expressed over an image"
        regions = [region for region in target.regions if not (region.ignore or region.crowd)]
        if wants.phrase is not None:
            return self._bracket(regions, wants, frame)
        if not regions:
            return "There are no objects in the image."
        order = {name: i for i, name in enumerate(wants.classes)}
        labels = sorted({r.label for r in regions}, key=lambda name: (order.get(name, len(order)), name))
        parts = []
        for label in labels:
            own = [region for region in regions if region.label == label]
            noun = f"{label} {wants.parent}" if wants.parent and label != wants.parent else label
            counted = f"{len(own)} {plural(noun)}" if len(own) > 1 else noun
            parts.append(f"<p>{counted}</p>{self._bracket(own, wants, frame)}")
        verb = "are" if sum(region.label == labels[0] for region in regions) > 1 else "is"
        return f"There {verb} {_enumerated(parts)} in the image."

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        """Understand any text; never raises. See `read_boxes` for what is kept of boxes.

        A frame that is no square is taken for the size alone: this family always sees the padded square.
        """
        if isinstance(wants, Boxes):
            if frame is None:
                return Answer(unparsable="the size of the image is not known")
            seen, size = frame, (frame.width, frame.height)
            return read_boxes(text, wants, lambda n: self.convention.from_text(n, seen), size)
        if isinstance(wants, Mask):
            return Answer(unparsable="this family has no notation for a mask")
        return read_words(text, wants)

    def _pointed(self, request: Request) -> str:
        """The regions of a request, in their order."""
        image = request.images[0]
        if image.extent is None:
            raise DataError(
                f"The size of {image.name} is not known, and a region is written in parts of it.",
                "Give the size beside the region, or the picture.",
            )
        square = Frame.padded_square(*image.extent)
        rows = (self._numbers(r.points, len(r.points) == 8, square) for r in request.regions)
        return f"[{';'.join(map(','.join, rows))}]"

    def _bracket(self, regions: Sequence[Region], wants: Boxes, frame: Frame) -> str:
        rows = [self._numbers(region.points, wants.oriented, frame) for region in regions]
        rows.sort(key=lambda row: (min(row[1::2]), min(row[0::2]), row))  # as text: all have equal places
        return f"[{';'.join(','.join(row) for row in rows)}]"

    def _numbers(self, points: Points, turned: bool, frame: Frame) -> list[str]:
        parts = self.convention.numbers(oriented(points, turned), frame)
        return self.convention.written(nearest_first(parts) if turned else parts)


def nearest_first(points: Sequence[float]) -> list[float]:
    """Four corners, the one closest to the origin first, the others by rising angle (x towards y) from it.

    >>> nearest_first([2, 2, 0, 2, 0, 0, 2, 0])
    [0, 0, 2, 0, 2, 2, 0, 2]
    """
    pairs = list(zip(points[0::2], points[1::2], strict=True))
    first = min(pairs, key=lambda p: (math.hypot(*p), p[1], p[0]))
    pairs.remove(first)
    pairs.sort(key=lambda p: (math.atan2(p[1] - first[1], p[0] - first[0]), math.dist(p, first)))
    return [v for pair in (first, *pairs) for v in pair]


def plural(noun: str) -> str:
    """A class name for several objects.

    >>> plural("A7 airplane"), plural("aircraft"), plural("storage tanks"), plural("ferry"), plural("bus")
    ('A7 airplanes', 'aircraft', 'storage tanks', 'ferries', 'buses')
    """
    if noun.endswith("aircraft") or (noun.endswith("s") and not noun.endswith(("ss", "us", "is"))):
        return noun
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "x", "z", "ch", "sh")) else "s")


def _enumerated(parts: Sequence[str]) -> str:
    return " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), parts[-1]])
