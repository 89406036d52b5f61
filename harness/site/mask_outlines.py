"""Masks as paths of SVG: runs of pixels, column by column, in pixels of the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Raster, Region, Target
from ..errors import DataError
from ..metrics.mask_codec import decode

MOST_RUNS = 3_000  # of the masks of one sample's objects, or of its answer
_MOST_PIXELS = 25_000_000


def outlines(target: Target, answer: Answer) -> list[list[object]]:
    """["object" or "answer", path, side of its blocks in pixels] for either, where there are masks.

    Masks of more runs are drawn coarser: in blocks of 2, 4, 8 ... pixels, each set where its middle is. A
    mask that is damaged, or too large to be drawn, is left out.
    """
    found: list[list[object]] = []
    for whose, regions in (("object", target.regions), ("answer", answer.regions)):
        if (pixels := _joined(regions)) is not None:
            found.append([whose, *path_of(pixels)])
    return found


def path_of(pixels: NDArray[np.bool_], most: int = MOST_RUNS) -> tuple[str, int]:
    """The path of a mask (height, width), and the side in pixels of the blocks it is made of.

    >>> import numpy as np
    >>> path_of(np.array([[0, 1], [0, 1]], bool))
    ('M1 0h1v2h-1z', 1)
    """
    block = 1
    while True:
        middle = block // 2
        coarse = pixels[middle::block, middle::block] if block > 1 else pixels
        padded = np.pad(coarse, ((1, 1), (0, 0))).astype(np.int8)
        column, top = np.nonzero(np.diff(padded, axis=0).T == 1)
        _, bottom = np.nonzero(np.diff(padded, axis=0).T == -1)
        if len(column) <= most or min(coarse.shape) <= 1:
            break
        block *= 2
    runs = zip((column * block).tolist(), (top * block).tolist(), (bottom * block).tolist(), strict=True)
    return "".join(f"M{x} {y}h{block}v{end - y}h-{block}z" for x, y, end in runs), block


def _joined(regions: tuple[Region, ...]) -> NDArray[np.bool_] | None:
    """The pixels of all masks of a size; None where there are none."""
    joined: NDArray[np.bool_] | None = None
    for mask in (region.mask for region in regions if region.mask is not None):
        pixels = _decoded(mask)
        if pixels is not None and (joined is None or joined.shape == pixels.shape):
            joined = pixels if joined is None else joined | pixels
    return joined


def _decoded(mask: Raster) -> NDArray[np.bool_] | None:
    if mask.height * mask.width > _MOST_PIXELS:
        return None
    try:
        return decode(mask)
    except DataError:
        return None
