"""Pictures on disk to 8-bit RGB, bounded before they are decoded."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract import Image, Stretch
from ..errors import DataError
from ..turns import D4, turned_picture, turned_size
from .corruptions import corrupted
from .raster import USUAL, chosen, limits, shown
from .tif import Tif, is_tif

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

    from .raster import Pixels
    from .tif import Values

    Window = tuple[int, int, int, int]

MAX_PIXELS = 150_000_000
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".gif", ".webp", ".jp2", ".ppm", ".pgm"}
)
_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP", "JPEG2000", "PPM")


@dataclass(frozen=True, slots=True)
class Reduced:
    """A picture at 1, 1/2, 1/3 ... of its size, rounded up; `width` and `height` are those of the whole."""

    picture: Picture
    width: int
    height: int


def open_rgb(image: Image, max_pixels: int = MAX_PIXELS) -> Picture:
    """The picture, or the window of it, as 8-bit RGB, changed as the image says.

    One channel is repeated, alpha is dropped without blending. Values of more than 8 bits, and bands beyond
    three, become RGB by the image's stretch (raster.py). Without one, a channel of more than 8 bits (or of
    floats) is stretched linearly, the 2nd percentile of the picture to 0 and the 98th to 255; of 16-bit
    colour the high byte is taken. EXIF rotation is not applied: annotations are made on the stored pixels.

    Of a tif only what a window touches is decoded, but for the values that percentiles need.

    Raises:
        DataError: missing, damaged, of an unknown format, more than `max_pixels`, no such page or window,
            bands that the stretch asks for and that are not there.
    """
    return changed(_whole(image, max_pixels), image)


def _whole(image: Image, max_pixels: int) -> Picture:
    window = image.window
    if tif := _parts(image, partly=window is not None):
        with _named(image.name):
            return _from_parts(tif, image, max_pixels)
    with _opened(image.path, image.name) as picture:
        if image.page:
            picture.seek(image.page)
        _check_size(image.name, picture.size, max_pixels)
        deep = image.stretch is not None and _by_high_byte(picture)
        picture.load()
        if deep:
            raise DataError(
                f"{image.name} is colour of 16 bits in a format whose high bytes alone are read.",
                "Write it as tif, or leave `raster` out of the card.",
            )
        rgb = _to_rgb(picture, image.stretch, image.name)
    return rgb if window is None else cut(rgb, window, image.name)


def open_reduced(image: Image, least: int, above: int = 0, max_pixels: int = MAX_PIXELS) -> Reduced:
    """The picture at a whole fraction of its size, so that its long side has `least` pixels or more.

    For those who resize it anyway: its pixels are then means of blocks. Pictures of up to `above` pixels come
    whole. A JPEG is decoded at 1/2, 1/4 or 1/8, a tif strip by strip or tile by tile, so that neither is ever
    in memory as a whole; any other picture comes whole, within `max_pixels`. What the image changes is done
    to the pixels that come: a blur of 2 pixels at 1/4 is one of 8 of those on disk.

    Raises:
        DataError: as open_rgb; a progressive JPEG of more than `max_pixels`.
    """
    found = _reduced(image, least, above, max_pixels)
    width, height = turned_size((found.width, found.height), image.change)
    return Reduced(changed(found.picture, image), width, height)


def _reduced(image: Image, least: int, above: int, max_pixels: int) -> Reduced:
    tif = _parts(image, partly=True)
    with _named(image.name):
        if tif is not None:
            x1, y1, x2, y2 = _inside(image, (tif.width, tif.height))
            width, height = x2 - x1, y2 - y1
            factor = 1 if width * height <= above else max(max(width, height) // least, 1)
            if factor > 1:
                return Reduced(_blocks(tif, image, (x1, y1, x2, y2), factor), width, height)
        elif image.window is None and _is_jpeg(image.path):
            return _from_jpeg(image, least, above, max_pixels)
    rgb = _whole(image, max_pixels)
    return Reduced(rgb, rgb.width, rgb.height)


def changed(picture: Picture, image: Image) -> Picture:
    """What is shown of an image, given what was cut out for it: turned or disturbed as the image says.

    Raises:
        DataError: the picture has a side that a disturbance does not take.
    """
    if not image.change:
        return picture
    return turned_picture(picture, image.change) if image.change in D4 else corrupted(picture, image)


def cut(picture: Picture, window: Window, name: str) -> Picture:
    """The window of a picture; what of it lies outside is black.

    Raises:
        DataError: it lies outside as a whole.
    """
    _check_window(window, picture.size, name)
    return picture.crop(window)


def reads_parts(image: Image) -> bool:
    """Whether a window of the image is read without decoding all of it."""
    return _parts(image, partly=True) is not None


def image_size(path: str | Path) -> tuple[int, int]:
    """Width and height in pixels, read from the header alone.

    Raises:
        DataError: missing, or the header cannot be read.
    """
    name = Path(path).name
    if tif := _parts(Image(name, str(path)), partly=True):
        return tif.width, tif.height
    with _opened(str(path), name) as picture:
        width, height = picture.size
        return int(width), int(height)


def band_count(image: Image) -> int | None:
    """How many bands a picture has of which a stretch would choose, from the header alone; None for RGB.

    Pictures of 8 bits in up to three bands, and those that Pillow turns into RGB, are RGB.

    Raises:
        DataError: missing, or the header cannot be read.
    """
    if tif := _parts(image, partly=True):
        return tif.bands if tif.dtype != "u1" or tif.bands > 3 else None
    with _opened(image.path, image.name) as picture:
        return 1 if picture.mode in ("I", "F") or picture.mode.startswith("I;16") else None


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


def _check_window(window: Window, size: tuple[int, int], name: str) -> None:
    x1, y1, x2, y2 = window
    if x1 >= x2 or y1 >= y2 or x1 >= size[0] or y1 >= size[1] or x2 <= 0 or y2 <= 0:
        raise DataError(f"The window {window} of {name} lies outside it: {size[0]} x {size[1]} pixels.")


def _inside(image: Image, size: tuple[int, int]) -> Window:
    """The part of an image's window that has pixels; all of it where there is no window."""
    if image.window is None:
        return (0, 0, *size)
    _check_window(image.window, size, image.name)
    x1, y1, x2, y2 = image.window
    return max(x1, 0), max(y1, 0), min(x2, size[0]), min(y2, size[1])


