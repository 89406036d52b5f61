"""A tif of any number of bands read part by part: only the strips and tiles that a window touches.

Written after TIFF 6.0 (Adobe, 1992), its technical notes (JPEG, deflate, floating-point predictor) and
BigTIFF. Deflate is zlib's; the other compressions are decoded by libtiff, by way of Pillow.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Values = npt.NDArray[Any]

MAX_BYTES = 450_000_000  # of one strip or tile, decoded; and of the values read at once
_PAGES = 10_000  # looked through for one, at most
_CHUNK = 2**25  # bytes of values in a chunk of rows
_NONE, _LZW, _JPEG, _DEFLATE, _OLD_DEFLATE, _PACKBITS, _LZMA, _ZSTD = 1, 5, 7, 8, 32946, 32773, 34925, 50000
_TAGS = frozenset(
    {256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 322, 323, 324, 325, 338, 339, 347, 530}
)
_CODES = {1: "B", 3: "H", 4: "I", 7: "B", 13: "I", 16: "Q"}  # type of a tag -> struct's, of whole numbers
_KINDS = {1: "u", 2: "i", 3: "f", 4: "u"}  # sample format -> numpy's kind


def is_tif(path: str | Path) -> bool:
    """Whether a file begins like a tif, classic or big.

    Raises:
        OSError: it cannot be opened.
    """
    with open(path, "rb") as file:
        return file.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class Tif:
    """One page of a tif: `width` x `height` pixels of `bands` values of `dtype`.

    `photometric` is the tag of that name: 0 and 1 are grey, 2 is RGB, 3 a palette, 6 is YCbCr.
    """

    def __init__(self, path: str | Path, name: str, page: int = 0) -> None:
        """Read the directory of a page.

        Raises:
            DataError: no such page, damaged, or values of a kind that is not read here.
            OSError: it cannot be opened.
        """
        self.path, self.name = path, name
        tags, endian = _directory(path, name, page)

        def numbers(tag: int, default: Sequence[int] = ()) -> tuple[int, ...]:
            return tags.get(tag, tuple(default))

        try:
            (self.width,), (self.height,) = numbers(256), numbers(257)
            (self.bands,), (self._compression,) = numbers(277, (1,)), numbers(259, (1,))
            (self.photometric,), (planar,) = numbers(262, (1,)), numbers(284, (1,))
            (self._predictor,), (self.orientation,) = numbers(317, (1,)), numbers(274, (1,))
            self.extra = numbers(338)
            self.dtype = _dtype(numbers(258, (1,)), numbers(339, (1,)), endian)
            self._tiled = 322 in tags
            (tile_width,) = numbers(322, (self.width,))
            (rows,) = numbers(323) if self._tiled else numbers(278, (self.height,))
            self._tile = (tile_width, rows if self._tiled else min(rows, self.height))
            self._offsets = numbers(324) if self._tiled else numbers(273)
            self._counts = numbers(325) if self._tiled else numbers(279)
        except (ValueError, KeyError) as error:
            raise DataError(f"{name} is a tif of a kind that is not read: {error}.") from error
        self._planes = self.bands if planar == 2 else 1
        self._depth = self.bands // self._planes  # values of a pixel in one strip
        self._tables = bytes(numbers(347))
        self._subsampling = numbers(530, (2, 2))
        self._check()

    def read(self, window: tuple[int, int, int, int]) -> Values:
        """The values of a window (x1, y1, x2, y2) inside the page: (y2 - y1, x2 - x1, bands).

        Raises:
            DataError: damaged, ends too early, or more than MAX_BYTES.
        """
        import numpy as np

        x1, y1, x2, y2 = window
        size = (y2 - y1) * (x2 - x1) * self.bands * self.dtype.itemsize
        if size > MAX_BYTES:
            raise DataError(f"A part of {self.name} with {size:,} bytes is too much to read at once.")
        values = np.empty((y2 - y1, x2 - x1, self.bands), self.dtype.newbyteorder("="))
        width, height = self._tile
        with open(self.path, "rb") as file:
            for plane in range(self._planes):
                bands = slice(plane, plane + 1) if self._planes > 1 else slice(None)
                for row in range(y1 // height, (y2 - 1) // height + 1):
                    for column in range(x1 // width, (x2 - 1) // width + 1):
                        left, top = column * width, row * height
                        a, b = max(x1, left), min(x2, left + width)
                        c, d = max(y1, top), min(y2, top + height)
                        part = self._rows(file, plane, row, column, c - top, d - top)
                        values[c - y1 : d - y1, a - x1 : b - x1, bands] = part[:, a - left : b - left]
        return values

    def chunks(
        self, window: tuple[int, int, int, int] | None = None, rows: int = 1
    ) -> Iterator[tuple[int, Values]]:
        """A window, or the whole page, from top to bottom: (first row, values of `rows` rows or a multiple).

        Raises:
            DataError: as `read`.
        """
        x1, y1, x2, y2 = window or (0, 0, self.width, self.height)
        line = (x2 - x1) * self.bands * self.dtype.itemsize
        step = max(max(_CHUNK // line, self._tile[1]) // rows, 1) * rows
        for top in range(y1, y2, step):
            yield top, self.read((x1, top, x2, min(top + step, y2)))

    def _check(self) -> None:
        width, height = self._tile
        if min(self.width, self.height, self.bands, width, height) < 1:
            raise DataError(f"{self.name} is damaged: a tif without pixels.")
        across, down = -(-self.width // width), -(-self.height // height)
        wanted = across * down * self._planes
        if len(self._offsets) < wanted or len(self._counts) < wanted:
            raise DataError(f"{self.name} is damaged: {len(self._offsets)} of {wanted} strips or tiles.")
        self._across, self._down = across, down
        known = (_NONE, _LZW, _JPEG, _DEFLATE, _OLD_DEFLATE, _PACKBITS, _LZMA, _ZSTD)
        eight = self.dtype.itemsize == 1 and self._depth in (1, 3)
        if self._compression not in known or (self._compression == _JPEG and not eight):
            raise DataError(f"{self.name} is a tif of a compression that is not read: {self._compression}.")
        size = width * height * self._depth * self.dtype.itemsize
        if size > MAX_BYTES and self._compression != _NONE:
            raise DataError(
                f"{self.name} has {size:,} bytes in one piece of {width} x {height} pixels.",
                "Write it again in tiles.",
            )

    def _rows(self, file: BinaryIO, plane: int, row: int, column: int, first: int, last: int) -> Values:
        """Rows `first` to `last` of a strip or tile: (rows, width of it, values of a pixel)."""
        import numpy as np

        number = (plane * self._down + row) * self._across + column
        width, height = self._tile
        if not self._tiled:  # the last strip is as high as what is left
            height = min(height, self.height - row * height)
        line = width * self._depth * self.dtype.itemsize
        offset, count = self._offsets[number], self._counts[number]
        if not offset and not count:  # sparse: a piece that was never written
            return np.zeros((last - first, width, self._depth), self.dtype.newbyteorder("="))
        if self._compression == _NONE:
            file.seek(offset + first * line)
            raw = file.read((last - first) * line)
            first, last, height = 0, last - first, last - first
        else:
            file.seek(offset)
            raw = self._decoded(file.read(min(count, MAX_BYTES)), line, height)
        if len(raw) < height * line:
            raise DataError(f"{self.name} ends too early.")
        flat = np.frombuffer(raw, np.uint8, height * line).reshape(height, line)[first:last]
        return self._values(flat, width)

    def _values(self, rows: npt.NDArray[np.uint8], width: int) -> Values:
        """Bytes (rows, bytes of a row) to values (rows, width, values of a pixel), its predictor undone."""
        import numpy as np

        own = self.dtype.newbyteorder("=")
        if self._predictor == 3:  # bytes of one significance together, the highest first; each a difference
            steps = rows.reshape(len(rows), -1, self._depth)
            planes = np.add.accumulate(steps, axis=1, dtype=np.uint8).reshape(len(rows), own.itemsize, -1)
            joined = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(self.dtype.newbyteorder(">"))
            return joined.reshape(len(rows), width, self._depth).astype(own)
        values = np.ascontiguousarray(rows).view(self.dtype).reshape(len(rows), width, self._depth)
        if self._predictor != 2 or self._compression == _NONE:
            return values.astype(own, copy=False)
        whole = values.astype(own, copy=False).view(f"u{own.itemsize}")
        return np.add.accumulate(whole, axis=1, dtype=whole.dtype).view(own)

    def _decoded(self, data: bytes, line: int, height: int) -> bytes:
        try:
            if self._compression in (_DEFLATE, _OLD_DEFLATE):
                return zlib.decompressobj().decompress(data, line * height)
            return self._by_libtiff(data, line, height)
        except zlib.error as error:
            raise DataError(f"{self.name} is damaged: {error}.") from error
        except (OSError, ValueError, SyntaxError) as error:
            raise DataError(f"{self.name} is damaged or ends too early: {error}.") from error

    def _by_libtiff(self, data: bytes, line: int, height: int) -> bytes:
        """A strip or tile as a little tif of its own: of bytes, or, compressed as JPEG, of its pixels."""
        import PIL.Image

        depth = self._depth if self._compression == _JPEG else 1
        head = {
            256: (4, [self._tile[0] if self._compression == _JPEG else line]),
            257: (4, [height]),
            258: (3, [8] * depth),
            259: (3, [self._compression]),
            262: (3, [self.photometric if self._compression == _JPEG else 1]),
            277: (3, [depth]),
            278: (4, [height]),
            279: (4, [len(data)]),
        }
        if self._compression == _JPEG and self._tables:
            head[347] = (7, list(self._tables))
        if self._compression == _JPEG and self.photometric == 6:
            head[530] = (3, list(self._subsampling))
        with PIL.Image.open(io.BytesIO(_little_tif(head, data)), formats=("TIFF",)) as picture:
            return picture.tobytes()


def _little_tif(tags: dict[int, tuple[int, list[int]]], data: bytes) -> bytes:
    """A little-endian tif with one strip, `data`; tags as number: (type, values)."""
    codes = {3: "H", 4: "I", 7: "B"}
    place = 8 + 2 + 12 * (len(tags) + 1) + 4
    tail = b""
    rows = {}
    for tag, (kind, values) in tags.items():
        packed = struct.pack(f"<{len(values)}{codes[kind]}", *values)
        if len(packed) > 4:
            rows[tag] = struct.pack("<HHII", tag, kind, len(values), place + len(tail))
            tail += packed + b"\0" * (len(packed) % 2)
        else:
            rows[tag] = struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    rows[273] = struct.pack("<HHII", 273, 4, 1, place + len(tail))
    body = b"".join(rows[tag] for tag in sorted(rows))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(rows)) + body + b"\0\0\0\0" + tail + data


def _directory(path: str | Path, name: str, page: int) -> tuple[dict[int, tuple[int, ...]], str]:
    """The tags of a page that are read here, and the order of bytes as struct has it.

    Raises:
        DataError: damaged, or no such page.
    """
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        head = file.read(16)
        endian = "<" if head[:2] == b"II" else ">"

        def unpacked(code: str, place: int) -> tuple[int, ...]:
            code = endian + code
            if place + struct.calcsize(code) > size:  # before a count that is wrong takes memory
                raise struct.error("it ends too early")
            file.seek(place)
            values: tuple[int, ...] = struct.unpack(code, file.read(struct.calcsize(code)))
            return values

        try:
            big = unpacked("H", 2) == (43,)
            count, offset, entry = ("Q", "Q", 20) if big else ("H", "I", 12)
            (place,) = unpacked(offset, 8 if big else 4)
            seen: set[int] = set()
            for _ in range(min(page, _PAGES) + 1):
                if not place or place in seen:
                    raise DataError(f"{name} has no page {page}.")
                seen.add(place)
                (tags,) = unpacked(count, place)
                first = place + struct.calcsize(endian + count)
                (place,) = unpacked(offset, first + entry * tags)
            found = {}
            for number in range(tags):
                at = first + entry * number
                tag, kind, length = unpacked("HH" + offset, at)
                if tag in _TAGS and kind in _CODES:
                    code = f"{length}{_CODES[kind]}"
                    at += entry - struct.calcsize(endian + offset)
                    inline = struct.calcsize(endian + code) <= struct.calcsize(endian + offset)
                    found[tag] = unpacked(code, at if inline else unpacked(offset, at)[0])
            return found, endian
        except (struct.error, OverflowError) as error:
            raise DataError(f"{name} is damaged: {error}.") from error


def _dtype(bits: Sequence[int], formats: Sequence[int], endian: str) -> np.dtype[Any]:
    """The numpy type of values of `bits` bits.

    Raises:
        ValueError: bands of different types, or of one that numpy does not have.
    """
    import numpy as np

    if len({*bits}) != 1 or len({*formats}) != 1:
        raise ValueError("its bands have different types")
    kind, size = _KINDS.get(formats[0], "?"), bits[0] // 8
    if bits[0] % 8 or f"{kind}{size}" not in ("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8"):
        raise ValueError(f"values of {bits[0]} bits, sample format {formats[0]}")
    return np.dtype(f"{endian}{kind}{size}")
