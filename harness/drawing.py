"""Boxes drawn onto a picture, each class in a colour of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .contract import Region
from .errors import DataError, UsageError
from .geometry import corners

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageDraw import ImageDraw

# Okabe and Ito's colours, told apart by most colour-blind people too; without black
COLOURS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")
_LINE = 300  # pixels of the picture's long side for one of the line's width
_TEXT = 40  # pixels of the picture's long side for one of the text's height
_LEAST_TEXT = 10


def draw(picture: Picture, regions: Sequence[Region]) -> Picture:
    """A copy of the picture with an outline around each region and its label at the topmost corner.

    Points are pixels of the picture, 4 or 8 numbers. Labels take the colours in the order of their first
    region; a region without a label has an outline alone, one of no size nothing.
    """
    from PIL import ImageDraw as Pens
    from PIL import ImageFont

    drawn = picture.convert("RGB")
    pen = Pens.Draw(drawn)
    long = max(drawn.size)
    font = ImageFont.load_default(max(_LEAST_TEXT, long // _TEXT))
    order = list(dict.fromkeys(region.label for region in regions))
    for region in regions:
        colour = COLOURS[order.index(region.label) % len(COLOURS)]
        points = corners(region.points)
        if not all(map(math.isfinite, points)):
            continue  # no box of positive sides
        # pixel i covers [i, i+1): its middle is where Pillow draws i
        outline = [(x - 0.5, y - 0.5) for x, y in zip(points[0::2], points[1::2], strict=True)]
        pen.polygon(outline, outline=colour, width=max(1, round(long / _LINE)))
        if region.label:
            _name(pen, region.label, min(outline, key=lambda point: (point[1], point[0])), colour, font)
    return drawn


def save(picture: Picture, path: Path) -> None:
    """Write a picture in the format its name says.

    Raises:
        UsageError: the name says none.
        DataError: the place cannot be written.
    """
    try:
        picture.save(path)
    except ValueError:
        raise UsageError(f"{path} does not end like a picture.", "Name it something.png.") from None
    except OSError as error:
        raise DataError(f"Cannot write {path}: {error.strerror or error}.", "Give another place.") from error


def _name(pen: ImageDraw, text: str, at: tuple[float, float], colour: str, font: Any) -> None:
    """Dark letters on the colour, above the point where there is room, always inside the picture."""
    _, _, width, height = pen.textbbox((0, 0), text, font=font)
    x = max(0.0, min(at[0], pen.im.size[0] - width))
    y = at[1] - height if at[1] >= height else max(0.0, at[1])
    pen.rectangle((x, y, x + width, y + height), fill=colour)
    pen.text((x, y), text, fill="black", font=font)
