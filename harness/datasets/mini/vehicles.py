"""Cars, lorries, trains and ships, labelled where they are objects."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .shapes import Points

_COMMON = ("white paint",) * 5 + ("black paint",) * 4 + ("silver paint",) * 5
CAR_PAINTS = (*_COMMON, "red paint", "blue paint", "red paint", "blue paint", "yellow paint")
CONTAINERS = ("container red", "container blue", "container green", "container orange", "white paint")


def draw_car(canvas: Canvas, centre: Points, heading: float) -> None:
    """A car or a van."""
    if not canvas.room("small vehicle"):
        return
    long = canvas.metres(canvas.between(4.2, 5.4))
    wide = canvas.metres(canvas.between(1.8, 2.1))
    body = shapes.rectangle(centre, long, wide, heading)
    canvas.shadow(body, 1.4)
    canvas.polygon(body, canvas.pick(*CAR_PAINTS))
    if long > 5:
        ahead = shapes.direction(heading) * long
        for at, part in ((0.16, 0.14), (-0.3, 0.1)):
            window = shapes.rectangle(centre + ahead * at, long * part, wide * 0.78, heading)
            canvas.polygon(window, "glass")
        if canvas.look == "infrared":
            hood = shapes.rectangle(centre + ahead * 0.36, long * 0.2, wide * 0.7, heading)
            canvas.polygon(hood, "hot")
    canvas.glints(body, 2)
    canvas.add("small vehicle", [body], heading)


def draw_lorry(canvas: Canvas, centre: Points, heading: float) -> None:
    """A lorry or a bus."""
    if not canvas.room("large vehicle"):
        return
    long = canvas.metres(canvas.between(9.0, 16.0))
    wide = canvas.metres(2.7)
    whole = shapes.rectangle(centre, long, wide, heading)
    canvas.shadow(whole, 3.5)
    ahead = shapes.direction(heading) * long
    cab = shapes.rectangle(centre + ahead * 0.42, long * 0.16, wide, heading)
    load = shapes.rectangle(centre - ahead * 0.09, long * 0.82, wide, heading)
    canvas.polygon(whole, "black paint")
    canvas.polygon(load, canvas.pick("white paint", "silver paint", *CONTAINERS))
    canvas.polygon(cab, "hot" if canvas.look == "infrared" else canvas.pick(*CAR_PAINTS))
    canvas.glints(whole, 4)
    canvas.add("large vehicle", [whole], heading)


def draw_traffic(canvas: Canvas, lane: Points, every: float, *, lorries: float = 0.2) -> None:
    """Vehicles along a lane, on average one in ``every`` metres."""
    place = canvas.metres(canvas.between(0, every))
    stops = shapes.along(lane, canvas.metres(6.0))
    last = -1e9
    for number, (point, heading) in enumerate(stops):
        here = canvas.metres(6.0) * number
        if here < place or here - last < canvas.metres(19.0):
            continue
        if canvas.inside(point, canvas.metres(5)):
            if canvas.chance(lorries):
                draw_lorry(canvas, point, heading)
            else:
                draw_car(canvas, point, heading)
        last = here
        place = here + canvas.metres(float(canvas.rng.exponential(every)))


def draw_train(canvas: Canvas, track: Points, start: float, cars: int) -> None:
    """A train of ``cars`` carriages on a track, from ``start`` pixels on."""
    paint = canvas.pick("white paint", "container blue", "container green", "container red", "silver paint")
    goods = canvas.chance(0.5)
    long = canvas.metres(14.0 if goods else 24.0)
    for point, heading in shapes.along(track, long * 1.04, start)[:cars]:
        if canvas.inside(point, long):
            body = shapes.rectangle(point, long, canvas.metres(3.1), heading)
            canvas.raised(body, 4.0, canvas.pick(*CONTAINERS, "rust") if goods else paint)
            roof = shapes.rectangle(point, long * 0.9, canvas.metres(0.9), heading)
            canvas.polygon(roof, "silver paint", 0.8)
            canvas.glints(body, 3)


def draw_ship(canvas: Canvas, centre: Points, heading: float, *, length: float, wake: bool) -> None:
    """A ship ``length`` metres long: a boat, a warship, a tanker or a container ship by size."""
    if not canvas.room("ship"):
        return
    small = length < 45
    wide = length * (0.3 if small else canvas.between(0.13, 0.17))
    kind = "boat" if small else canvas.pick("warship", "tanker", "container", "bulk")
    a, b = canvas.metres(length) / 2, canvas.metres(wide) / 2
    bow = 0.55 if kind in ("boat", "warship") else 0.82
    local = np.array([(1, 0.06), (bow + (1 - bow) * 0.5, 0.6), (bow, 1), (-0.92, 1), (-1, 0.8)])
    local = np.concatenate([local * (1, -1), local[::-1]]) * (a, b)
    hull = shapes.place(local, centre, heading)
    if wake:
        trail = np.array([(0.6 * a, 0), (-4.5 * a, 1.6 * b), (-4.2 * a, 0.0), (-4.5 * a, -1.6 * b)])
        canvas.polygon(shapes.place(trail, centre, heading), "foam", 0.8)
    canvas.shadow(hull, 3.0 if small else 9.0)
    paint = "navy" if kind == "warship" else canvas.pick("hull", "red hull", "white paint", "hull")
    canvas.polygon(hull, "white paint" if small and canvas.chance(0.7) else paint)
    inner = shapes.place(local * (0.93, 0.8), centre, heading)
    canvas.polygon(inner, "navy" if kind == "warship" else "deck" if not small else "white paint")
    _superstructure(canvas, kind, centre, heading, a, b)
    if canvas.look == "sar":
        for part in (hull, inner):
            canvas.glints(part, 5)
    canvas.add("ship", [hull], heading)


def _superstructure(canvas: Canvas, kind: str, centre: Points, heading: float, a: float, b: float) -> None:
    def box(x: float, y: float, long: float, wide: float, material: str, shade: float = 1.0) -> None:
        at = shapes.place([(x * a, y * b)], centre, heading)[0]
        canvas.polygon(shapes.rectangle(at, long * a, wide * b, heading), material, shade)

    if kind == "boat":
        box(-0.1, 0, 0.7, 1.0, "glass" if canvas.chance(0.5) else "deck")
        box(-0.2, 0, 0.4, 0.8, "white paint", 1.05)
    elif kind == "warship":
        box(0.1, 0, 0.5, 1.1, "navy", 1.15)
        box(-0.3, 0, 0.3, 1.0, "navy", 0.85)
        box(0.15, 0, 0.14, 0.6, "hot")
        box(-0.75, 0, 0.3, 1.3, "dark roof")
        box(0.55, 0, 0.1, 0.5, "navy", 0.7)
    else:
        if kind == "container":
            for column in np.arange(-0.55, 0.72, 0.16):
                for row in (-0.5, 0.0, 0.5):
                    box(column, row, 0.14, 0.46, canvas.pick(*CONTAINERS))
        elif kind == "tanker":
            box(0.05, 0, 1.4, 0.12, "rust")
            box(0.05, 0, 0.08, 1.3, "metal", 0.8)
        else:
            for column in np.arange(-0.45, 0.7, 0.26):
                box(column, 0, 0.2, 1.0, "rust" if canvas.look != "sar" else "metal", 0.9)
        box(-0.78, 0, 0.22, 1.45, "white paint", 1.05)
        box(-0.9, 0, 0.08, 0.4, "hot")
