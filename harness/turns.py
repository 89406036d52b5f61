"""The eight symmetries of the square, on pixels, points, masks and what is true of a picture.

A view is named by what is done to the picture: `flip` mirrors it left to right, `rot90` turns it clockwise by
a quarter; `flip rot90` mirrors first. With W x H pixels before, x to the right and y down (continuous), a
clockwise quarter takes (x, y) to (H - y, x), a mirror to (W - x, y).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .contract import Raster, Region, Target
from .errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

ROTATIONS = ("", "rot90", "rot180", "rot270")
FLIPS = ("flip", "flip rot90", "flip rot180", "flip rot270")
D4 = (*ROTATIONS, *FLIPS)  # the first is the picture as it is
Size = tuple[int, int]


def inverse(view: str) -> str:
    """The view that undoes another; each with a mirror undoes itself.

    >>> [inverse(view) for view in ("", "rot90", "flip rot90")]
    ['', 'rot270', 'flip rot90']
    """
    return {"rot90": "rot270", "rot270": "rot90"}.get(view, view)


def turned_size(size: Size, view: str) -> Size:
    """Width and height after a turn.

    >>> turned_size((30, 20), "flip rot90")
    (20, 30)
    """
    return size[::-1] if view.endswith(("rot90", "rot270")) else size


def turned_points(points: Sequence[float], view: str, size: Size) -> tuple[float, ...]:
    """Points of a picture of `size` before the turn: a box of 4 numbers, 8 of corners, or any other count.

    A box stays (x1, y1, x2, y2). The first of several corners stays the first, and they go on in the sense
    of rotation in which they were, also in a mirror. No numbers stay none.

    >>> turned_points((1, 2, 4, 6), "rot90", (10, 20))
    (14, 1, 18, 4)
    """
    mirrored, quarters = _parts(view)
    width, height = size
    xs, ys = list(points[0::2]), list(points[1::2])
    right = down = 1  # whether numbers still grow with x and with y
    if mirrored:
        xs, right = [width - x for x in xs], -1
    for _ in range(quarters):
        xs, ys, right, down = [height - y for y in ys], xs, -down, right
        width, height = height, width
    if len(points) == 4:  # the near corner stays the near one
        (x1, x2), (y1, y2) = xs[::right], ys[::down]
        return x1, y1, x2, y2
    if mirrored:
        xs[1:], ys[1:] = xs[:0:-1], ys[:0:-1]
    return tuple(v for pair in zip(xs, ys, strict=True) for v in pair)


def turned_region(region: Region, view: str, size: Size) -> Region:
    """A region of a picture of `size` before the turn; a mask that cannot be read stays unreadable."""
    mask = None if region.mask is None else turned_mask(region.mask, view)
    points = turned_points(region.points, view, size)
    return Region(  # far quicker than `replace`, of which a large run needs a million
        points, region.label, region.score, region.ignore, region.crowd, region.area, region.span, mask
    )


def turned_target(target: Target, view: str, size: Size | None) -> Target:
    """What is true of the turned picture.

    Raises:
        ValueError: there are regions, and the size is not known.
    """
    if target.regions and size is None:
        raise ValueError("Regions of a picture of unknown size cannot be turned.")
    regions = tuple(turned_region(region, view, size) for region in target.regions) if size else ()
    own = None if target.size is None else turned_size(target.size, view)
    return replace(target, regions=regions, size=own)


def turned_mask(mask: Raster, view: str) -> Raster:
    """The mask of the turned picture; of one that is damaged, its text over the turned sides."""
    import numpy as np

    from .metrics.mask_codec import decode, encode

    mirrored, quarters = _parts(view)
    try:
        pixels = decode(mask)
    except DataError:
        width, height = turned_size((mask.width, mask.height), view)
        return Raster(height, width, mask.counts)
    return encode(np.rot90(pixels[:, ::-1] if mirrored else pixels, -quarters))


def turned_picture(picture: Picture, view: str) -> Picture:
    """The picture after a turn, pixel by pixel the same values."""
    from PIL.Image import Transpose

    mirrored, quarters = _parts(view)
    if mirrored:
        picture = picture.transpose(Transpose.FLIP_LEFT_RIGHT)
    if quarters:  # Pillow turns the other way round
        turn = (Transpose.ROTATE_270, Transpose.ROTATE_180, Transpose.ROTATE_90)[quarters - 1]
        picture = picture.transpose(turn)
    return picture


def _parts(view: str) -> tuple[bool, int]:
    """Whether it mirrors first, and how many quarters it turns clockwise."""
    place = D4.index(view)
    return place >= 4, place % 4
