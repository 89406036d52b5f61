"""Boxes as MMRS-1M writes them: parts of the long side after centred padding to a square, two decimals.

The arithmetic is that of EarthGPT's own notes on the data: pad = int((long - short) / 2) before the short
axis, then everything divided by the long side. It is the harness's padded square; the text is the dialect's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...harness.contract import Frame
from ...harness.dialects.earthgpt import nearest_first

Size = tuple[int, int]  # width, height in pixels
DECIMALS = 2
_BRACKET = re.compile(r"\[([-+.\deE,;\s]+)\]")


def from_corner_and_size(box: Sequence[float]) -> tuple[float, float, float, float]:
    """x, y, width, height to x1, y1, x2, y2.

    >>> from_corner_and_size((10, 20, 30, 5))
    (10, 20, 40, 25)
    """
    x, y, width, height = box
    return x, y, x + width, y + height


def to_parts(points: Sequence[float], size: Size, decimals: int = DECIMALS) -> tuple[float, ...]:
    """Pixels (4 numbers: x1 y1 x2 y2; 8: corners in any order) to parts of the padded square.

    Corners come out with the one closest to the origin first, then by rising angle seen from it (IV-B).

    >>> to_parts((0, 0, 200, 100), (200, 100))
    (0.0, 0.25, 1.0, 0.75)
    """
    square = Frame.padded_square(*size)
    parts = [v / square.seen_width for v in square.to_seen(points)]
    return tuple(round(v, decimals) for v in (nearest_first(parts) if len(parts) == 8 else parts))


def to_pixels(parts: Sequence[float], size: Size) -> tuple[float, ...]:
    """Parts of the padded square to pixels of the picture.

    >>> to_pixels((0.0, 0.25, 1.0, 0.75), (200, 100))
    (0.0, 0.0, 200.0, 100.0)
    """
    square = Frame.padded_square(*size)
    return square.to_original([v * square.seen_width for v in parts])


def greatest_error(size: Size, decimals: int = DECIMALS) -> float:
    """Pixels by which a coordinate may be off after both ways: half a step of the grid over the long side.

    >>> greatest_error((640, 512))
    3.2
    """
    return max(size) / 2 * 10.0**-decimals


def boxes_in(text: str) -> list[tuple[float, ...]]:
    """The boxes of a question or an answer: groups of numbers in brackets, `;` between groups.

    >>> boxes_in("There are <p>2 ships</p>[0.1,0.2,0.3,0.4;0,0,1,1] in the image.")
    [(0.1, 0.2, 0.3, 0.4), (0.0, 0.0, 1.0, 1.0)]
    """
    if "[" not in text:
        return []
    groups = (group for bracket in _BRACKET.findall(text) for group in bracket.split(";"))
    return [numbers for group in groups if (numbers := _numbers(group))]


def _numbers(group: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in group.split(",") if part.strip())
    except ValueError:
        return ()
