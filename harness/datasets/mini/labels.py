"""From what was drawn to what is labelled: corners, boxes and the visible share."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from . import shapes
from .canvas import Draft
from .scene import DrawnObject

LEAST_VISIBLE = 0.3
LEAST_LENGTH = 6.0  # pixels; anything smaller is clutter, not an object
_FINER = 2


def labelled(drafts: list[Draft], size: int, cover: npt.NDArray[np.bool_] | None) -> tuple[DrawnObject, ...]:
    """The labels of all objects of which enough is seen, in drawing order.

    ``cover`` (H, W) is true where something hides the ground.
    """
    found = (_label(draft, size, cover) for draft in drafts)
    return tuple(item for item in found if item is not None)


def _label(draft: Draft, size: int, cover: npt.NDArray[np.bool_] | None) -> DrawnObject | None:
    points = draft.parts[0] if len(draft.parts) == 1 else np.concatenate(draft.parts)
    low, high = points.min(0), points.max(0)
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    if min(right, bottom) <= 0 or max(left, top) >= size:
        return None
    truncated = min(left, top) < 0 or max(right, bottom) > size
    visible = 1.0
    rows = slice(max(int(top), 0), int(bottom) + 1)
    columns = slice(max(int(left), 0), int(right) + 1)
    hidden = cover is not None and bool(cover[rows, columns].any())
    if truncated or hidden:
        visible = _visible(draft, size, cover if hidden else None)
        if visible < LEAST_VISIBLE:
            return None
        if truncated:
            inside = [shapes.clipped(part, size) for part in draft.parts]
            points = np.clip(np.concatenate(inside), 0, size)  # undo rounding at the border
            (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    corners = shapes.oriented(points, draft.heading)
    a, b, c, d, e, f, g, h = corners.ravel().tolist()
    if max(math.hypot(a - g, b - h), math.hypot(a - c, b - d)) < LEAST_LENGTH:
        return None
    return DrawnObject(
        draft.name,
        draft.type,
        (a, b, c, d, e, f, g, h),
        visible,
        truncated,
        (left, top, right, bottom),
    )


def _visible(draft: Draft, size: int, cover: npt.NDArray[np.bool_] | None) -> float:
    points = np.concatenate(draft.parts)
    origin = np.floor(points.min(0)).astype(int)
    width, height = (np.ceil(points.max(0)).astype(int) - origin + 1).tolist()
    silhouette = Image.new("1", (width * _FINER, height * _FINER))
    draw = ImageDraw.Draw(silhouette)
    for part in draft.parts:
        draw.polygon(((part - origin) * _FINER).ravel().tolist(), fill=1)
    rows, columns = np.nonzero(np.asarray(silhouette))
    rows, columns = rows // _FINER + origin[1], columns // _FINER + origin[0]
    seen = (rows >= 0) & (columns >= 0) & (rows < size) & (columns < size)
    if cover is not None:
        seen[seen] = ~cover[rows[seen], columns[seen]]
    return float(seen.mean())
