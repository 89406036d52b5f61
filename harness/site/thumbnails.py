"""Pictures cut to a small size for pages, within a budget of bytes however many there are."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import Image
from ..datasets.images import open_reduced
from ..errors import DataError, disk_errors
from ..pictures import THREADS, Windows

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SIDE = 320  # pixels of the long side
LEAST_SIDE = 64
BUDGET = 34_000_000  # bytes of all thumbnails together
_QUALITIES = (72, 50)  # WebP's, tried in turn until a picture fits
_LEAST_STEP = 0.9  # of the side, when the lower does not
_EFFORT = 2  # of the encoder, 0 to 6: twice the time of this saves four percent
_BYTES_PER_PIXEL = 0.16  # of towns at 0.5 m and the first quality; other scenes take less


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A written picture: the name of its file, and the size in pixels of what it shows, as on disk."""

    file: str
    width: int
    height: int


def write_thumbnails(
    images: Sequence[Image], folder: Path, side: int = SIDE, budget: int = BUDGET
) -> list[Thumbnail | None]:
    """Write every picture, or its window, as WebP `00000.webp`, `00001.webp` ... by its place.

    Each has at most budget / len(images) bytes: where `side` gives more, first quality and then the side are
    lowered, down to LEAST_SIDE; pictures are never enlarged. Where that is still too much, at the default
    from some 25,000 pictures on, the budget is passed. None: it is not at hand, or cannot be read.

    Raises:
        DataError: the disk is full, or the folder cannot be written.
    """
    allowed = max(budget // max(len(images), 1), 1)
    start = max(min(side, round(math.sqrt(allowed / _BYTES_PER_PIXEL))), min(side, LEAST_SIDE))
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    work = partial(_written, folder=folder, side=start, allowed=allowed, windows=Windows())
    with ThreadPoolExecutor(THREADS, "thumbnails") as pool:  # decoders and encoders let other threads run
        return list(pool.map(work, range(len(images)), images))


def _written(
    place: int, image: Image, folder: Path, side: int, allowed: int, windows: Windows
) -> Thumbnail | None:
    if not image.path:
        return None
    try:
        picture, (width, height) = _read(image, side, windows)
    except (DataError, MemoryError):
        return None
    file = f"{place:05d}.webp"
    with disk_errors(folder / file):
        (folder / file).write_bytes(_encoded(picture, side, allowed))
    return Thumbnail(file, width, height)


def _read(image: Image, side: int, windows: Windows) -> tuple[Picture, tuple[int, int]]:
    """The picture, decoded no larger than is of use, and its own size."""
    if image.window is not None:
        picture = windows(image)
        return picture, picture.size
    reduced = open_reduced(image, side)
    return reduced.picture, (reduced.width, reduced.height)


def _encoded(picture: Picture, side: int, allowed: int) -> bytes:
    """WebP of at most `allowed` bytes where LEAST_SIDE leaves the choice."""
    while True:
        small = _fitted(picture, side)
        for quality in _QUALITIES:
            file = io.BytesIO()
            small.save(file, "WEBP", quality=quality, method=_EFFORT)
            if file.tell() <= allowed:
                return file.getvalue()
        if side <= LEAST_SIDE:
            return file.getvalue()
        smaller = math.sqrt(allowed / file.tell())  # as if bytes went with pixels: they fall more slowly
        side = max(int(side * min(smaller, _LEAST_STEP)), LEAST_SIDE)


def _fitted(picture: Picture, side: int) -> Picture:
    """The picture with a long side of at most `side`; its short side has a pixel at least."""
    from PIL.Image import Resampling

    scale = side / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    return picture.resize(size, Resampling.BICUBIC, reducing_gap=2.0)
