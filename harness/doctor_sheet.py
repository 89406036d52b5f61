"""Boxes beside the true ones, a row a question, on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .contract import Region
from .datasets.images import open_rgb
from .doctor_boxes import Looked
from .drawing import draw
from .errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SIDE = 420  # pixels of a panel
HEAD = 22  # pixels of the line above it
_LETTERS = 58  # in that line
_PAPER = "#FFFFFF"


def sheet(looked: Sequence[Looked], other: str | None) -> Picture:
    """A row a question: the true boxes, those answered, and where there are some those under `other`, the
    name of a convention. A picture that cannot be read is an empty row."""
    from PIL import Image as Pictures

    columns = 2 + any(item.other is not None for item in looked)
    page = Pictures.new("RGB", (columns * SIDE, len(looked) * (SIDE + HEAD)), _PAPER)
    for row, item in enumerate(looked):
        panels = [(f"true: {item.title}", item.gold), (f"answered: {_count(item)}", item.said)]
        if item.other is not None:
            panels.append((f"as {other}: {len(item.other)} boxes", item.other))
        for column, (title, regions) in enumerate(panels):
            page.paste(_panel(item, title, regions), (column * SIDE, row * (SIDE + HEAD)))
    return page


def _count(item: Looked) -> str:
    return item.trouble or f"{len(item.said)} {'box' if len(item.said) == 1 else 'boxes'}"


def _panel(item: Looked, title: str, regions: Sequence[Region]) -> Picture:
    from PIL import Image as Pictures
    from PIL import ImageDraw as Pens
    from PIL import ImageFont

    panel = Pictures.new("RGB", (SIDE, SIDE + HEAD), _PAPER)
    pen = Pens.Draw(panel)
    line = title if len(title) <= _LETTERS else title[: _LETTERS - 1] + "…"
    pen.text((4, 3), line, fill="black", font=ImageFont.load_default(14))
    try:
        picture = open_rgb(item.image)
    except DataError as error:
        pen.text((4, HEAD + 4), error.message[:_LETTERS], fill="black", font=ImageFont.load_default(14))
        return panel
    scale = min((SIDE - 4) / picture.width, (SIDE - 4) / picture.height)
    small = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    across, down = small.width / picture.width, small.height / picture.height
    shown = sorted(regions, key=lambda region: region.label)  # a class has its colour by its place
    panel.paste(draw(small, [_scaled(region, across, down) for region in shown]), (0, HEAD))
    return panel


def _scaled(region: Region, across: float, down: float) -> Region:
    points = tuple(v * (down if i % 2 else across) for i, v in enumerate(region.points))
    return replace(region, points=points)
