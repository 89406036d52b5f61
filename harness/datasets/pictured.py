"""The picture that an annotation names, with its size: what readers of boxes and of expressions share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..contract import Image
from ..errors import DataError
from .files import ImageIndex, is_empty
from .images import image_size

Size = tuple[int, int]


def pictured(
    images: ImageIndex,
    name: str,
    size: Size | None,
    prefer: str = "",
    measure: Callable[[Path], Size] = image_size,
) -> Image:
    """The image of `name`; one that is only named where no picture is at hand at all.

    Its size is what the annotation says, else what `measure` finds in the file.

    Raises:
        DataError: it is missing though others are there, empty, or its header cannot be read.
    """
    path = images.find(name, prefer)
    if path is None:
        if len(images):
            raise DataError(f"the image {name} is missing")
        return Image(name, "", size=size)
    if is_empty(path):
        raise DataError(f"the image {path.name} is an empty file")
    return Image(images.name(path), str(path), size=measure(path) if size is None else size)
