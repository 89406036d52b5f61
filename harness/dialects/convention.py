"""How a model family writes coordinates: which picture they count in, range, order, angle, rounding.

A dialect declares its Convention. Nothing is guessed from the size of the numbers (`parts` is the one,
declared, exception), and nothing from what is true.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..contract import Frame
from ..errors import DataError, unknown
from ..geometry import corners, from_rotated, hull, to_rotated

Points: TypeAlias = tuple[float, ...]
Size: TypeAlias = tuple[int, int]

SPACES = ("original", "resized", "padded")
ORDERS = ("xyxy", "yxyx", "xywh", "cxcywh")
ANGLES = ("clockwise", "counterclockwise")


@dataclass(frozen=True, slots=True)
class Convention:
    """How numbers in a text lie over a picture.

    `space`: the picture they count in: the original, the one the model saw (`resized`), or the original
    padded to a square, centred. `range`: what width and height are in these numbers; None counts pixels.
    `order` of the four numbers of a horizontal box. `angle`: oriented boxes are a box and degrees, and which
    way they turn on screen; None: four corners. `turned` is the order of that box, turned about its centre.
    `decimals` and `down` (rounding down rather than to the nearest) are for writing, `last` is the largest
    number there is.

    `parts`: a box whose numbers all lie in this interval is read as parts of the side, any other as pixels.

    Raises:
        UsageError: a space, order or angle that is none of these.
    """

    space: str = "original"
    range: float | None = None
    order: str = "xyxy"
    angle: str | None = None
    turned: str = "xyxy"
    decimals: int = 0
    down: bool = False
    last: float | None = None
    parts: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for kind, name, known in (
            ("space", self.space, SPACES),
            ("order", self.order, ORDERS),
            ("order", self.turned, ORDERS),
            ("angle", self.angle or ANGLES[0], ANGLES),
        ):
            if name not in known:
                raise unknown(f"{kind} of coordinates", name, known)

    def __str__(self) -> str:
        """In words, for a person.

        >>> str(Convention("padded", 1, decimals=2)), str(Convention("resized"))
        ('0 to 1 of the padded square, xyxy', 'pixels of the resized image, xyxy')
        """
        where = {"original": "original image", "resized": "resized image", "padded": "padded square"}[
            self.space
        ]
        count = "pixels" if self.range is None else f"0 to {self.range:g}"
        turned = f", oriented {self.turned} and degrees {self.angle}" if self.angle else ""
        return f"{count} of the {where}, {self.order}{turned}"

    def over(self, frame: Frame) -> Frame:
        """The picture that the numbers count in, over the original of `frame`.

        A frame whose seen picture is no square is taken for the size alone where a square is padded.
        """
        if self.space == "original":
            return Frame.plain(frame.width, frame.height)
        if self.space == "padded" and frame.seen_width != frame.seen_height:
            return Frame.padded_square(frame.width, frame.height)
        return frame

    def numbers(self, points: Sequence[float], frame: Frame) -> list[float]:
        """What a region is in this convention, not yet rounded: 4 numbers, or of 8 corners 8 or, turned, 5.

        `points` are pixels of the original. All but turned boxes are limited to the picture: the box before
        it is turned may well stand out.
        """
        ground = self.over(frame)
        seen = ground.to_seen(points)
        if len(points) == 8 and self.angle:
            cx, cy, w, h, degrees = self._turned(seen)
            box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
            return [
                *self._scaled(box, self.turned, ground),
                degrees if self.angle == "clockwise" else -degrees,
            ]
        sides = (ground.seen_width, ground.seen_height)
        inside = [min(max(v, 0.0), sides[i % 2]) for i, v in enumerate(seen)]
        return self._scaled(inside, self.order, ground)

    def to_text(self, points: Sequence[float], frame: Frame) -> list[str]:
        """The numbers of a region (pixels of the original) as they are written.

        >>> Convention("original", 1000).to_text((10, 20, 30, 40), Frame.plain(100, 50))
        ['100', '400', '300', '800']
        """
        return self.written(self.numbers(points, frame))

    def written(self, numbers: Sequence[float]) -> list[str]:
        """Numbers rounded and as text."""
        limit = math.inf if self.last is None else self.last
        unit = 10.0**self.decimals
        rounded = [_cut(v * unit) / unit if self.down else round(v, self.decimals) for v in numbers]
        return [f"{min(v, limit) + 0.0:.{self.decimals}f}" for v in rounded]  # + 0.0: there is no -0

    def from_text(self, numbers: Sequence[float], frame: Frame) -> Points:
        """Numbers as written (4, 8, or 5 where oriented boxes have an angle) to pixels of the original.

        4 give a box x1 y1 x2 y2 whose corners may be the wrong way round, 8 and 5 give four corners.

        >>> Convention("original", 100, angle="clockwise").from_text((40, 40, 60, 50, 0), Frame.plain(10, 20))
        (4.0, 8.0, 6.0, 8.0, 6.0, 10.0, 4.0, 10.0)
        """
        ground = self.over(frame)
        extent = self.range
        if self.parts:
            low, high = self.parts
            extent = 1.0 if all(low <= v <= high for v in numbers) else None
        order = self.turned if len(numbers) == 5 else self.order
        flip = order == "yxyx"
        x, y = (1.0, 1.0) if extent is None else (ground.seen_width / extent, ground.seen_height / extent)
        pixels = [
            v * (x if (i % 2 == 0) != flip else y) for i, v in enumerate(numbers[: len(numbers) // 4 * 4])
        ]
        points = _plain(pixels, order)
        if len(numbers) == 5:
            degrees = numbers[4] if self.angle == "clockwise" else -numbers[4]
            x1, y1, x2, y2 = points
            points = from_rotated(
                (x1 + x2) / 2,
                (y1 + y2) / 2,
                abs(x2 - x1),
                abs(y2 - y1),
                math.radians(math.fmod(degrees, 360)),
            )
        return ground.to_original(points)

    def _turned(self, seen: Points) -> tuple[float, float, float, float, float]:
        """Centre, sides, degrees clockwise of the smallest oriented box; what has no area is not turned."""
        try:
            cx, cy, w, h, angle = to_rotated(seen)
        except ValueError:
            x1, y1, x2, y2 = hull(seen)
            return (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, 0.0
        degrees = math.degrees(angle)
        if self.turned != "cxcywh" and not -45 < degrees <= 45:  # so that the box before it stays near
            w, h, degrees = h, w, degrees - math.copysign(90, degrees)
        return cx, cy, w, h, degrees

    def _scaled(self, points: Sequence[float], order: str, ground: Frame) -> list[float]:
        """Pixels as a family writes them: in its range and order."""
        if self.range is not None:
            sides = (ground.seen_width, ground.seen_height)
            points = [v / sides[i % 2] * self.range for i, v in enumerate(points)]
        return _ordered(points, order)


def _cut(value: float) -> int:
    """A number without its decimals; what is a whole number but for floating point stays one."""
    return math.trunc(value + math.copysign(1e-9, value))


def oriented(points: Sequence[float], wanted: bool) -> Points:
    """A region as it is asked for: its corners, or the box around it."""
    return corners(points) if wanted else hull(points)


def _ordered(box: Sequence[float], order: str) -> list[float]:
    """x1 y1 x2 y2, or corners, in the order in which a family writes them."""
    if order == "yxyx":
        return [v for i in range(0, len(box), 2) for v in (box[i + 1], box[i])]
    if order == "xyxy" or len(box) != 4:
        return list(box)
    x1, y1, x2, y2 = box
    near = (x1, y1) if order == "xywh" else ((x1 + x2) / 2, (y1 + y2) / 2)
    return [*near, x2 - x1, y2 - y1]


def _plain(numbers: Sequence[float], order: str) -> Points:
    """The inverse: x1 y1 x2 y2, or corners."""
    if order in ("xyxy", "yxyx") or len(numbers) != 4:
        return tuple(_ordered(numbers, order))
    x, y, w, h = numbers
    if order == "cxcywh":
        x, y = x - w / 2, y - h / 2
    return x, y, x + w, y + h


def resized(
    width: int, height: int, factor: int = 28, least: int = 56 * 56, most: int = 28 * 28 * 1280
) -> Size:
    """The size to which Qwen's processors bring a picture: their smart_resize, in the order width, height.

    Sides are rounded to multiples of `factor` (28: Qwen2-VL, Qwen2.5-VL; 32: Qwen3-VL); where the area leaves
    `least` to `most` pixels, both are scaled by the root of the quotient first, then rounded inwards. As in
    transformers' `image_processing_qwen2_vl`; qwen_vl_utils differs for sides below half a factor alone.

    >>> resized(800, 600), resized(4000, 3000), resized(20, 30)
    ((812, 588), (1148, 840), (56, 84))

    Raises:
        DataError: a side that is 0, or one over 200 times the other.
    """
    if min(width, height) < 1 or max(width, height) > 200 * min(width, height):
        raise DataError(f"A picture of {width} x {height} pixels cannot be resized: at most 200 to 1.")
    w, h = round(width / factor) * factor, round(height / factor) * factor
    if w * h > most:
        shrink = math.sqrt(width * height / most)
        w, h = (max(factor, math.floor(side / shrink / factor) * factor) for side in (width, height))
    elif w * h < least:
        grow = math.sqrt(least / (width * height))
        w, h = (math.ceil(side * grow / factor) * factor for side in (width, height))
    return w, h


def stretched(size: Size, seen: Size) -> Frame:
    """The frame of a whole picture that was resized to another size."""
    return Frame(*size, *seen, seen[0] / size[0], seen[1] / size[1])


# what public models write: what `rsbench doctor boxes` tries where the declared one does not fit
KNOWN: Mapping[str, Convention] = {
    "parts": Convention("original", 1, decimals=2),
    "parts of the padded square": Convention("padded", 1, decimals=2),
    "percent": Convention("original", 100),
    "0-999": Convention("original", 999),
    "0-1000": Convention("original", 1000),
    "0-1000, y first": Convention("original", 1000, "yxyx"),
    "0-1024, y first": Convention("original", 1024, "yxyx", last=1023),
    "pixels": Convention("original"),
    "pixels of the resized image": Convention("resized"),
    "pixels, x y width height": Convention("original", order="xywh"),
    "pixels of the padded square": Convention("padded"),
}
