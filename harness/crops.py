"""The part of a picture that shows one box: upright, with a margin, never tiny."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .geometry import areas, hull, to_rotated

if TYPE_CHECKING:
    from PIL import Image as Pillow

CONTEXT = 0.1  # of the box's side, added on every side
LEAST = 32.0  # pixels of the original that a crop's side shows at least
MOST = 512  # pixels of a crop's side; a larger box is shown smaller


def crop(picture: Pillow.Image, points: tuple[float, ...]) -> Pillow.Image:
    """Cut a box out of a picture; an oriented box is turned upright, its longer side across.

    `points` are pixels of the picture, 4 or 8 numbers. What lies outside the picture is black.
    """
    from PIL import Image

    if len(points) == 8 and areas([points])[0] > 0:
        cx, cy, width, height, angle = to_rotated(points)
    else:
        x1, y1, x2, y2 = hull(points)
        cx, cy, width, height, angle = (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1, 0.0
    width, height = (max(side * (1 + 2 * CONTEXT), LEAST) for side in (width, height))
    shrink = min(1.0, MOST / max(width, height))
    size = (max(round(width * shrink), 1), max(round(height * shrink), 1))
    onto = _onto(cx, cy, width, height, angle, size)
    return picture.transform(size, Image.Transform.AFFINE, onto, Image.Resampling.BILINEAR)


def _onto(
    cx: float, cy: float, width: float, height: float, angle: float, size: tuple[int, int]
) -> tuple[float, ...]:
    """The affine map from pixels of the crop to pixels of the picture, as Pillow wants it."""
    cos, sin = math.cos(angle), math.sin(angle)
    across, down = width / size[0], height / size[1]
    a, b, d, e = cos * across, -sin * down, sin * across, cos * down
    return a, b, cx - a * size[0] / 2 - b * size[1] / 2, d, e, cy - d * size[0] / 2 - e * size[1] / 2
