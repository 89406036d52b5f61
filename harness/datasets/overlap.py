"""Pictures that two sets share: the same bytes, the same pixels, or nearly the same look, however turned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..contract import Image, Problem
from ..errors import DataError, missing_extra
from .detail import SIDE, agreement, is_plain, thumbnail
from .images import open_rgb

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Hashes: TypeAlias = npt.NDArray[np.uint64]
    Indices: TypeAlias = npt.NDArray[np.intp]
    Thumbnails: TypeAlias = npt.NDArray[np.uint8]

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
DISTANCE = 8  # bits; nearly all copies are within it (benchmarks/overlap.py)
MOST_DISTANCE = 16
MOST_PARTNERS = 100  # equal pictures that are listed for one: empty tiles are equal by the thousand
AGREEMENT = 0.4  # of detail: nearly all copies have more, strangers of a like look 0.2 (the same script)
_SIDE = 32  # of the thumbnail ImageHash makes its 64 bits of
_BITS = 64
_AT_ONCE = 2_000_000  # candidate pairs held at a time
_COMPARED = 4096  # pairs of thumbnails held at a time


@dataclass(frozen=True, slots=True)
class Prints:
    """What is compared of the pictures of a set. `problems` are those that could not be decoded.

    `files` and `pixels` are SHA-256 of the bytes and of size and 8-bit RGB; `hashes` (n, 8) perceptual
    hashes of the picture under each of SYMMETRIES; `thumbnails` (n, 64, 64) are what is compared where hashes
    are near; `plain`: it has too little detail for that. A picture takes about 5 kB.
    """

    names: tuple[str, ...]
    files: tuple[str, ...]
    pixels: tuple[str, ...]
    hashes: Hashes
    thumbnails: Thumbnails
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
    rows: list[tuple[str, str, str, bool]] = []
    problems = []
    hashes = np.empty((len(images), len(SYMMETRIES)), np.uint64)
    thumbnails = np.empty((len(images), SIDE, SIDE), np.uint8)
    with ThreadPoolExecutor(workers) as pool:
        for image, found in zip(images, pool.map(partial(_print, perceptual), images), strict=True):
            watch()
            if isinstance(found, str):
                problems.append(Problem(image.name, found))
            else:
                file, pixels, hashes[len(rows)], small = found
                thumbnails[len(rows)] = small
                rows.append((image.name, file, pixels, is_plain(small)))
    names, files, equal, plain = zip(*rows, strict=True) if rows else ((),) * 4
    return Prints(names, files, equal, hashes[: len(rows)], thumbnails[: len(rows)], plain, tuple(problems))


def matches(a: Prints, b: Prints, distance: int = DISTANCE, *, itself: bool = False) -> list[Match]:
    """Every pair that is the same or nearly so, the surest first, then by name.

    Nearly the same: at most `distance` of the 64 bits of the perceptual hash (ImageHash's `phash`) differ in
    one of the eight symmetries, and under it the detail agrees too (detail.py); without the latter, all
    pictures of one ship on dark water are one. A negative distance: bytes and pixels alone. A part cut out of
    a picture, or a shifted window, is another picture here.

    `itself`: a and b are one set, of which no picture is compared with itself. Of the pictures equal to one
    of `b`, the first MOST_PARTNERS are listed.
    """
    best: dict[tuple[int, int], Match] = {}
    for kind, left, right in (("file", a.files, b.files), ("pixels", a.pixels, b.pixels)):
        for i, j in _equal(left, right, itself):
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

    found = [np.empty((3, 0), np.intp)]
    edges = np.linspace(0, _BITS, distance + 2).astype(int).tolist()
    masks = [np.uint64(((1 << (high - low)) - 1) << low) for low, high in pairwise(edges)]
    for place, mask in enumerate(masks):
        left, right = a & mask, b & mask
        order = np.argsort(right, kind="stable")
        first, last = (np.searchsorted(right[order], left, side) for side in ("left", "right"))
        for rows, places in _slices(first, last - first):
            columns = order[places]
            differing = a[rows] ^ b[columns]
            bits = _count_bits(differing)
            new = bits <= distance
            for earlier in masks[:place]:  # which brought those that are equal in it
                new &= (differing & earlier) != 0
            found.append(np.stack([rows[new], columns[new], bits[new]]))
    pairs = np.concatenate(found, axis=1)
    pairs = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    return pairs[0], pairs[1], pairs[2]


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
    pictures, turns, others = rows[i // len(SYMMETRIES)], i % len(SYMMETRIES), columns[j]
    table: list[tuple[int, int, int, int]] = []
    for turn in range(len(SYMMETRIES)):
        for at in _cut(np.flatnonzero(turns == turn)):
            seen = _turned(a.thumbnails[pictures[at]], turn)
            at = at[agreement(seen, b.thumbnails[others[at]]) >= AGREEMENT]
            found = (pictures[at].tolist(), others[at].tolist(), bits[at].tolist())
            table += [(*row, turn) for row in zip(*found, strict=True)]
    return table


def _turned(small: Thumbnails, turn: int) -> Thumbnails:
    """Thumbnails (n, 64, 64) under one of SYMMETRIES; what Pillow calls a rotation goes against the clock."""
    import numpy as np

    name = SYMMETRIES[turn]
    if name.startswith("ROTATE_"):
        return np.rot90(small, int(name.removeprefix("ROTATE_")) // 90, axes=(1, 2))
    if name == "TRANSVERSE":
        return np.rot90(small, 2, axes=(1, 2)).swapaxes(1, 2)
    changes = {"FLIP_LEFT_RIGHT": small[:, :, ::-1], "FLIP_TOP_BOTTOM": small[:, ::-1]}
    return small.swapaxes(1, 2) if name == "TRANSPOSE" else changes.get(name, small)


def _cut(places: Indices) -> Iterator[Indices]:
    """The places some thousand at a time, as many as thumbnails fit."""
    for start in range(0, len(places), _COMPARED):
        yield places[start : start + _COMPARED]


def _equal(left: Sequence[str], right: Sequence[str], itself: bool) -> Iterator[tuple[int, int]]:
    """Pairs of equal values, for each of `right` those with the first MOST_PARTNERS of `left`."""
    places: dict[str, list[int]] = {}
    for i, value in enumerate(left):
        places.setdefault(value, []).append(i)
    for j, value in enumerate(right):
        yield from ((i, j) for i in places.get(value, ())[:MOST_PARTNERS] if not itself or i < j)


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


def _print(
    perceptual: Callable[[Any], int], image: Image
) -> tuple[str, str, tuple[int, ...], Thumbnails] | str:
    """Digests, hashes and thumbnail of one picture, or why there are none."""
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
    hashes = tuple(perceptual(turned) for turned in turns)
    return hashlib.sha256(content).hexdigest(), pixels, hashes, thumbnail(rgb)


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
