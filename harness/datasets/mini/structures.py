"""Buildings, tanks, courts and fields; the sports grounds and tanks are labelled objects."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .shapes import Points


def draw_house(canvas: Canvas, centre: Points, heading: float, roof: str) -> None:
    """A small house with a ridge roof."""
    long, wide = canvas.metres(canvas.between(10, 17)), canvas.metres(canvas.between(7, 10))
    walls = shapes.rectangle(centre, long, wide, heading)
    canvas.raised(walls, canvas.between(4, 8), roof, 0.92, lean=3)
    lit = shapes.direction(heading + np.pi / 2)
    side = -1.0 if lit @ canvas.away > 0 else 1.0
    half = shapes.rectangle(centre + lit * side * wide / 4, long, wide / 2, heading)
    canvas.polygon(half, roof, 1.12)
    if canvas.chance(0.4):
        ell = shapes.direction(heading) * long * 0.25 + lit * wide * 0.55
        canvas.polygon(shapes.rectangle(centre + ell, wide * 0.7, wide * 0.8, heading), roof)


def draw_block(
    canvas: Canvas, centre: Points, long: float, wide: float, heading: float, height: float, roof: str
) -> None:
    """A flat-roofed building with a parapet and machines on its roof (sizes in pixels)."""
    walls = shapes.rectangle(centre, long, wide, heading)
    canvas.raised(walls, height, roof, lean=8)
    if min(long, wide) < 5:
        return
    canvas.outline(shapes.rectangle(centre, long * 0.96, wide * 0.96, heading), roof, 0.5, 1.15)
    for _ in range(canvas.number(1, 4)):
        local = canvas.rng.uniform(-0.35, 0.35, 2) * (long, wide)
        at = shapes.place([local], centre, heading)[0]
        size = canvas.metres(canvas.between(2, 5))
        canvas.raised(shapes.rectangle(at, size, size * 0.8, heading), 2.0, "metal", 0.85)


def draw_shed(canvas: Canvas, centre: Points, long: float, wide: float, heading: float, roof: str) -> None:
    """A long industrial hall: ribbed roof in bays, roof lights (sizes in pixels)."""
    canvas.raised(shapes.rectangle(centre, long, wide, heading), canvas.between(8, 14), roof, lean=6)
    bays = max(1, round(wide / canvas.metres(canvas.between(12, 22))))
    across = shapes.direction(heading + np.pi / 2)
    for bay in range(bays):
        at = centre + across * wide * ((bay + 0.25) / bays - 0.5)
        canvas.polygon(shapes.rectangle(at, long, wide / bays / 2, heading), roof, 0.88)
    ahead = shapes.direction(heading)
    if canvas.chance(0.6):
        for step in np.arange(-0.42, 0.45, 0.14):
            strip = shapes.rectangle(centre + ahead * long * step, 0.8, wide * 0.8, heading)
            canvas.polygon(strip, "white roof", 0.95)


def draw_tank(canvas: Canvas, centre: Points, radius: float, *, floating: bool, paint: str) -> None:
    """A storage tank seen from above; ``radius`` in pixels."""
    if not canvas.room("storage tank"):
        return
    shell = shapes.ellipse(centre, radius, radius)
    canvas.shadow(shell, canvas.between(10, 18))
    canvas.polygon(shell, "tank rim" if floating else paint)
    if floating:
        fall = canvas.away * radius * 0.12
        inner = shapes.ellipse(centre, radius * 0.88, radius * 0.88)
        canvas.polygon(inner, paint, 0.5)
        canvas.polygon(shapes.ellipse(centre + fall, radius * 0.75, radius * 0.75), paint, 0.92)
    else:
        canvas.disc(centre - canvas.away * radius * 0.2, radius * 0.7, paint, 1.05)
        canvas.disc(centre - canvas.away * radius * 0.3, radius * 0.4, paint, 1.1)
        canvas.disc(centre, max(radius * 0.08, 0.5), "tank rim", 0.8)
    if canvas.look == "sar":
        canvas.disc(centre, radius * 0.8, paint, 0.35)
        arc = shapes.ellipse(centre, radius * 0.9, radius * 0.9)
        facing = (arc - centre) @ canvas.away < -0.45 * radius
        for spot in arc[facing]:
            canvas.disc(spot, 0.9, "metal", 1.3)
        canvas.disc(centre + canvas.away * radius * 0.4, 0.9, "metal", 1.2)
    canvas.add("storage tank", [shell], 0.0)


def draw_tennis_court(canvas: Canvas, centre: Points, heading: float, floor: str, apron: str) -> None:
    """A tennis court: the label is its double court, 23.77 m x 10.97 m."""
    if not canvas.room("tennis court"):
        return
    unit = canvas.metres(1.0)
    canvas.polygon(shapes.rectangle(centre, 36 * unit, 17.5 * unit, heading), apron)
    court = shapes.rectangle(centre, 23.77 * unit, 10.97 * unit, heading)
    canvas.polygon(court, "marking")
    inner = shapes.rectangle(centre, 23.3 * unit, 10.5 * unit, heading)
    canvas.polygon(inner, floor)
    rules = [((-11.88, y), (11.88, y)) for y in (-4.11, 4.11)]
    rules += [((x, -4.11), (x, 4.11)) for x in (-6.4, 6.4)]
    rules += [((-6.4, 0), (6.4, 0))]
    for rule in rules:
        canvas.line(shapes.place(rule, centre, heading, unit), "marking", max(0.12 * unit, 0.34))
    net = shapes.place([(0, -5.6), (0, 5.6)], centre, heading, unit)
    canvas.line(net, "metal" if canvas.look == "sar" else "glass", max(0.15 * unit, 0.5))
    canvas.add("tennis court", [court], heading)


def draw_basketball_court(canvas: Canvas, centre: Points, heading: float, floor: str) -> None:
    """A basketball court, 28 m x 15 m."""
    if not canvas.room("basketball court"):
        return
    unit = canvas.metres(1.0)
    court = shapes.rectangle(centre, 28 * unit, 15 * unit, heading)
    canvas.polygon(shapes.rectangle(centre, 32 * unit, 19 * unit, heading), floor, 0.85)
    canvas.polygon(court, "marking")
    canvas.polygon(shapes.rectangle(centre, 27.4 * unit, 14.4 * unit, heading), floor)
    width = max(0.2 * unit, 0.34)
    canvas.line(shapes.place([(0, -7.4), (0, 7.4)], centre, heading, unit), "marking", width)
    canvas.outline(shapes.ellipse(centre, 1.8 * unit, 1.8 * unit), "marking", width)
    for end in (-1, 1):
        key = shapes.place([(end * 11.1, 0)], centre, heading, unit)[0]
        canvas.polygon(shapes.rectangle(key, 5.8 * unit, 4.9 * unit, heading), "clay")
        turn = np.linspace(-1.4, 1.4, 13)
        arc = np.stack([end * (12.4 - 6.7 * np.cos(turn)), 6.7 * np.sin(turn)], 1)
        canvas.line(shapes.place(arc, centre, heading, unit), "marking", width)
    canvas.add("basketball court", [court], heading)


def draw_diamond(canvas: Canvas, centre: Points, heading: float) -> None:
    """A baseball field; the label is its clay infield, a quarter disc pointing at home plate."""
    if not canvas.room("baseball diamond"):
        return
    unit = canvas.metres(1.0)
    fan = np.linspace(-np.pi / 4, np.pi / 4, 19)

    def sector(radius: float) -> Points:
        arc = np.stack([radius * np.cos(fan), radius * np.sin(fan)], 1)
        return np.concatenate([[(0.0, 0.0)], arc])

    home = shapes.place([(-20.0, 0)], centre, heading, unit)[0]
    canvas.polygon(shapes.place(sector(100) - (4, 0), home, heading, unit), "lawn", 1.08)
    if canvas.look != "sar":
        for ring in range(92, 50, -12):
            canvas.polygon(
                shapes.place(sector(ring), home, heading, unit), "lawn", 1 + 0.08 * (ring // 12 % 2)
            )
    infield = shapes.place(np.concatenate([sector(40), [(-4.0, -3.0), (-4.0, 3.0)]])[1:], home, heading, unit)
    canvas.polygon(infield, "infield")
    square = np.array([(2.5, 0), (19.4, -16.9), (36.3, 0), (19.4, 16.9)])
    grass = (square - (19.4, 0)) * 0.86 + (19.4, 0)
    canvas.polygon(shapes.place(grass, home, heading, unit), "lawn")
    canvas.disc(shapes.place([(18.4, 0)], home, heading, unit)[0], 2.8 * unit, "infield")
    for base in square:
        canvas.disc(shapes.place([base], home, heading, unit)[0], max(0.6 * unit, 0.5), "marking")
    for side in (-1, 1):
        foul = shapes.place([(0, 0), (68, 68 * side)], home, heading, unit)
        canvas.line(foul, "marking", max(0.2 * unit, 0.34))
    canvas.add("baseball diamond", [infield], heading)


def draw_track(canvas: Canvas, centre: Points, heading: float, *, field: str = "pitch") -> None:
    """A running track of 400 m with a football field inside."""
    if not canvas.room("ground track field"):
        return
    unit = canvas.metres(1.0)
    outer = _oval(46.0, 42.2)
    canvas.polygon(shapes.place(outer, centre, heading, unit), "track")
    for lane in (43.5, 41, 39):
        ring = shapes.place(_oval(lane, 42.2), centre, heading, unit)
        canvas.outline(ring, "marking", max(0.15 * unit, 0.34), 0.9)
    canvas.polygon(shapes.place(_oval(36.5, 42.2), centre, heading, unit), field, 0.96)
    draw_pitch(canvas, centre, heading, 100.0, 62.0, field)
    canvas.add("ground track field", [shapes.place(outer, centre, heading, unit)], heading)


def _oval(radius: float, half_straight: float) -> Points:
    turn = np.linspace(-np.pi / 2, np.pi / 2, 25)
    right = np.stack([half_straight + radius * np.cos(turn), radius * np.sin(turn)], 1)
    return np.concatenate([right, -right])


def draw_pitch(canvas: Canvas, centre: Points, heading: float, long: float, wide: float, field: str) -> None:
    """A football field in mown stripes (sizes in metres)."""
    unit = canvas.metres(1.0)
    ahead = shapes.direction(heading)
    for stripe in range(10):
        at = centre + ahead * long * unit * ((stripe + 0.5) / 10 - 0.5)
        strip = shapes.rectangle(at, long * unit / 9.9, wide * unit, heading)
        canvas.polygon(strip, field, 1.06 if stripe % 2 else 0.96)
    width = max(0.2 * unit, 0.34)
    canvas.outline(shapes.rectangle(centre, long * unit, wide * unit, heading), "marking", width)
    middle = shapes.place([(0, -wide / 2), (0, wide / 2)], centre, heading, unit)
    canvas.line(middle, "marking", width)
    canvas.outline(shapes.ellipse(centre, 9.15 * unit, 9.15 * unit), "marking", width)
    for end in (-1, 1):
        box = shapes.place([(end * (long / 2 - 8.2), 0)], centre, heading, unit)[0]
        canvas.outline(shapes.rectangle(box, 16.5 * unit, 40 * unit, heading), "marking", width)
