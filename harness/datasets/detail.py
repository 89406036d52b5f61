"""The detail of a picture, part by part: whether two pictures that look alike are one and the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image as Picture

    Thumbnails: TypeAlias = npt.NDArray[np.uint8]
    Details: TypeAlias = npt.NDArray[np.float32]

SIDE = 64  # of a thumbnail
LEAST_PARTS = 16  # of its 64 parts, that must have detail for two pictures to be told apart by it
_PART = 8  # side of a part
_LEAST = 0.7  # grey levels of standard deviation about its slope; less in a part is rounding and compression
_AT_ONCE = 1024  # pairs


def thumbnail(picture: Picture) -> Thumbnails:
    """The picture as grey values (64, 64), means of what lies about each, whatever its shape.

    Pillow weighs by a triangle over two cells: a copy at a quarter of the size stays alike.
    """
    import numpy as np
    import PIL.Image

    return np.asarray(picture.convert("L").resize((SIDE, SIDE), PIL.Image.Resampling.BILINEAR))


def is_plain(small: Thumbnails) -> bool:
    """Whether a thumbnail has too few parts with detail: calm water, an empty swath, one ship on either."""
    return bool((_detail(small[None]) > 0).any(axis=2).sum() < LEAST_PARTS)


def agreement(a: Thumbnails, b: Thumbnails) -> npt.NDArray[np.float64]:
    """How well the detail of thumbnails a (n, 64, 64) agrees with that of b, row by row: (n,), at most 1.

    Each of 8 x 8 parts is compared by itself: the correlation of its grey values about their slope. Of the
    parts that have detail in both, the median counts, so that a ship or the border of a swath, which many
    pictures have at one place, decides nothing. 0 where fewer than LEAST_PARTS have any.
    """
    import numpy as np

    found = np.zeros(len(a))
    for start in range(0, len(a), _AT_ONCE):
        left, right = (_detail(each[start : start + _AT_ONCE]) for each in (a, b))
        alike = (left * right).sum(axis=2, dtype=float)
        alike[~(left.any(axis=2) & right.any(axis=2))] = np.nan
        enough = (~np.isnan(alike)).sum(axis=1) >= LEAST_PARTS
        found[start : start + _AT_ONCE][enough] = np.nanmedian(alike[enough], axis=1)
    return found


def _detail(small: Thumbnails) -> Details:
    """(n, 64 parts, 64 values): every part without mean and slope, of length 1; zeros if little is left."""
    import numpy as np

    parts = SIDE // _PART
    grid = small.reshape(-1, parts, _PART, parts, _PART).swapaxes(2, 3).astype(np.float32)
    values: Details = grid.reshape(-1, parts * parts, _PART * _PART)
    plane = _plane()
    values -= (values @ plane) @ plane.T
    length = np.sqrt((values**2).sum(axis=2, keepdims=True))
    length[length < _LEAST * _PART] = np.inf
    values /= length
    return values


def _plane() -> Details:
    """Mean and both slopes of a part as an orthonormal basis (64, 3)."""
    import numpy as np

    along = np.arange(_PART, dtype=np.float32) - (_PART - 1) / 2
    y, x = (values.ravel() for values in np.meshgrid(along, along, indexing="ij"))
    basis: Details = np.stack([np.ones_like(x), x, y], axis=1)
    basis /= np.linalg.norm(basis, axis=0)
    return basis
