"""Annotated boxes checked one by one, and brought to one form for a whole data set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..contract import Region, Sample
from ..geometry import areas, corners, hull


def defect(points: Sequence[float], size: tuple[int, int] | None) -> str | None:
    """Why 4 or 8 numbers are no box of an image of `size` (width, height), or None where they are.

    Parts beyond the border are no defect, boxes wholly beyond it are.

    >>> defect((5, 5, 5, 9), None)
    'a box without area'
    """
    if len(points) not in (4, 8):
        return f"a box of {len(points)} numbers"
    if not all(math.isfinite(v) for v in points):
        return "a box with a number that is not finite"
    if len(points) == 4 and (points[2] < points[0] or points[3] < points[1]):
        return "a box whose far corner comes first"
    x1, y1, x2, y2 = hull(points)
    if x2 == x1 or y2 == y1 or (len(points) == 8 and _flat(points)):
        return "a box without area"
    if size is not None and (x1 >= size[0] or y1 >= size[1] or x2 <= 0 or y2 <= 0):
        return f"a box outside the image of {size[0]} x {size[1]} pixels"
    return None


def _flat(corners: Sequence[float]) -> bool:
    """Whether four corners enclose nothing; the exact test, which is dear, only where a quick one says so."""
    xs, ys = corners[0::2], corners[1::2]
    return not sum(xs[i - 1] * ys[i] - xs[i] * ys[i - 1] for i in range(4)) and not areas([corners])[0] > 0


def one_form(samples: Iterable[Sample], oriented: bool | None) -> tuple[Sample, ...]:
    """All boxes horizontal (False) or all oriented (True); None: oriented where one of them is."""
    samples = tuple(samples)
    if oriented is None:
        oriented = any(len(r.points) == 8 for s in samples for r in s.target.regions)
    return tuple(
        replace(s, target=replace(s.target, regions=tuple(_as(r, oriented) for r in s.target.regions)))
        for s in samples
    )


def _as(region: Region, oriented: bool) -> Region:
    if oriented == (len(region.points) == 8):
        return region
    return replace(region, points=corners(region.points) if oriented else hull(region.points))
