"""Binary masks between their forms: COCO's compressed text, run lengths, pixels, polygons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..contract import Raster
from ..errors import DataError

Runs: TypeAlias = NDArray[np.int64]  # lengths of clear and set runs in turn, column by column

MAX_PIXELS = 150_000_000  # as of images
MAX_COORDINATE = 100_000.0  # of a polygon, pixels: its outline is walked step by step

_FAULTS = {
    1: "has characters that do not occur in run lengths",
    2: "breaks off within a number",
    3: "has a run of negative length",
    4: "has more pixels than {height} x {width}",
    5: "has fewer pixels than {height} x {width}",
}


def runs_of(raster: Raster) -> Runs:
    """Run lengths of a mask. Memory is bounded by the length of its text, whatever that says.

    Raises:
        DataError: text that is no run lengths of height x width pixels, or more than MAX_PIXELS of them.
    """
    from .mask_kernel import runs_of_text

    height, width = raster.height, raster.width
    if not (height >= 0 and width >= 0 and height * width <= MAX_PIXELS):
        raise DataError(
            f"A mask of {height} x {width} pixels cannot be read.", f"At most {MAX_PIXELS:,} can."
        )
    codes = np.frombuffer(raster.counts.encode("utf-8", "replace"), np.uint8)
    runs, fault = runs_of_text(codes, height * width)
    if fault:
        raise DataError(f"The text of a mask {_FAULTS[fault].format(height=height, width=width)}.")
    return runs


def raster_of(runs: Runs, height: int, width: int) -> Raster:
    """The mask of run lengths, which are to sum to height x width."""
    from .mask_kernel import text_of_runs

    return Raster(height, width, text_of_runs(np.asarray(runs, np.int64)).tobytes().decode("ascii"))


def encode(pixels: NDArray[Any]) -> Raster:
    """The mask of an array (height, width) of pixels that are set or not.

    >>> encode(np.array([[0, 1], [0, 1]])).counts
    '22'
    """
    height, width = pixels.shape
    return raster_of(_runs_of_pixels(pixels), height, width)


def decode(raster: Raster) -> NDArray[np.bool_]:
    """Pixels (height, width).

    >>> decode(Raster(2, 2, "22")).tolist()
    [[False, True], [False, True]]

    Raises:
        DataError: as `runs_of`.
    """
    runs = runs_of(raster)
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(raster.width, raster.height).T


def area(runs: Runs) -> int:
    """Pixels that are set."""
    return int(runs[1::2].sum())


def shared(a: Runs, b: Runs) -> int:
    """Pixels set in both of two masks of the same size."""
    from .mask_kernel import shared_pixels

    return int(shared_pixels(a, b))


def union(masks: Sequence[Runs], pixels: int) -> Runs:
    """What is set in any of several masks of `pixels` pixels; of none, nothing is."""
    from .mask_kernel import joined

    first, *rest = masks or [np.array([pixels], np.int64)]
    for mask in rest:
        first = joined(first, mask)
    return first


def polygon(points: Sequence[float] | NDArray[np.float64], height: int, width: int) -> Runs:
    """Pixels inside a polygon x, y, x, y ..., by the rule of pycocotools' frPyObjects (even-odd).

    Close to "a pixel is set if its middle lies inside": see `_crossings` of mask_kernel.py. What is not at
    least three finite points within MAX_COORDINATE of the origin sets nothing.
    """
    from .mask_kernel import filled

    numbers = np.asarray(points, float)
    pixels = height * width
    proper = len(numbers) >= 6 and len(numbers) % 2 == 0 and bool((np.abs(numbers) <= MAX_COORDINATE).all())
    if not proper:
        return np.array([pixels], np.int64)
    return filled(numbers, height, width)


def _runs_of_pixels(pixels: NDArray[Any]) -> Runs:
    flat = np.asarray(pixels, bool).ravel(order="F")
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    start = [0, 0] if flat[:1].any() else [0]
    return np.diff(np.concatenate([start, edges, [flat.size]]))
