"""Scenes of sport and leisure: stadium, playground, courts, diamonds, golf course, park."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .scenes_built import school_yard
from .shapes import Points
from .structures import (
    draw_block,
    draw_diamond,
    draw_house,
    draw_pitch,
    draw_tennis_court,
    draw_track,
)
from .vegetation import draw_grove, draw_tree_row, draw_trees, plain, woods
from .vehicles import draw_car

PAIRS = (("pavement", "concrete"), ("grass", "lawn"), ("grass", "dry grass"))


def stadium(canvas: Canvas) -> None:
    """An oval bowl of stands around a pitch, roofed all round or in part."""
    size, unit = canvas.size, canvas.metres(1.0)
    canvas.ground(plain(canvas, "pavement", canvas.pick("concrete", "old asphalt")))
    draw_trees(canvas, canvas.number(0, 40))
    centre = size * canvas.rng.uniform(0.44, 0.56, 2)
    angle = canvas.between(0, np.pi)
    a, b = canvas.between(102, 122) * unit, canvas.between(84, 100) * unit
    square = canvas.between(0.55, 1.0)

    def ring(share: float) -> Points:
        turn = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        cos, sin = np.cos(turn), np.sin(turn)
        local = np.stack([np.sign(cos) * np.abs(cos) ** square, np.sign(sin) * np.abs(sin) ** square], 1)
        inner = np.array([62.0, 44.0]) * unit
        return shapes.place(local * (inner + (np.array([a, b]) - inner) * share), centre, angle)

    canvas.polygon(ring(1.22), "concrete", 0.95)
    canvas.raised(ring(1.0), 22, canvas.pick("white roof", "grey roof", "blue roof"), lean=6)
    roofed = canvas.between(0.3, 0.85)
    for rib in range(0, 64, 2):
        canvas.line(np.array([ring(roofed)[rib], ring(1.0)[rib]]), "grey roof", 0.4, 0.85)
    canvas.polygon(ring(roofed), canvas.pick("seats", "blue seats", "red seats"), 0.85)
    for row in np.arange(roofed - 0.08, 0.04, -0.1):
        canvas.outline(ring(row), "seats", 0.5, canvas.between(0.75, 1.2))
    canvas.polygon(ring(0.02), canvas.pick("track", "lawn", "pavement"))
    draw_pitch(canvas, centre, angle, 105, 68, "pitch")
    for _ in range(canvas.number(0, 25)):
        turn = canvas.between(0, 6.3)
        spot = centre + shapes.direction(turn) * a * canvas.between(1.35, 1.7)
        if canvas.inside(spot):
            draw_car(canvas, spot, angle)


def playground(canvas: Canvas) -> None:
    """A running track with a pitch inside, by a school."""
    size = canvas.size
    canvas.ground(plain(canvas, *PAIRS[canvas.number(0, 2)]))
    centre = size * canvas.rng.uniform(0.42, 0.58, 2)
    angle = canvas.between(0, np.pi)
    right = shapes.direction(angle + np.pi / 2)
    draw_trees(canvas, canvas.number(0, 30))
    draw_track(canvas, centre, angle, field=canvas.pick("pitch", "lawn", "pitch", "infield"))
    beyond = canvas.metres(64)
    side = 1 if canvas.chance(0.5) else -1
    for number in range(canvas.number(0, 3)):
        along = shapes.direction(angle) * canvas.metres(40 * (number - 1))
        school_yard(canvas, centre + right * side * beyond + along, angle + np.pi / 2)
    for place in np.arange(-0.4, 0.5, 0.3):
        at = centre - right * side * (beyond + canvas.metres(8)) + shapes.direction(angle) * size * place
        roof = canvas.pick("red roof", "grey roof", "white roof")
        draw_block(canvas, at, size * 0.22, canvas.metres(16), angle, 12, roof)


def tennis_court(canvas: Canvas) -> None:
    """One to a dozen tennis courts in rows, sometimes a basketball court."""
    size = canvas.size
    canvas.ground(plain(canvas, canvas.pick("grass", "lawn", "pavement"), canvas.pick("grass", "dry grass")))
    angle = canvas.pick_angle() + (np.pi / 2 if canvas.chance(0.5) else 0)
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    centre = size * canvas.rng.uniform(0.4, 0.6, 2)
    floors = [("hard court", "green court"), ("clay", "clay"), ("green court", "green court"),
              ("hard court", "hard court"), ("green court", "clay")]  # fmt: skip
    floor, apron = floors[canvas.number(0, 4)]
    columns, rows = canvas.number(1, 3), canvas.number(1, 5)
    for column in range(columns):
        for row in range(rows):
            local = ahead * canvas.metres(37) * (column - (columns - 1) / 2)
            at = centre + local + right * canvas.metres(17.4) * (row - (rows - 1) / 2)
            if canvas.inside(at, canvas.metres(10)):
                draw_tennis_court(canvas, at, angle, floor, apron)
    reach = canvas.metres(37) * columns / 2 + canvas.metres(18)
    if canvas.chance(0.35):
        school_yard(canvas, centre + ahead * (reach + canvas.metres(4)), angle + np.pi / 2)
    else:
        draw_house(canvas, centre + ahead * reach, angle, canvas.pick("red roof", "white roof"))
    for side in (-1, 1):
        edge = centre + right * side * (canvas.metres(17.4) * rows / 2 + canvas.metres(6))
        row_path = edge + np.linspace(-1, 1, 9)[:, None] * size * ahead
        draw_tree_row(canvas, row_path, canvas.between(7, 16))
    draw_grove(canvas, centre - ahead * (reach + canvas.metres(15)), canvas.metres(14), canvas.number(0, 14))


def baseball_diamond(canvas: Canvas) -> None:
    """One field, or up to four back to back."""
    size = canvas.size
    canvas.ground(plain(canvas, "grass", canvas.pick("grass", "dry grass", "lawn")))
    fields = 1 if canvas.chance(0.55) else canvas.number(2, 4)
    turn = canvas.between(0, 2 * np.pi)
    middle = size * canvas.rng.uniform(0.44, 0.56, 2)
    draw_trees(canvas, canvas.number(0, 30))
    for number in range(fields):
        heading = turn + number * (np.pi / 2 if fields > 2 else np.pi)
        reach = canvas.metres(24) if fields == 1 else canvas.metres(46)
        shift = -shapes.direction(heading) * reach if fields == 1 else shapes.direction(heading) * reach
        draw_diamond(canvas, middle + shift, heading)
    if canvas.chance(0.6):
        edge = middle + shapes.direction(turn + np.pi / 4) * size * 0.46
        row = edge + np.linspace(-1, 1, 9)[:, None] * size * shapes.direction(turn - np.pi / 4)
        canvas.road(row, canvas.metres(7), canvas.pick("asphalt", "path"))
        for spot, heading in shapes.along(shapes.shifted(row, canvas.metres(7)), canvas.metres(6)):
            if canvas.inside(spot) and canvas.chance(0.4):
                draw_car(canvas, spot, heading + np.pi / 2)


def golf_course(canvas: Canvas) -> None:
    """Winding fairways with pale bunkers, greens, ponds and rows of trees."""
    size = canvas.size
    canvas.ground(plain(canvas, "grass", canvas.pick("grass", "dry grass", "forest")))
    if canvas.chance(0.6):
        for _ in range(canvas.number(1, 4)):
            centre = canvas.rng.uniform(0, size, 2)
            canvas.patch(shapes.blob(canvas.rng, centre, size * canvas.between(0.1, 0.22)), woods(canvas))
    turn = canvas.between(0, np.pi)
    holes = canvas.number(2, 4)
    for number in range(holes):
        offset = shapes.direction(turn + np.pi / 2) * size * ((number + 0.5) / holes - 0.5) * 1.15
        path = shapes.crossing(canvas.rng, size, angle=turn + canvas.between(-0.2, 0.2),
                               bend=0.06, waves=2, through=0.02) + offset  # fmt: skip
        _hole(canvas, path[14 + canvas.number(0, 8) : 40 + canvas.number(0, 10)], size / holes)
        edge = shapes.shifted(path, size / holes * 0.5)
        draw_tree_row(canvas, edge, canvas.between(7, 15), 3.5)
    if canvas.chance(0.5):
        pond = shapes.blob(
            canvas.rng, canvas.rng.uniform(0.2, 0.8, 2) * size, size * canvas.between(0.06, 0.12)
        )
        canvas.polygon(pond, canvas.pick("water", "deep water"))
    canvas.line(shapes.crossing(canvas.rng, size, bend=0.12, waves=2.5), "path", 0.8)


def _hole(canvas: Canvas, path: Points, room: float) -> None:
    wide = room * canvas.between(0.3, 0.5)
    swell = 1 + 0.3 * np.sin(np.linspace(0, 9, len(path)) + canvas.between(0, 6))
    ends = np.minimum(1, np.minimum(np.arange(len(path)) + 0.6, len(path) - np.arange(len(path)) - 0.4) / 4)
    canvas.polygon(shapes.ribbon(path, wide * swell * np.sqrt(ends)), "fairway")
    green = path[-1]
    canvas.polygon(shapes.blob(canvas.rng, green, wide * 0.5, rough=0.15), "green")
    for _ in range(canvas.number(2, 5)):
        at = green + shapes.direction(canvas.between(0, 6.3)) * wide * canvas.between(0.55, 0.9)
        canvas.polygon(shapes.blob(canvas.rng, at, wide * canvas.between(0.1, 0.24)), "sand", 1.06)
    at = path[len(path) // 2] + canvas.rng.normal(0, wide * 0.5, 2)
    canvas.polygon(shapes.blob(canvas.rng, at, wide * 0.2), "sand", 1.06)
    canvas.polygon(shapes.rectangle(path[0], 5, 4, canvas.between(0, 3)), "green")


def park(canvas: Canvas) -> None:
    """Lawns and groves, winding paths, a pond, a square."""
    size = canvas.size
    canvas.ground(plain(canvas, "lawn", canvas.pick("grass", "lawn"), grain=0.03))
    for _ in range(canvas.number(2, 4)):
        centre = canvas.rng.uniform(0, size, 2)
        canvas.patch(shapes.blob(canvas.rng, centre, size * canvas.between(0.1, 0.2)), woods(canvas, "tree"))
    centre = size * canvas.rng.uniform(0.35, 0.65, 2)
    if canvas.chance(0.8):
        pond = shapes.blob(canvas.rng, centre, size * canvas.between(0.1, 0.2), rough=0.5)
        canvas.polygon((pond - centre) * 1.12 + centre, "path")
        canvas.polygon(pond, canvas.pick("water", "shallow water"))
    for _ in range(canvas.number(3, 6)):
        path = shapes.crossing(canvas.rng, size, bend=canvas.between(0.05, 0.16), waves=2)
        canvas.road(path, canvas.metres(canvas.between(3, 5)), "path")
    if canvas.chance(0.7):
        square = size * canvas.rng.uniform(0.2, 0.8, 2)
        radius = size * canvas.between(0.06, 0.1)
        canvas.disc(square, radius, "pavement")
        canvas.disc(square, radius * 0.55, canvas.pick("lawn", "water", "clay"))
        canvas.disc(square, radius * 0.2, "concrete")
    draw_trees(canvas, int(canvas.number(40, 110) * canvas.density), radius=3.5)
    if canvas.chance(0.4):
        draw_house(canvas, size * canvas.rng.uniform(0.1, 0.9, 2), canvas.between(0, 3), "red roof")
