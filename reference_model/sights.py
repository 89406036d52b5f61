"""Pictures the model has looked at, kept for the next question: the encoders run once a picture."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..harness.contract import Frame, Image
from ..harness.datasets.images import MAX_PIXELS, Reduced, open_reduced
from ..harness.errors import DataError
from ..harness.pictures import Pictures
from .preprocess import square_pixels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .generate import Sight

    _Square = tuple[npt.NDArray[np.uint8], Frame]
    See = Callable[[Sequence[npt.NDArray[np.uint8]]], Sequence[Sight]]

BUDGET = 2**29  # bytes
_READ = 2**20  # bytes at a time
_MOST = 2**16  # pictures whose content is remembered


@dataclass(frozen=True, slots=True)
class Looked:
    """A picture as the model knows it, and how its square lies over the original."""

    sight: Sight
    frame: Frame


class Sights:
    """The pictures asked about last, by content: as many as fit into `budget` bytes.

    `see` looks at uint8 squares (size, size, 3).
    """

    def __init__(self, see: See, size: int, budget: int = BUDGET) -> None:
        self._see, self._size, self._budget = see, size, budget
        # a picture that open_rgb refuses for its size is read at a fraction, still twice what is seen
        read = partial(open_reduced, least=2 * size, above=MAX_PIXELS)
        self._squares: Pictures[_Square] = Pictures(self._square, read, keep=False)
        self._known: dict[Image, tuple[tuple[int, int], str | None]] = {}
        self._kept: OrderedDict[str, Looked] = OrderedDict()
        self._bytes = 0

    def ahead(self, images: Sequence[Image]) -> None:
        """Begin to read, in the background, the pictures among these that are not known yet."""
        self._squares.ahead(image for image in images if self._key(image) not in self._kept)

    def look(self, images: Sequence[Image]) -> list[Looked | DataError]:
        """What is to be seen on each image, in order; for one that cannot be read, the reason.

        All that are not known yet are looked at in one batch.
        """
        found: dict[str, Looked | DataError] = {}
        new: dict[str, Image] = {}
        keys = []
        for place, image in enumerate(images):
            # what cannot be read has no content: it is opened by itself, for its error
            key = self._key(image) or f"unreadable {place}"
            keys.append(key)
            if key in self._kept:
                self._kept.move_to_end(key)
                found[key] = self._kept[key]
            else:
                new.setdefault(key, image)
        squares: dict[str, _Square] = {}
        for key, square in zip(new, self._squares.take(list(new.values())), strict=True):
            if isinstance(square, DataError):
                found[key] = square
            else:
                squares[key] = square
        if squares:
            sights = self._see([square for square, _ in squares.values()])
            for (key, (_, frame)), sight in zip(squares.items(), sights, strict=True):
                found[key] = self._keep(key, Looked(sight, frame))
        return [found[key] for key in keys]

    def _square(self, read: Reduced) -> _Square:
        frame = Frame.padded_square(read.width, read.height, self._size)
        return square_pixels(read.picture, self._size), frame

    def _key(self, image: Image) -> str | None:
        """`content_key`, of a file that did not change since the last time without reading it."""
        try:
            status = os.stat(image.path)
        except (OSError, ValueError):  # ValueError: a null character in the path
            return None
        state = status.st_mtime_ns, status.st_size
        known = self._known.get(image)
        if known is None or known[0] != state:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[image] = state, content_key(image)
        return known[1]

    def _keep(self, key: str, looked: Looked) -> Looked:
        self._kept[key] = looked
        self._bytes += looked.sight.size
        while self._bytes > self._budget:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.sight.size
        return looked


def content_key(image: Image) -> str | None:
    """A digest of the file's bytes and of what of it is shown, and how; None where it cannot be read.

    Reading and hashing a file costs a small part of decoding it. The noise of a disturbed picture depends on
    its name too.
    """
    part_of = f"{image.page} {image.window}" + (f" {image.stretch}" if image.stretch else "")
    part_of += f" {image.change} of {image.name}" if image.change else ""
    digest = hashlib.blake2b(part_of.encode("utf-8", "surrogatepass"), digest_size=32)
    try:
        with open(image.path, "rb") as file:
            while part := file.read(_READ):
                digest.update(part)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return None
    return digest.hexdigest()