def _parts(image: Image, partly: bool) -> Tif | None:
    """The tif that an image is, where it is to be read `partly`, or Pillow does not read all it holds.

    None leaves it to Pillow: other formats, and tifs that are palettes, inverted, rotated or premultiplied.
    """
    try:
        if not is_tif(image.path):
            return None
        _quiet()
        tif = Tif(image.path, image.name, image.page)
    except (OSError, ValueError, DataError):  # Pillow reads it, or says what is wrong
        return None
    if tif.orientation != 1 or tif.photometric not in (1, 2, 6) or 1 in tif.extra:
        return None
    usual = tif.bands == 1 or (tif.photometric != 1 and tif.bands <= 4 and tif.dtype.kind == "u")
    stretched = image.stretch is not None and (tif.dtype != "u1" or tif.bands > 3)
    return tif if partly or stretched or not usual or tif.dtype.itemsize > 4 else None


def _converter(tif: Tif, stretch: Stretch | None, name: str) -> Callable[[Values], Pixels]:
    """The function from a tif's values (rows, columns, bands) to RGB (rows, columns, 3)."""
    if tif.dtype == "u1":
        own = None if tif.bands <= 3 else stretch
        places = chosen(tif.bands, own, name)
        if places == (0, 1, 2):
            return lambda values: values[..., :3]  # a view: choosing by a list copies value by value
        return lambda values: values[..., places if len(places) == 3 else places * 3]
    if stretch is None and tif.dtype.newbyteorder("=") == "u2" and tif.bands in (3, 4):
        return lambda values: (values[..., :3] >> 8).astype("u1")
    stretch = stretch or USUAL
    places = chosen(tif.bands, stretch, name)
    return shown(stretch, places, limits((values for _, values in tif.chunks()), places, stretch))


def _from_parts(tif: Tif, image: Image, max_pixels: int) -> Picture:
    import PIL.Image

    inside = _inside(image, (tif.width, tif.height))
    x1, y1, x2, y2 = image.window or inside
    _check_size(image.name, (x2 - x1, y2 - y1), max_pixels)
    convert = _converter(tif, image.stretch, image.name)
    rgb = PIL.Image.new("RGB", (x2 - x1, y2 - y1))
    for top, values in tif.chunks(inside):
        rgb.paste(PIL.Image.fromarray(convert(values)), (inside[0] - x1, top - y1))
    return rgb


