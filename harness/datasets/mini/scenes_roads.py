"""Scenes of road and rail: highway, overpass, roundabout, parking, railway, station."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .shapes import Points
from .structures import draw_block, draw_house, draw_shed
from .vegetation import draw_tree, draw_tree_row, draw_trees, plain
from .vehicles import draw_car, draw_lorry, draw_traffic, draw_train

ROOFS = ("red roof", "brown roof", "grey roof", "dark roof", "white roof", "blue roof")


def _surroundings(canvas: Canvas) -> None:
    pairs = [("grass", "dry grass"), ("grass", "forest"), ("soil", "grass"), ("pavement", "concrete")]
    first, second = pairs[canvas.number(0, 3)]
    canvas.ground(plain(canvas, first, second))


def _carriageway(canvas: Canvas, path: Points, lanes: int, *, every: float) -> float:
    """A dual carriageway with traffic both ways; returns its whole width in pixels."""
    lane = canvas.metres(3.75)
    median = canvas.metres(3.0)
    whole = lane * (2 * lanes + 1.6) + median
    canvas.road(path, whole, "old asphalt")
    canvas.road(path, median, canvas.pick("grass", "concrete"))
    for side in (-1, 1):
        inner, outer = median / 2, median / 2 + lane * lanes
        canvas.road(shapes.shifted(path, side * (inner + outer) / 2), outer - inner, "asphalt")
        for edge in (inner + 0.3, outer):
            canvas.line(shapes.shifted(path, side * edge), "marking", 0.4)
        for mark in range(1, lanes):
            lane_mark = shapes.shifted(path, side * (inner + lane * mark))
            canvas.dashes(lane_mark, "marking", 0.4, canvas.metres(6), canvas.metres(9))
        for number in range(lanes):
            way = shapes.shifted(path, side * (inner + lane * (number + 0.5)))
            draw_traffic(canvas, way if side > 0 else way[::-1], every)
    return whole


def highway(canvas: Canvas) -> None:
    """A dual carriageway with several lanes each way, straight or in a wide curve."""
    _surroundings(canvas)
    path = shapes.crossing(canvas.rng, canvas.size, bend=canvas.between(0, 0.12), waves=0.9, through=0.1)
    if canvas.chance(0.5):
        for side in (-1, 1):
            beside = shapes.shifted(path, side * canvas.metres(canvas.between(32, 60)))
            draw_tree_row(canvas, beside, canvas.between(9, 20))
    draw_trees(canvas, int(canvas.number(0, 40) * canvas.density))
    _carriageway(canvas, path, canvas.number(2, 4), every=canvas.between(25, 90) / canvas.density)
    if canvas.chance(0.3):
        edge = shapes.shifted(path, canvas.metres(canvas.between(9, 14)))
        draw_tree_row(canvas, edge, canvas.between(9, 30), 4, over=True)
    if canvas.chance(0.25):
        beside = shapes.shifted(path, canvas.metres(30))
        canvas.road(beside, canvas.metres(7))
        draw_traffic(canvas, beside, 80)


def overpass(canvas: Canvas) -> None:
    """Two highways crossing on two levels, with ramps."""
    _surroundings(canvas)
    draw_trees(canvas, canvas.number(0, 30))
    size = canvas.size
    first = canvas.between(0, np.pi)
    second = first + np.pi / 2 + canvas.between(-0.4, 0.4)
    middle = size * canvas.rng.uniform(0.44, 0.56, 2)
    reach = np.linspace(-1.5, 1.5, 61)[:, None] * size
    lower = middle + reach * shapes.direction(first)
    upper = middle + reach * shapes.direction(second)
    for corner in range(4):
        if canvas.chance(0.75):
            _ramp(canvas, middle, first + corner * np.pi / 2, size * canvas.between(0.2, 0.34),
                  loop=canvas.chance(0.5))  # fmt: skip
    every = canvas.between(35, 90) / canvas.density
    _carriageway(canvas, lower, canvas.number(2, 3), every=every)
    lanes = canvas.number(1, 3)
    width = canvas.metres(3.75) * (2 * lanes + 1.6) + canvas.metres(3)
    deck = shapes.rectangle(middle, canvas.metres(70), width * 1.08, second)
    canvas.shadow(deck, 8)
    canvas.polygon(shapes.ribbon(upper, width * 1.08), "concrete")
    _carriageway(canvas, upper, lanes, every=every)
    canvas.bright_edges(deck)


def _ramp(canvas: Canvas, middle: Points, angle: float, radius: float, *, loop: bool) -> None:
    if loop:
        centre = middle + shapes.direction(angle + np.pi / 4) * radius
        turn = np.linspace(0, 2 * np.pi, 49)
        path = centre + radius * 0.72 * np.stack([np.cos(turn), np.sin(turn)], 1)
    else:
        start = middle + shapes.direction(angle) * radius * 2.2
        end = middle + shapes.direction(angle + np.pi / 2) * radius * 2.2
        bend = middle + shapes.direction(angle + np.pi / 4) * radius * 0.5
        t = np.linspace(0, 1, 31)[:, None]
        path = (1 - t) ** 2 * start + 2 * t * (1 - t) * bend + t**2 * end
    canvas.road(path, canvas.metres(8.5), "old asphalt")
    canvas.road(path, canvas.metres(6.5), "asphalt")
    draw_traffic(canvas, path, 60)


def roundabout(canvas: Canvas) -> None:
    """A ring road with an island and three to five arms."""
    _surroundings(canvas)
    size = canvas.size
    centre = size * canvas.rng.uniform(0.42, 0.58, 2)
    outer = canvas.metres(canvas.between(24, 42))
    ring = canvas.metres(canvas.between(9, 13))
    arms = canvas.number(3, 5)
    turn = canvas.between(0, 6.3)
    angles = [turn + 2 * np.pi * arm / arms + canvas.between(-0.2, 0.2) for arm in range(arms)]
    if canvas.chance(0.7):
        _houses_between(canvas, centre, outer, angles)
    for angle in angles:
        arm = centre + shapes.direction(angle) * np.linspace(0, 1.5 * size, 31)[:, None]
        canvas.road(arm, canvas.metres(14), "pavement")
        canvas.road(arm, canvas.metres(10.5))
        canvas.dashes(arm[2:], "marking", 0.45, canvas.metres(4), canvas.metres(5))
        draw_traffic(canvas, shapes.shifted(arm, canvas.metres(2.6))[3:], 45 / canvas.density)
    if canvas.room("roundabout"):
        whole = shapes.ellipse(centre, outer, outer)
        canvas.polygon(whole, "asphalt")
        canvas.disc(centre, outer - ring, "pavement")
        canvas.disc(centre, outer - ring - 1.2, canvas.pick("grass", "lawn", "dry grass"))
        path = shapes.ellipse(centre, outer - ring / 2, outer - ring / 2)
        canvas.dashes(path, "marking", 0.4, canvas.metres(3), canvas.metres(4))
        if canvas.chance(0.5):
            canvas.disc(centre, (outer - ring) * 0.4, canvas.pick("concrete", "water", "path"))
        for _ in range(canvas.number(0, 8)):
            spot = centre + shapes.direction(canvas.between(0, 6.3)) * (outer - ring) * canvas.between(
                0, 0.75
            )
            draw_tree(canvas, spot, 3)
        canvas.add("roundabout", [whole], 0.0)
        draw_traffic(canvas, path, 40 / canvas.density)


def _houses_between(canvas: Canvas, centre: Points, outer: float, angles: list[float]) -> None:
    for _ in range(int(canvas.number(8, 26) * canvas.density)):
        angle, reach = canvas.between(0, 6.3), outer + canvas.between(0.1, 0.6) * canvas.size
        gap = min(abs((angle - arm + np.pi) % (2 * np.pi) - np.pi) for arm in angles)
        if gap * reach < canvas.metres(18):
            continue
        spot = centre + shapes.direction(angle) * reach
        if canvas.chance(0.5):
            draw_tree(canvas, spot, 4)
        else:
            draw_house(canvas, spot, angle, canvas.pick(*ROOFS))


def parking(canvas: Canvas) -> None:
    """Marked bays in double rows with cars in most of them."""
    canvas.ground(plain(canvas, "asphalt", canvas.pick("old asphalt", "asphalt", "pavement"), grain=0.025))
    size, unit = canvas.size, canvas.metres(1.0)
    angle = canvas.pick_angle()
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = np.array([size / 2, size / 2])
    busy = float(np.clip(canvas.between(0.25, 0.95) * canvas.density, 0.1, 0.97))
    slant = canvas.pick("straight", "straight", "slant") == "slant"
    lean = 0.5 if slant else 0.0
    pitch, bay = canvas.between(17, 20) * unit, 2.75 * unit
    reach = np.arange(-0.75 * size, 0.75 * size, pitch)
    for row in reach:
        line = middle + right * row
        kerb = np.array([line - ahead * size, line + ahead * size])
        green = canvas.chance(0.25)
        if green:
            canvas.line(kerb, canvas.pick("grass", "concrete"), 1.6 * unit)
        for place in np.arange(-0.75 * size, 0.75 * size, bay):
            _bay(canvas, line + ahead * place, angle, lean, busy)
        if green:
            draw_tree_row(canvas, kerb, 16, 2.2, over=True)
    if canvas.chance(0.4):
        edge = middle + right * size * canvas.between(0.38, 0.5) * (1 if canvas.chance(0.5) else -1)
        roof = canvas.pick(*ROOFS[2:])
        draw_block(canvas, edge, size * 0.8, size * 0.24, angle, 8, roof)
        box = shapes.rectangle(edge, size * 0.8, size * 0.24, angle)
        canvas.forget(box)


def _bay(canvas: Canvas, foot: Points, angle: float, lean: float, busy: float) -> None:
    unit = canvas.metres(1.0)
    if not canvas.inside(foot, 8 * unit):
        return
    for side in (-1, 1):
        heading = angle + side * (np.pi / 2 - lean)
        into = shapes.direction(heading)
        mark = foot - shapes.direction(angle) * 1.37 * unit
        canvas.line(np.array([mark + into * 0.4 * unit, mark + into * 5.4 * unit]), "marking", 0.35)
        if canvas.chance(busy):
            nose = heading if canvas.chance(0.7) else heading + np.pi
            draw_car(canvas, foot + into * canvas.between(3.0, 3.3) * unit, nose)


def railway(canvas: Canvas) -> None:
    """A few parallel tracks on ballast through open land or town."""
    _surroundings(canvas)
    draw_trees(canvas, int(canvas.number(0, 50) * canvas.density))
    size = canvas.size
    path = shapes.crossing(canvas.rng, size, bend=canvas.between(0, 0.08), waves=0.8, through=0.12)
    if canvas.chance(0.4):
        for point, heading in shapes.along(path, canvas.metres(30)):
            for side in (-1, 1):
                away = shapes.direction(heading + np.pi / 2) * side * canvas.metres(canvas.between(45, 80))
                draw_house(canvas, point + away, heading, canvas.pick(*ROOFS))
    tracks = canvas.number(1, 5)
    _tracks(canvas, path, tracks)
    for number in range(tracks):
        if canvas.chance(0.35):
            track = shapes.shifted(path, canvas.metres(4.8) * (number - (tracks - 1) / 2))
            draw_train(canvas, track, canvas.between(0, size), canvas.number(4, 14))


def _tracks(canvas: Canvas, path: Points, tracks: int) -> None:
    gap = canvas.metres(4.8)
    canvas.road(path, gap * (tracks + 0.6), "ballast")
    for number in range(tracks):
        track = shapes.shifted(path, gap * (number - (tracks - 1) / 2))
        canvas.road(
            track,
            canvas.metres(2.6),
            "ballast",
        )
        if canvas.metres(1.4) > 1.2:
            canvas.dashes(track, "sleeper", canvas.metres(2.5), 0.4, canvas.metres(1.6))
        else:
            canvas.line(track, "sleeper", canvas.metres(2.4))
        for side in (-1, 1):
            canvas.line(shapes.shifted(track, side * canvas.metres(0.75)), "rail", 0.5)


def railway_station(canvas: Canvas) -> None:
    """A fan of tracks with long platforms, their roofs, trains, and the station building."""
    canvas.ground(plain(canvas, "pavement", canvas.pick("ballast", "old asphalt", "concrete")))
    size = canvas.size
    angle = canvas.pick_angle()
    middle = size * canvas.rng.uniform(0.4, 0.55, 2)
    reach = np.linspace(-1.5, 1.5, 41)[:, None] * size * shapes.direction(angle)
    right = shapes.direction(angle + np.pi / 2)
    islands = canvas.number(2, 5)
    place = -islands / 2 * canvas.metres(22)
    half = size * canvas.between(0.3, 0.5)
    for _ in range(islands):
        path = middle + right * (place + canvas.metres(5)) + reach
        _tracks(canvas, path, 2)
        for number in (-0.5, 0.5):
            if canvas.chance(0.45):
                track = shapes.shifted(path, canvas.metres(4.8) * number)
                draw_train(canvas, track, size * canvas.between(0.5, 1.2), canvas.number(5, 12))
        at = middle + right * (place + canvas.metres(16))
        canvas.polygon(shapes.rectangle(at, half * 2, canvas.metres(9), angle), "concrete")
        roof = shapes.rectangle(at, half * canvas.between(1.0, 1.8), canvas.metres(7), angle)
        canvas.raised(roof, 5, canvas.pick("white roof", "grey roof", "blue roof"))
        canvas.polygon(shapes.rectangle(at, half, 0.7, angle), "dark roof")
        place += canvas.metres(22)
    hall = middle + right * (place + canvas.metres(canvas.between(24, 34)))
    draw_shed(
        canvas, hall, size * canvas.between(0.3, 0.5), canvas.metres(30), angle, canvas.pick(*ROOFS[2:])
    )
    square = hall + right * canvas.metres(50)
    for place in np.arange(-0.5, 0.5, 0.08):
        spot = square + shapes.direction(angle) * size * place
        if canvas.inside(spot) and canvas.chance(0.6):
            (draw_car if canvas.chance(0.7) else draw_lorry)(canvas, spot, angle)
