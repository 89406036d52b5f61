"""The pixels of regions: their own mask, or their outline on the canvas of the sample."""

from __future__ import annotations

import math
from typing import NamedTuple

from ..contract import Answer, Region, Target
from ..errors import DataError
from ..geometry import corners
from .mask_codec import Runs, polygon, runs_of


class Mask(NamedTuple):
    """Run lengths (see mask_codec) of height x width pixels."""

    height: int
    width: int
    runs: Runs


def canvas(target: Target, answer: Answer) -> tuple[int, int] | None:
    """Height and width that masks of the sample have: those of the image, else of the first mask there is."""
    if target.size is not None:
        return target.size[1], target.size[0]
    for region in (*target.regions, *answer.regions):
        if region.mask is not None:
            return region.mask.height, region.mask.width
    return None


def mask_of(region: Region, size: tuple[int, int] | None) -> Mask | None:
    """The mask of a region; of one without, its outline filled by COCO's rule where the canvas is known.

    Raises:
        DataError: a mask that is damaged.
    """
    if region.mask is not None:
        return Mask(region.mask.height, region.mask.width, runs_of(region.mask))
    outline = corners(region.points)
    if size is None or not all(math.isfinite(v) for v in outline):
        return None
    return Mask(*size, polygon(outline, *size))


def asked(region: Region, size: tuple[int, int] | None) -> Mask:
    """The mask of an object of the data set.

    Raises:
        DataError: one that is damaged, or has no mask that could be known.
    """
    try:
        mask = mask_of(region, size)
    except DataError as error:
        raise DataError(f"Object {region.label!r}: {error.message}", error.hint) from error
    if mask is None:
        raise DataError(f"Object {region.label!r} has no mask, and no outline on an image of known size.")
    return mask


def answered(region: Region, size: tuple[int, int] | None) -> Mask | None:
    """The mask of a model's region, None where it has none that can be read."""
    try:
        return mask_of(region, size)
    except DataError:
        return None