def _blocks(tif: Tif, image: Image, window: Window, factor: int) -> Picture:
    """A window of a tif, its pixels the means of blocks of factor x factor; smaller ones at the far sides."""
    import PIL.Image

    convert = _converter(tif, image.stretch, image.name)
    x1, y1, x2, y2 = window
    rgb = PIL.Image.new("RGB", (-(-(x2 - x1) // factor), -(-(y2 - y1) // factor)))
    for top, values in tif.chunks(window, factor):
        part = PIL.Image.fromarray(convert(values)).reduce(factor)
        rgb.paste(part, (0, (top - y1) // factor))
    return rgb


def _is_jpeg(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(3) == b"\xff\xd8\xff"
    except (OSError, ValueError):  # ValueError: a null character in the path
        return False


def _from_jpeg(image: Image, least: int, above: int, max_pixels: int) -> Reduced:
    from PIL.JpegImagePlugin import JpegImageFile

    _quiet()
    with JpegImageFile(image.path) as picture:  # by its class: PIL.Image.open refuses large ones unseen
        width, height = picture.size
        if width * height > max_pixels and "progressive" in picture.info:
            raise DataError(
                f"{image.name} has {width} x {height} pixels, and a progressive JPEG is decoded as a whole.",
                "Write it again as a baseline JPEG or a tif, or cut it into patches.",
            )
        factor = max(max(width, height) // least, 1)
        if width * height > above and factor > 1:
            picture.draft(None, (width // factor, height // factor))
        _check_size(image.name, picture.size, max_pixels)
        picture.load()
        return Reduced(_to_rgb(picture, image.stretch, image.name), width, height)


def _quiet() -> None:
    """No warnings from Pillow: sizes are bounded here, and metadata is not used.

    One filter, for good: pictures are read in several threads, and catch_warnings is not for those.
    """
    pattern = r"PIL\."
    if not any(
        found[3] is not None and getattr(found[3], "pattern", "") == pattern for found in warnings.filters
    ):
        warnings.filterwarnings("ignore", module=pattern)


@contextmanager
def _opened(path: str, name: str) -> Iterator[Any]:
    """An open picture; whatever goes wrong with its bytes becomes a DataError that names it."""
    import PIL.Image

    _quiet()
    with _named(name), PIL.Image.open(path, formats=_FORMATS) as picture:
        yield picture


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Whatever goes wrong with the bytes of a picture, as a DataError that names it."""
    import PIL.Image

    try:
        yield
    except (DataError, MemoryError):
        raise
    except FileNotFoundError:
        raise DataError(f"The image {name} is missing.") from None
    except PIL.Image.DecompressionBombError:
        raise DataError(
            f"{name} has far more than {MAX_PIXELS:,} pixels.",
            "Cut it into patches first; of a tif, windows are read.",
        ) from None
    except PIL.UnidentifiedImageError:
        raise DataError(f"{name} is damaged or not an image.") from None
    except EOFError:
        raise DataError(f"{name} ends too early or has no such page.") from None
    except Exception as error:  # decoders raise anything on damaged bytes
        raise DataError(f"{name} cannot be read: {error}") from error


def _by_high_byte(picture: Any) -> bool:
    """Whether Pillow reads 16-bit colour, of which it keeps the high byte."""
    return picture.mode not in ("I", "F") and any(
        ";16" in str(tile[3]) for tile in picture.tile if not picture.mode.startswith("I;16")
    )


def _to_rgb(picture: Any, stretch: Stretch | None, name: str) -> Picture:
    mode = picture.mode
    if mode in ("I", "F") or mode.startswith("I;16"):
        picture = _stretched(picture, stretch or USUAL, name)
    elif mode in ("P", "PA"):  # by way of RGBA, or a palette with transparency is not converted exactly
        picture = picture.convert("RGBA")
    elif mode in ("RGBA", "RGBa", "La", "RGBX"):
        picture = picture.convert("RGBA")
    rgb: Picture = picture.convert("RGB")
    return rgb


def _stretched(picture: Any, stretch: Stretch, name: str) -> Picture:
    """One channel of more than 8 bits as grey."""
    import numpy as np
    import PIL.Image

    values = np.asarray(picture)[..., None]
    places = chosen(1, stretch, name)
    return PIL.Image.fromarray(shown(stretch, places, limits([values], places, stretch))(values))
