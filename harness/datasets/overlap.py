"""Pictures that two sets share: the same bytes, the same pixels, or nearly the same look, however turned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..contract import Image, Problem
from ..errors import DataError, missing_extra
from .images import open_rgb

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Hashes: TypeAlias = npt.NDArray[np.uint64]
    Indices: TypeAlias = npt.NDArray[np.intp]

KINDS = ("file", "pixels", "near")
SYMMETRIES = (  # of the square, in Pillow's words: an overhead picture has no up
    "as it is",
    "FLIP_LEFT_RIGHT",
    "FLIP_TOP_BOTTOM",
    "ROTATE_90",
    "ROTATE_180",
    "ROTATE_270",
    "TRANSPOSE",
    "TRANSVERSE",
)
MOST_DISTANCE = 16
_SIDE = 32  # of the thumbnail ImageHash makes its 64 bits of
_LEAST_RANGE = 8  # grey levels a thumbnail must span, or its bits are noise
_BITS = 64
_AT_ONCE = 2_000_000  # candidate pairs held at a time


@dataclass(frozen=True, slots=True)
class Prints:
    """What is compared of the pictures of a set. `problems` are those that could not be decoded.

    `files` and `pixels` are SHA-256 of the bytes and of size and 8-bit RGB; `hashes` (n, 8) perceptual
    hashes of the picture under each of SYMMETRIES; `plain`: it has too little in it for one.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    pixels: tuple[str, ...]
    hashes: Hashes
    plain: tuple[bool, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Picture `a` of the one set is picture `b` of the other. `turned`: what makes a look like b."""

    a: int
    b: int
    kind: str
    distance: int = 0
    turned: str = SYMMETRIES[0]


def fingerprints(
    images: Sequence[Image], workers: int = 1, watch: Callable[[], object] = lambda: None
) -> Prints:
    """Decode every picture once, `workers` at a time; one that cannot be decoded is a problem.

    Raises:
        ModelError: the ImageHash library is not installed.
    """
    import numpy as np

    perceptual = _perceptual()
    rows, problems = [], []
    with ThreadPoolExecutor(workers) as pool:
        for image, found in zip(images, pool.map(partial(_print, perceptual), images), strict=True):
            watch()
            if isinstance(found, str):
                problems.append(Problem(image.name, found))
            else:
                rows.append((image.name, *found))
    names, files, pixels, hashes, plain = zip(*rows, strict=True) if rows else ((),) * 5
    table = np.array(hashes, np.uint64).reshape(len(rows), len(SYMMETRIES))
    return Prints(names, files, pixels, table, plain, tuple(problems))


def matches(a: Prints, b: Prints, distance: int = 4, *, itself: bool = False) -> list[Match]:
    """Every pair that is the same or nearly so, the surest first, then by name.

    `distance` is how many of the 64 bits of the perceptual hash (ImageHash's `phash`) may differ, in the
    best of the eight symmetries; negative: bytes and pixels alone. `itself`: a and b are one set, of which
    no picture is compared with itself. A part cut out of a picture, or a shifted window, has another hash
    and is not found.
    """
    best: dict[tuple[int, int], Match] = {}
    for kind, left, right in (("file", a.files, b.files), ("pixels", a.pixels, b.pixels)):
        for i, j in _equal(left, right):
            best.setdefault((i, j), Match(i, j, kind))
    for i, j, bits, turn in _near(a, b, distance):
        known = best.get((i, j))
        if known is None or (known.kind == "near" and bits < known.distance):
            best[i, j] = Match(i, j, "near", bits, SYMMETRIES[turn])
    found = (m for m in best.values() if not itself or m.a < m.b)
    return sorted(found, key=lambda m: (KINDS.index(m.kind), m.distance, a.names[m.a], b.names[m.b]))


def near_pairs(a: Hashes, b: Hashes, distance: int) -> tuple[Indices, Indices, Indices]:
    """Rows of `a` (n,) and of `b` (m,) whose hashes differ in at most `distance` bits, and in how many.

    Exact: of `distance + 1` bands of bits at least one is equal in such a pair (M. Norouzi, A. Punjani,
    D. Fleet: Fast search in Hamming space with multi-index hashing, CVPR 2012), so that only pairs with an
    equal band are looked at. Pairs come in order, each once.
    """
    import numpy as np

    found = [np.empty((0, 3), np.intp)]
    edges = np.linspace(0, _BITS, distance + 2).astype(int)
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        mask = np.uint64((1 << (high - low)) - 1)
        left, right = ((h >> np.uint64(low)) & mask for h in (a, b))
        order = np.argsort(right, kind="stable")
        first, last = (np.searchsorted(right[order], left, side) for side in ("left", "right"))
        for rows, places in _slices(first, last - first):
            columns = order[places]
            bits = _count_bits(a[rows] ^ b[columns])
            near = bits <= distance
            found.append(np.stack([rows[near], columns[near], bits[near]], axis=1))
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[:, 0], pairs[:, 1], pairs[:, 2]


def _near(a: Prints, b: Prints, distance: int) -> list[tuple[int, int, int, int]]:
    """Pairs of pictures, their distance and the symmetry, of those that are not plain."""
    import numpy as np

    if distance < 0:
        return []
    if distance > MOST_DISTANCE:
        raise ValueError(f"A distance of {distance} bits; at most {MOST_DISTANCE} mean anything.")
    rows, columns = (np.flatnonzero(~np.array(p.plain, bool)) for p in (a, b))
    turned = a.hashes[rows].ravel()
    i, j, bits = near_pairs(turned, b.hashes[columns][:, 0], distance)
    pictures, turns = rows[i // len(SYMMETRIES)], i % len(SYMMETRIES)
    table = zip(pictures.tolist(), columns[j].tolist(), bits.tolist(), turns.tolist(), strict=True)
    return list(table)


def _equal(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for j, value in enumerate(right):
        places.setdefault(value, []).append(j)
    return [pair for i, value in enumerate(left) for pair in zip(repeat(i), places.get(value, ()))]


def _slices(first: Indices, counts: Indices) -> Any:
    """(row, place) of all candidates, some million at a time: places first[row] ... first[row] + counts."""
    import numpy as np

    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        base = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, base + _AT_ONCE, "right")))
        own = counts[start:stop]
        rows = np.repeat(np.arange(start, stop), own)
        within = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        yield rows, np.repeat(first[start:stop], own) + within
        start = stop


def _count_bits(words: Hashes) -> Indices:
    """How many bits are set, by adding up neighbours (numpy has a function for it from 2.0 on)."""
    import numpy as np

    two, four, eight = (np.uint64(v) for v in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F))
    words = words - ((words >> np.uint64(1)) & two)
    words = (words & four) + ((words >> np.uint64(2)) & four)
    words = (words + (words >> np.uint64(4))) & eight
    return ((words * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.intp)


def _print(perceptual: Callable[[Any], int], image: Image) -> tuple[str, str, tuple[int, ...], bool] | str:
    """Digests, hashes and plainness of one picture, or why there are none."""
    import PIL.Image

    try:
        content = Path(image.path).read_bytes()
        rgb = open_rgb(image)
    except OSError as error:
        return error.strerror or str(error)
    except DataError as error:
        return error.message
    pixels = hashlib.sha256(f"{rgb.width} {rgb.height} ".encode() + rgb.tobytes()).hexdigest()
    small = rgb.convert("L").resize((_SIDE, _SIDE), PIL.Image.Resampling.LANCZOS)
    turns = (small if i == 0 else small.transpose(PIL.Image.Transpose[s]) for i, s in enumerate(SYMMETRIES))
    grey = list(small.tobytes())
    hashes = tuple(perceptual(turned) for turned in turns)
    return hashlib.sha256(content).hexdigest(), pixels, hashes, max(grey) - min(grey) < _LEAST_RANGE


def _perceptual() -> Callable[[Any], int]:
    """ImageHash's phash as a number.

    Raises:
        ModelError: it is not installed.
    """
    try:
        import imagehash
    except ImportError:
        raise missing_extra("ImageHash", "models") from None

    def number(picture: Any) -> int:
        return int(str(imagehash.phash(picture)), 16)

    return number
