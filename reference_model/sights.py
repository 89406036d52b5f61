"""Pictures the model has looked at, kept for the next question: the encoders run once a picture."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..harness.contract import Frame, Image
from ..harness.datasets.images import open_rgb
from ..harness.errors import DataError
from .preprocess import square_pixels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .generate import Sight

    See = Callable[[Sequence[npt.NDArray[np.uint8]]], Sequence[Sight]]

BUDGET = 2**29  # bytes
_READ = 2**20  # bytes at a time


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
        self._kept: OrderedDict[str, Looked] = OrderedDict()
        self._bytes = 0

    def look(self, images: Sequence[Image]) -> list[Looked | DataError]:
        """What is to be seen on each image, in order; for one that cannot be read, the reason.

        All that are not known yet are looked at in one batch.
        """
        found: dict[str, Looked | DataError] = {}
        squares: dict[str, tuple[npt.NDArray[np.uint8], Frame]] = {}
        keys = []
        for place, image in enumerate(images):
            # what cannot be read has no content: it is opened by itself, for its error
            key = content_key(image) or f"unreadable {place}"
            keys.append(key)
            if key in self._kept:
                self._kept.move_to_end(key)
                found[key] = self._kept[key]
            elif key not in squares and key not in found:
                try:
                    picture = open_rgb(image)
                except DataError as error:
                    found[key] = error
                    continue
                frame = Frame.padded_square(*picture.size, self._size)
                squares[key] = square_pixels(picture, self._size), frame
        if squares:
            sights = self._see([square for square, _ in squares.values()])
            for (key, (_, frame)), sight in zip(squares.items(), sights, strict=True):
                found[key] = self._keep(key, Looked(sight, frame))
        return [found[key] for key in keys]

    def _keep(self, key: str, looked: Looked) -> Looked:
        self._kept[key] = looked
        self._bytes += looked.sight.size
        while self._bytes > self._budget:
            _, old = self._kept.popitem(last=False)
            self._bytes -= old.sight.size
        return looked


def content_key(image: Image) -> str | None:
    """A digest of the file's bytes and of the part of it that is shown; None where it cannot be read.

    Reading and hashing a file costs a small part of decoding it.
    """
    digest = hashlib.blake2b(f"{image.page} {image.window}".encode(), digest_size=32)
    try:
        with open(image.path, "rb") as file:
            while part := file.read(_READ):
                digest.update(part)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return None
    return digest.hexdigest()
