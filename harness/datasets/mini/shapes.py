"""Plane figures as arrays of points (N x 2, pixels, x right, y down)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def direction(angle: float) -> Points:
    """The unit vector of an angle in radians."""
    return np.array([np.cos(angle), np.sin(angle)])


def place(local: npt.ArrayLike, centre: npt.ArrayLike, heading: float, scale: float = 1) -> Points:
    """Local points (x ahead, y to the right) scaled, turned to ``heading`` and moved."""
    cos, sin = np.cos(heading) * scale, np.sin(heading) * scale
    turned: Points = np.asarray(local, dtype=np.float64) @ np.array([[cos, sin], [-sin, cos]])
    return turned + np.asarray(centre, dtype=np.float64)


def rectangle(centre: npt.ArrayLike, length: float, width: float, heading: float) -> Points:
    """The corners, clockwise on screen from the front left."""
    x, y = np.asarray(centre, dtype=np.float64).tolist()
    ax, ay = math.cos(heading) * length / 2, math.sin(heading) * length / 2
    bx, by = -math.sin(heading) * width / 2, math.cos(heading) * width / 2
    corners = [(ax - bx, ay - by), (ax + bx, ay + by), (bx - ax, by - ay), (-ax - bx, -ay - by)]
    return np.array([(x + dx, y + dy) for dx, dy in corners])


def ellipse(centre: npt.ArrayLike, across: float, down: float, heading: float = 0.0) -> Points:
    """An ellipse with the two half axes, as a polygon fine enough for its size."""
    count = int(np.clip(np.sqrt(max(across, down)) * 7, 8, 72)) // 4 * 4
    turn = np.arange(count) * (2 * np.pi / count)
    return place(np.stack([across * np.cos(turn), down * np.sin(turn)], 1), centre, heading)


def ribbon(path: Points, width: npt.ArrayLike) -> Points:
    """A band of the given width along a path."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    half = np.broadcast_to(np.asarray(width, dtype=np.float64) / 2, (len(path),))[:, None]
    side = np.stack([-along[:, 1], along[:, 0]], 1) * half
    return np.concatenate([path + side, (path - side)[::-1]])


def shifted(path: Points, offset: float) -> Points:
    """The path moved sideways, to its right when positive."""
    along = np.gradient(path, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return path + np.stack([-along[:, 1], along[:, 0]], 1) * offset


def crossing(
    rng: np.random.Generator,
    size: int,
    *,
    angle: float | None = None,
    bend: float = 0.0,
    waves: float = 1.5,
    through: float = 0.25,
) -> Points:
    """A path right across the image, through a point within ``through`` x size of its middle.

    ``bend`` x size is how far it swings to the sides, in about ``waves`` swings.
    """
    heading = rng.uniform(0, 2 * np.pi) if angle is None else angle
    middle = size * (0.5 + rng.uniform(-through, through, 2))
    steps = np.linspace(-0.95, 0.95, 61) * size
    phase, second = rng.uniform(0, 2 * np.pi, 2)
    turn = steps / size * np.pi * waves
    swing = np.sin(turn + phase) + 0.4 * np.sin(2.3 * turn + second)
    swing -= np.sin(phase) + 0.4 * np.sin(second)
    return place(np.stack([steps, swing * bend * size], 1), middle, heading)


def blob(rng: np.random.Generator, centre: npt.ArrayLike, radius: float, *, rough: float = 0.25) -> Points:
    """A smooth irregular outline around a centre."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    reach = np.ones_like(turn)
    for wave in range(1, 6):
        reach += rough / wave * rng.normal(0, 0.6) * np.cos(wave * turn + rng.uniform(0, 6.3))
    reach = np.maximum(reach, 0.25) * radius
    points: Points = np.stack([reach * np.cos(turn), reach * np.sin(turn)], 1)
    points *= (1.0, rng.uniform(0.6, 1.0))
    return points + np.asarray(centre, dtype=np.float64)


def along(path: Points, every: float, start: float = 0.0) -> list[tuple[Points, float]]:
    """Places at equal distances along a path: (point, heading) pairs."""
    step = np.diff(path, axis=0)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))])
    at = np.arange(start, length[-1], every)
    x, y = np.interp(at, length, path[:, 0]), np.interp(at, length, path[:, 1])
    part = np.clip(np.searchsorted(length, at, side="right") - 1, 0, len(step) - 1)
    heading = np.arctan2(step[part, 1], step[part, 0])
    return [(np.array([a, b]), float(h)) for a, b, h in zip(x, y, heading, strict=True)]


def oriented(points: Points, heading: float) -> Points:
    """The corners of the tight box along ``heading``, clockwise from the front left."""
    ahead, right = direction(heading), direction(heading + np.pi / 2)
    u, v = points @ ahead, points @ right
    local = [(u.max(), v.min()), (u.max(), v.max()), (u.min(), v.max()), (u.min(), v.min())]
    return np.array([a * ahead + b * right for a, b in local])


def clipped(points: Points, size: float) -> Points:
    """The polygon inside the square [0, size]^2 (Sutherland and Hodgman's clipping)."""
    polygon: Sequence[Points] = list(points)
    for axis, limit, keep in ((0, 0.0, 1), (0, size, -1), (1, 0.0, 1), (1, size, -1)):
        kept: list[Points] = []
        for here, there in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
            a, b = (here[axis] - limit) * keep, (there[axis] - limit) * keep
            if a >= 0:
                kept.append(here)
            if (a < 0) != (b < 0):
                kept.append(here + (there - here) * (a / (a - b)))
        polygon = kept
    return np.array(polygon).reshape(-1, 2)


def gap(first: Points, second: Points) -> float:
    """How far apart two oriented rectangles are at least; negative where they overlap."""
    widest = -np.inf
    for box in (first, second):
        for axis in (box[1] - box[0], box[2] - box[1]):
            axis = axis / max(float(np.hypot(*axis)), 1e-9)
            a, b = first @ axis, second @ axis
            widest = max(widest, float(a.min() - b.max()), float(b.min() - a.max()))
    return widest


def hull(points: Points) -> Points:
    """The convex hull (Andrew's monotone chain)."""
    order = points[np.lexsort((points[:, 1], points[:, 0]))].tolist()

    def half(ordered: list[list[float]]) -> list[list[float]]:
        chain: list[list[float]] = []
        for x, y in ordered:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2], chain[-1]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append([x, y])
        return chain[:-1]

    return np.array(half(order) + half(order[::-1]))
