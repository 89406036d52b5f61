"""Pictures on disk to 8-bit RGB, bounded before they are decoded."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import Image
from ..errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

MAX_PIXELS = 150_000_000
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".ppm", ".pgm"}
)
_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "JPEG2000", "PPM")


def open_rgb(image: Image, max_pixels: int = MAX_PIXELS) -> Picture:
    """The picture, or the window of it, as 8-bit RGB.

    One channel is repeated, alpha is dropped without blending. Values of more than 8 bits in one channel (and
    floats) are stretched linearly, the 2nd percentile of the picture to 0 and the 98th to 255; of 16-bit
    colour the high byte is taken. EXIF rotation is not applied: annotations are made on the stored pixels.

    Raises:
        DataError: missing, damaged, of an unknown format, more than `max_pixels`, no such page or window.
    """
    with _opened(image.path, image.name) as picture:
        if image.page:
            picture.seek(image.page)
        _check_size(image.name, picture.size, max_pixels)
        picture.load()
        rgb = _to_rgb(picture)
    if image.window is None:
        return rgb
    x1, y1, x2, y2 = image.window
    if x1 >= x2 or y1 >= y2 or x1 >= rgb.width or y1 >= rgb.height or x2 <= 0 or y2 <= 0:
        raise DataError(
            f"The window {image.window} of {image.name} lies outside it: {rgb.width} x {rgb.height} pixels."
        )
    return rgb.crop(image.window)


def image_size(path: str | Path) -> tuple[int, int]:
    """Width and height in pixels, read from the header alone.

    Raises:
        DataError: missing, or the header cannot be read.
    """
    with _opened(str(path), Path(path).name) as picture:
        width, height = picture.size
        return int(width), int(height)


def is_image(name: str) -> bool:
    """Whether a file name has an image's suffix, in any case."""
    return Path(name).suffix.lower() in SUFFIXES


def _check_size(name: str, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise DataError(
            f"{name} has {width} x {height} pixels, more than {max_pixels:,}.",
            "Cut it into patches first.",
        )


@contextmanager
def _opened(path: str, name: str) -> Iterator[Any]:
    """An open picture; whatever goes wrong with its bytes becomes a DataError that names it."""
    import PIL.Image

    try:
        # Pillow warns of large sizes and odd metadata: the size is bounded here, metadata is not used
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PIL.Image.open(path, formats=_FORMATS) as picture:
                yield picture
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"The image {name} is missing.") from None
    except PIL.Image.DecompressionBombError:
        raise DataError(
            f"{name} has far more than {MAX_PIXELS:,} pixels.", "Cut it into patches first."
        ) from None
    except PIL.UnidentifiedImageError:
        raise DataError(f"{name} is damaged or not an image.") from None
    except EOFError:
        raise DataError(f"{name} ends too early or has no such page.") from None
    except Exception as error:  # decoders raise anything on damaged bytes
        raise DataError(f"{name} cannot be read: {error}") from error


def _to_rgb(picture: Any) -> Picture:
    mode = picture.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        picture = _stretched(picture)
    elif mode in ("P", "PA"):  # by way of RGBA, or a palette with transparency is not converted exactly
        picture = picture.convert("RGBA")
    elif mode in ("RGBA", "RGBa", "La", "RGBX"):
        picture = picture.convert("RGBA")
    rgb: Picture = picture.convert("RGB")
    return rgb


def _stretched(picture: Any) -> Picture:
    """One channel of more than 8 bits, 2nd to 98th percentile to 0..255; not-a-number becomes 0."""
    import numpy as np
    import PIL.Image

    values = np.asarray(picture, dtype=np.float64)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        raise ValueError("it has no finite values")
    low, high = np.percentile(finite, (2, 98))
    if high <= low:
        low, high = finite.min(), finite.max()
    span = high - low if high > low else 1.0
    scaled = np.nan_to_num((values - low) / span, nan=0.0, posinf=1.0, neginf=0.0)
    return PIL.Image.fromarray(np.rint(scaled.clip(0, 1) * 255).astype(np.uint8))
