"""Bring the count of every wanted object up to what was asked, wherever there is room."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .labels import labelled
from .scenes_air import park
from .shapes import Points
from .structures import (
    draw_basketball_court,
    draw_diamond,
    draw_tank,
    draw_tennis_court,
    draw_track,
)
from .vehicles import draw_car, draw_lorry, draw_ship


def scatter(canvas: Canvas) -> None:
    """Draw what is missing of ``canvas.wanted``; gives up quietly where nothing more fits."""
    for name, count in canvas.wanted.items():
        for _ in range(60):
            seen = sum(item.name == name for item in labelled(canvas.drafts, canvas.size, None))
            if seen >= count:
                break
            canvas.wanted[name] = canvas.count(name) + count - seen
            if name == "airplane":
                park(canvas, [], 1)
            else:
                _one(canvas, name)


def _one(canvas: Canvas, name: str) -> None:
    reach = canvas.metres({"small vehicle": 3, "large vehicle": 8, "ship": 30}.get(name, 28))
    margin = min(reach, canvas.size * 0.4)
    centre = canvas.rng.uniform(margin, canvas.size - margin, 2)
    if not _free(canvas, centre, reach):
        return
    heading = canvas.between(0, 2 * np.pi)
    if name == "small vehicle":
        draw_car(canvas, centre, heading)
    elif name == "large vehicle":
        draw_lorry(canvas, centre, heading)
    elif name == "ship":
        draw_ship(canvas, centre, heading, length=canvas.between(20, 60), wake=False)
    elif name == "storage tank":
        draw_tank(canvas, centre, canvas.metres(canvas.between(8, 20)), floating=False, paint="tank")
    elif name == "tennis court":
        draw_tennis_court(canvas, centre, heading, "hard court", "green court")
    elif name == "basketball court":
        draw_basketball_court(canvas, centre, heading, "hard court")
    elif name == "baseball diamond":
        draw_diamond(canvas, centre, heading)
    elif name == "ground track field":
        draw_track(canvas, centre, heading)


def _free(canvas: Canvas, centre: Points, reach: float) -> bool:
    zone = shapes.rectangle(centre, 2 * reach, 2 * reach, 0.0)
    low, high = zone.min(0), zone.max(0)
    for draft in canvas.drafts:
        points = np.concatenate(draft.parts)
        if np.all(points.max(0) > low) and np.all(points.min(0) < high):
            return False
    return True
