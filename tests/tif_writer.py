"""Tifs written byte by byte, after TIFF 6.0, for tests of what reads them."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def write_tif(
    path: Path,
    values: npt.NDArray[Any],
    *,
    tile: tuple[int, int] | None = None,
    rows: int = 5,
    planes: bool = False,
    deflate: bool = False,
    predictor: int = 1,
    endian: str = "<",
    photometric: int = 1,
    tags: dict[int, tuple[str, list[int]]] | None = None,
) -> Path:
    """Values (height, width, bands) in strips of `rows` rows, or in tiles of (width, height).

    Predictors 2 (differences) and 3 (of floats, byte by byte) follow TIFF 6.0 and its technical note 3.
    """
    height, width, bands = values.shape
    across, down = tile or (width, rows)
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    layers = [values[..., [band]] for band in range(bands)] if planes else [values]
    pieces = [
        _piece(layer[top : top + down, left : left + across], tile, predictor, endian)
        for layer in layers
        for top in range(0, height, down)
        for left in range(0, width, across)
    ]
    pieces = [zlib.compress(piece) for piece in pieces] if deflate else pieces
    places = (324, 325) if tile else (273, 279)
    head: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [values.dtype.itemsize * 8] * bands),
        259: ("H", [8 if deflate else 1]),
        262: ("H", [photometric]),
        277: ("H", [bands]),
        284: ("H", [2 if planes else 1]),
        317: ("H", [predictor]),
        339: ("H", [kind] * bands),
        places[1]: ("I", [len(piece) for piece in pieces]),
    }
    head |= {322: ("I", [across]), 323: ("I", [down])} if tile else {278: ("I", [rows])}
    ends = np.cumsum([8, *map(len, pieces)]).tolist()
    head[places[0]] = ("I", ends[:-1])
    body = b"".join(pieces) + b"\0" * (ends[-1] % 2)
    order = b"II" if endian == "<" else b"MM"
    start = struct.pack(f"{endian}2sHI", order, 42, 8 + len(body))
    path.write_bytes(start + body + _directory(head | (tags or {}), 8 + len(body), endian))
    return path


def write_hollow(path: Path, width: int, height: int, bands: int = 3, side: int = 512) -> Path:
    """A tif of 8 bits in tiles that were never written: black, of any size, in a few bytes."""
    count = -(-width // side) * -(-height // side)
    head: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]), 257: ("I", [height]), 258: ("H", [8] * bands), 259: ("H", [8]),
        262: ("H", [2 if bands > 2 else 1]), 277: ("H", [bands]), 322: ("I", [side]), 323: ("I", [side]),
        324: ("I", [0] * count), 325: ("I", [0] * count),
    }  # fmt: skip
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8) + _directory(head, 8, "<"))
    return path


def _piece(part: npt.NDArray[Any], tile: tuple[int, int] | None, predictor: int, endian: str) -> bytes:
    if tile:
        part = np.pad(part, ((0, tile[1] - part.shape[0]), (0, tile[0] - part.shape[1]), (0, 0)))
    if predictor == 2:
        whole = part.view(f"u{part.itemsize}")
        part = np.concatenate([whole[:, :1], whole[:, 1:] - whole[:, :-1]], axis=1)
    ordered = part.astype(np.dtype(f"{endian}{part.dtype.kind}{part.itemsize}"))
    if predictor != 3:
        return ordered.tobytes()
    rows, columns, depth = part.shape
    large = part.astype(part.dtype.newbyteorder(">")).view(np.uint8).reshape(rows, columns * depth, -1)
    bytes_ = large.transpose(0, 2, 1).reshape(rows, -1, depth)  # the highest byte of all values first
    return np.concatenate([bytes_[:, :1], bytes_[:, 1:] - bytes_[:, :-1]], axis=1).tobytes()


def _directory(head: dict[int, tuple[str, list[int]]], place: int, endian: str) -> bytes:
    codes = {"H": 3, "I": 4}
    end = place + 2 + 12 * len(head) + 4
    rows, tail = b"", b""
    for tag, (code, values) in sorted(head.items()):
        packed = struct.pack(f"{endian}{len(values)}{code}", *values)
        rows += struct.pack(f"{endian}HHI", tag, codes[code], len(values))
        if len(packed) > 4:
            rows += struct.pack(f"{endian}I", end + len(tail))
            tail += packed
        else:
            rows += packed.ljust(4, b"\0")
    return struct.pack(f"{endian}H", len(head)) + rows + b"\0\0\0\0" + tail
