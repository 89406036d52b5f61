"""From a picture of any shape to the pixels both encoders see (LLaMA2-Accessory's `padded_resize`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..harness.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import PIL.Image
    import torch

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
BACKGROUND = (122, 116, 104)  # int(255 * CLIP_MEAN)

_WHOLE = 150_000_000  # pixels of a square that is made at once, as many as a picture may have
_LONGEST = 100_000  # pixels of a side


def pad_to_square(image: PIL.Image.Image) -> PIL.Image.Image:
    """The RGB picture centred on a square of its long side; the odd pixel goes to the far side.

    Raises:
        DataError: the square of a long strip would not fit into memory.
    """
    from PIL import Image

    width, height = image.size
    side = max(width, height)
    if width == height:
        return image
    if side * side > _WHOLE:
        raise _too_long(image)
    square = Image.new("RGB", (side, side), BACKGROUND)
    square.paste(image, ((side - width) // 2, (side - height) // 2))
    return square


def square_pixels(image: PIL.Image.Image, size: int) -> npt.NDArray[np.uint8]:
    """The padded picture at size x size, bicubic: uint8 (size, size, 3).

    Raises:
        DataError: the picture has a side of more than 100,000 pixels.
    """
    import numpy as np
    from PIL import Image

    side = max(image.size)
    if side * side <= _WHOLE:
        square = pad_to_square(image)
    elif side <= _LONGEST:
        square = _narrowed(image, size)
    else:
        raise _too_long(image)
    return np.asarray(square.resize((size, size), Image.Resampling.BICUBIC), dtype=np.uint8)


def _narrowed(image: PIL.Image.Image, size: int) -> PIL.Image.Image:
    """The padded picture resized along its rows only, band by band: a strip's square is never whole.

    Pillow itself resizes along rows first, each by itself, so that the pixels are the same.
    """
    from PIL import Image

    width, height = image.size
    side = max(width, height)
    narrow = Image.new("RGB", (size, side), BACKGROUND)
    rows = max(_WHOLE // (8 * side), 1)
    for top in range(0, height, rows):
        count = min(rows, height - top)
        band = Image.new("RGB", (side, count), BACKGROUND)
        band.paste(image.crop((0, top, width, top + count)), ((side - width) // 2, 0))
        resized = band.resize((size, count), Image.Resampling.BICUBIC)
        narrow.paste(resized, (0, (side - height) // 2 + top))
    return narrow


def _too_long(image: PIL.Image.Image) -> DataError:
    return DataError(
        f"A picture of {image.width} x {image.height} pixels is too long to be padded to a square.",
        "Cut it into tiles.",
    )


def normalised(pixels: Sequence[npt.NDArray[np.uint8]] | npt.NDArray[np.uint8]) -> torch.Tensor:
    """uint8 (batch, size, size, 3) to float32 (batch, 3, size, size) with CLIP's mean and deviation."""
    import numpy as np
    import torch

    batch = torch.from_numpy(np.ascontiguousarray(np.stack(list(pixels)))).permute(0, 3, 1, 2)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (CLIP_MEAN, CLIP_STD))
    return ((batch.float() / 255 - mean) / std).contiguous(memory_format=torch.channels_last)


def for_vit(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """CLIP-normalised (batch, 3, S, S) to the ViT's (batch, 3, size, size) with ImageNet's statistics."""
    import torch
    import torch.nn.functional as functional

    small = functional.interpolate(pixels, size=(size, size), mode="bicubic", align_corners=False)
    mean, std, to_mean, to_std = (
        torch.tensor(v, dtype=small.dtype, device=small.device).view(1, 3, 1, 1)
        for v in (CLIP_MEAN, CLIP_STD, IMAGENET_MEAN, IMAGENET_STD)
    )
    return small * (std / to_std) + (mean - to_mean) / to_std
