"""Oriented boxes as (cx, cy, width, height, angle) in any public convention, to and from corners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import unknown
from .geometry import Floats, Shapes

_QUARTER = np.pi / 2

# Name -> where the angle starts (radians), whether the start itself is in, and whether the width is the long
# side. mmrotate's le90 and le135 turn the long side through half a circle; OpenCV's minAreaRect keeps the
# angle within a quarter and lets either side be the width (from 4.5.1: (0, 90], before: [-90, 0)).
_RANGES: Mapping[str, tuple[float, bool, bool]] = {
    "le90": (-_QUARTER, True, True),
    "le135": (-_QUARTER / 2, True, True),
    "oc": (0.0, False, False),
    "oc-old": (-_QUARTER, True, False),
}


@dataclass(frozen=True, slots=True)
class Convention:
    """How a box (cx, cy, width, height, angle) is written; centre and sides in pixels, x right, y down.

    `degrees` or radians. `clockwise`: a positive angle turns the width from x towards y, clockwise on screen
    (mmcv's clockwise=True); otherwise against it. `angles`: "le90" [-90, 90) and "le135" [-45, 135) degrees
    with the long side as width, "oc" (0, 90] and "oc-old" [-90, 0) as OpenCV writes them from and before
    4.5.1, each in the sign of the convention itself. Reading a box, any angle and either side are understood.

    Raises:
        UsageError: a range of angles that is not one of these.
    """

    degrees: bool = False
    clockwise: bool = True
    angles: str = "le90"

    def __post_init__(self) -> None:
        if self.angles not in _RANGES:
            raise unknown("range of angles", self.angles, _RANGES)

    def corners(self, boxes: Any) -> Floats:
        """Boxes (n, 5) to corners (n, 8): clockwise on screen, the first one at (-width/2, -height/2).

        >>> Convention(degrees=True).corners([(5, 5, 4, 2, 90)]).round(9).tolist()
        [[6.0, 3.0, 6.0, 7.0, 4.0, 7.0, 4.0, 3.0]]
        """
        rows = np.asarray(boxes, float).reshape(-1, 5)
        angle = self._clockwise_radians(rows[:, 4])
        along = np.stack([np.cos(angle), np.sin(angle)], 1) * rows[:, 2:3] / 2
        across = np.stack([-np.sin(angle), np.cos(angle)], 1) * rows[:, 3:4] / 2
        centre = rows[:, :2]
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return np.concatenate([centre + s * along + t * across for s, t in signs], 1)

    def boxes(self, points: Any) -> Floats:
        """The smallest oriented box (n, 5) around each region, (n, 8) corners of any order or (n, 4).

        A rectangle comes back as itself; any other quadrilateral grows (its IoU must not be taken after
        this). What is no proper region (geometry.py) gives numbers that are not one.

        >>> Convention(degrees=True).boxes([(6, 3, 6, 7, 4, 7, 4, 3)]).round(9).tolist()
        [[5.0, 5.0, 4.0, 2.0, -90.0]]
        """
        centre, sides, angle = _smallest(Shapes.of_points(points))
        start, closed, long_side = _RANGES[self.angles]
        angle = angle if self.clockwise else -angle
        span = np.pi if long_side else _QUARTER
        turns = np.floor((angle - start) / span) if closed else np.ceil((angle - start) / span) - 1
        angle = (angle - turns * span).clip(start, start + span)
        if closed:
            angle = np.where(angle >= start + span, start, angle)  # rounding may have reached the end
        if not long_side:
            sides = np.where((turns % 2 != 0)[:, None], sides[:, ::-1], sides)
        angle = np.degrees(angle) if self.degrees else angle
        return np.concatenate([centre, sides, angle[:, None]], 1)

    def rewritten(self, boxes: Any, other: Convention) -> Floats:
        """Boxes (n, 5) of this convention, in another.

        >>> old = Convention(degrees=True)
        >>> old.rewritten([(5, 5, 4, 2, 30)], Convention(True, False, "oc")).round(9).tolist()
        [[5.0, 5.0, 2.0, 4.0, 60.0]]
        """
        return other.boxes(self.corners(boxes))

    def _clockwise_radians(self, angle: Floats) -> Floats:
        angle = np.radians(angle) if self.degrees else angle
        return angle if self.clockwise else -angle


def _smallest(shapes: Shapes) -> tuple[Floats, Floats, Floats]:
    """Centre (n, 2), sides (n, 2) with the longer first, and its clockwise angle (n,) of the smallest box.

    One side of the smallest rectangle around a convex polygon lies along one of its edges (H. Freeman, R.
    Shapira, CACM 18(7), 1975). NaN where there is no region.
    """
    ring = shapes.rings.reshape(-1, 4, 2)[..., 0] + 1j * shapes.rings.reshape(-1, 4, 2)[..., 1]
    edges = np.roll(ring, -1, 1) - ring
    length = np.abs(edges)
    axis = np.divide(edges, length, out=np.full_like(edges, np.nan), where=length > 0)
    turned = (ring - ring[:, :1])[:, None, :] * axis[:, :, None].conj()
    low = turned.real.min(2) + 1j * turned.imag.min(2)
    extent = turned.real.max(2) + 1j * turned.imag.max(2) - low
    area = np.where(length > 0, extent.real * extent.imag, np.inf)
    best = (np.arange(len(ring)), area.argmin(1))
    low, extent, axis = low[best], extent[best], axis[best]
    centre = ring[:, 0] + (low + extent / 2) * axis
    upright = extent.real < extent.imag
    axis = np.where(upright, axis * 1j, axis)
    sides = np.stack([extent.real, extent.imag], 1)
    sides = np.where(upright[:, None], sides[:, ::-1], sides)
    proper = shapes.areas > 0
    centres = np.stack([centre.real, centre.imag], 1)
    angle = np.arctan2(axis.imag, axis.real)
    return (
        np.where(proper[:, None], centres, np.nan),
        np.where(proper[:, None], sides, np.nan),
        np.where(proper, angle, np.nan),
    )
