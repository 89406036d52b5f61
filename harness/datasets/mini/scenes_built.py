"""Scenes of town and works: residential, commercial, industrial, storage tanks."""

from __future__ import annotations

import numpy as np

from . import shapes
from .canvas import Canvas
from .shapes import Points
from .structures import draw_basketball_court, draw_block, draw_house, draw_shed, draw_tank
from .vegetation import draw_tree, draw_tree_row, draw_trees, plain
from .vehicles import draw_car, draw_traffic

HOMES = ("red roof", "red roof", "brown roof", "grey roof", "dark roof")
FLATS = ("grey roof", "white roof", "dark roof", "brown roof", "pavement")

YARDS = (("concrete", "pavement"), ("pale soil", "soil"), ("grass", "dry grass"), ("pavement", "pale soil"))


def residential(canvas: Canvas) -> None:
    """Rows of houses with gardens along a grid of streets."""
    size, unit = canvas.size, canvas.metres(1.0)
    canvas.ground(plain(canvas, canvas.pick("grass", "lawn"), canvas.pick("dry grass", "grass", "soil")))
    angle = canvas.pick_angle()
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = np.array([size / 2, size / 2]) + canvas.rng.uniform(-20, 20, 2)
    block = canvas.metres(canvas.between(52, 66))
    plot = canvas.between(17, 25) / np.sqrt(canvas.density)
    roofs = canvas.rng.choice(HOMES, 2).tolist() + [canvas.pick(*HOMES)]
    streets = np.arange(-np.ceil(0.8 * size / block), 0.8 * size / block + 1) * block
    ways = [middle + right * s + np.linspace(-1, 1, 31)[:, None] * size * ahead for s in streets]
    cross = [middle + ahead * s + np.linspace(-1, 1, 31)[:, None] * size * right
             for s in np.arange(-1.5, 1.6) * canvas.between(0.5, 1.1) * size * 0.7]  # fmt: skip
    for way in [*ways, *cross]:
        canvas.road(way, 9.5 * unit, "pavement")
    for way in [*ways, *cross]:
        canvas.road(way, 6.5 * unit, canvas.pick("asphalt", "old asphalt"))
    for way in ways:
        for side in (-1, 1):
            for spot, heading in shapes.along(shapes.shifted(way, side * 15 * unit), plot * unit):
                near = min(float(np.abs((spot - road[0]) @ ahead)) for road in cross)
                if near < 13 * unit or not canvas.inside(spot, 10 * unit):
                    continue
                _home(canvas, spot, heading, side, canvas.pick(*roofs))
        draw_traffic(canvas, shapes.shifted(way, 2.2 * unit), 70 / canvas.density, lorries=0.03)


def _home(canvas: Canvas, spot: Points, heading: float, side: int, roof: str) -> None:
    unit = canvas.metres(1.0)
    across = shapes.direction(heading + np.pi / 2)
    if canvas.chance(0.9):
        drive = spot - across * side * 7 * unit + shapes.direction(heading) * 5 * unit
        canvas.polygon(shapes.rectangle(drive, 3 * unit, 7 * unit, heading), "pavement")
        draw_house(canvas, spot + canvas.rng.normal(0, 0.7, 2), heading, roof)
    back = spot + across * side * 11 * unit
    if canvas.chance(0.12):
        canvas.polygon(shapes.rectangle(back, 7 * unit, 4 * unit, heading), "shallow water", 1.15)
    for _ in range(canvas.number(0, 2)):
        draw_tree(canvas, back + canvas.rng.normal(0, 5, 2) * unit, 3)


def commercial(canvas: Canvas) -> None:
    """City blocks of tall and large flat-roofed buildings, little green."""
    size, unit = canvas.size, canvas.metres(1.0)
    canvas.ground(plain(canvas, "pavement", canvas.pick("concrete", "old asphalt"), grain=0.03))
    angle = canvas.pick_angle()
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = size * canvas.rng.uniform(0.4, 0.6, 2)
    wide, deep = canvas.metres(canvas.between(75, 120)), canvas.metres(canvas.between(60, 95))
    for axis, other, step in ((ahead, right, deep), (right, ahead, wide)):
        for place in np.arange(-4, 5) * step:
            way = middle + other * place + np.linspace(-1, 1, 31)[:, None] * 1.2 * size * axis
            canvas.road(way, 15 * unit, "asphalt")
            canvas.dashes(way, "marking", 0.4, 4 * unit, 6 * unit)
            draw_traffic(canvas, shapes.shifted(way, 3.5 * unit), 50 / canvas.density, lorries=0.1)
            draw_traffic(canvas, shapes.shifted(way, -3.5 * unit)[::-1], 50 / canvas.density, lorries=0.1)
    for column in np.arange(-4, 4):
        for row in np.arange(-4, 4):
            centre = middle + ahead * (column + 0.5) * wide + right * (row + 0.5) * deep
            if canvas.inside(centre, wide * 0.6):
                _city_block(canvas, centre, wide - 22 * unit, deep - 22 * unit, angle)


def _city_block(canvas: Canvas, centre: Points, wide: float, deep: float, angle: float) -> None:
    columns, rows = canvas.number(1, 3), canvas.number(1, 2)
    for column in range(columns):
        for row in range(rows):
            local = [((column + 0.5) / columns - 0.5) * wide, ((row + 0.5) / rows - 0.5) * deep]
            at = shapes.place([local], centre, angle)[0]
            if canvas.chance(0.1):
                canvas.polygon(shapes.rectangle(at, wide / columns, deep / rows, angle), "grass")
                draw_tree(canvas, at, 4)
                continue
            fill = canvas.between(0.72, 0.96)
            draw_block(canvas, at, wide / columns * fill, deep / rows * fill, angle,
                       canvas.between(9, 34), canvas.pick(*FLATS))  # fmt: skip


def industrial(canvas: Canvas) -> None:
    """Large halls side by side, yards with lorries, a few silos and chimneys."""
    size, unit = canvas.size, canvas.metres(1.0)
    canvas.ground(plain(canvas, "concrete", canvas.pick("pavement", "old asphalt", "soil"), grain=0.03))
    angle = canvas.pick_angle()
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = size * canvas.rng.uniform(0.4, 0.6, 2)
    roof = canvas.pick("blue roof", "grey roof", "white roof", "red roof")
    row = -0.95 * size
    while row < 0.95 * size:
        deep = canvas.metres(canvas.between(28, 60))
        place = -0.95 * size
        while place < 0.95 * size:
            long = canvas.metres(canvas.between(45, 120))
            at = middle + right * (row + deep / 2) + ahead * (place + long / 2)
            if canvas.inside(at, long * 0.6):
                _plot(canvas, at, long * 0.92, deep * 0.9, angle, roof)
            place += long + canvas.metres(canvas.between(4, 12))
        row += deep
        way = middle + right * (row + 7 * unit) + np.linspace(-1.2, 1.2, 31)[:, None] * size * ahead
        canvas.road(way, 9 * unit)
        draw_traffic(canvas, shapes.shifted(way, 2.2 * unit), 60 / canvas.density, lorries=0.6)
        row += 15 * unit
    draw_trees(canvas, canvas.number(0, 12))


def _plot(canvas: Canvas, at: Points, long: float, deep: float, angle: float, roof: str) -> None:
    kind = canvas.rng.random()
    if kind < 0.78:
        same = (
            roof if canvas.chance(0.6) else canvas.pick("grey roof", "white roof", "brown roof", "blue roof")
        )
        draw_shed(canvas, at, long, deep, angle, same)
    elif kind < 0.88:
        radius = min(deep / 4.4, canvas.metres(10))
        for number in range(int(long / radius / 2.4)):
            spot = at + shapes.direction(angle) * (number * 2.4 * radius - long / 2 + radius)
            draw_tank(canvas, spot, radius, floating=False, paint="tank")
    else:
        canvas.polygon(shapes.rectangle(at, long, deep, angle), canvas.pick("dark soil", "rust", "sand"))
        for _ in range(canvas.number(2, 5)):
            heap = at + canvas.rng.uniform(-0.3, 0.3, 2) * (long, deep)
            canvas.shadow(shapes.ellipse(heap, 4, 3), 4)
            canvas.polygon(shapes.ellipse(heap, 5, 4), "dark soil", 1.15)


def storage_tank(canvas: Canvas) -> None:
    """A tank farm: tanks in rows inside bunds, pipes and service roads."""
    size, unit = canvas.size, canvas.metres(1.0)
    canvas.ground(plain(canvas, *YARDS[canvas.number(0, 3)]))
    angle = canvas.pick_angle()
    middle = size * canvas.rng.uniform(0.35, 0.65, 2)
    large = canvas.metres(canvas.between(12, 30))
    paint = canvas.pick("tank", "tank", "white roof", "pale soil", "rust", "container green")
    floating = canvas.chance(0.45)
    pitch = large * canvas.between(2.5, 3.3)
    columns, rows = canvas.number(1, 6), canvas.number(1, 6)
    limit = canvas.wanted.get("storage tank", 999)
    for column in range(columns):
        for row in range(rows):
            local = [(column - (columns - 1) / 2) * pitch, (row - (rows - 1) / 2) * pitch]
            at = shapes.place([local], middle, angle)[0]
            if not canvas.inside(at, large):
                continue
            bund = shapes.rectangle(at, pitch * 0.96, pitch * 0.96, angle)
            canvas.outline(bund, "pavement", 1.0, 1.12)
            kind = canvas.rng.random()
            if kind < 0.72 * min(canvas.density, 1.3) and canvas.count("storage tank") < limit:
                draw_tank(canvas, at, large * canvas.between(0.75, 1.0), floating=floating, paint=paint)
            elif kind < 0.9:
                for dx in (-0.25, 0.25):
                    for dy in (-0.25, 0.25):
                        spot = shapes.place([(dx * pitch, dy * pitch)], at, angle)[0]
                        draw_tank(canvas, spot, pitch * 0.2, floating=False, paint="tank")
    for side in (-1, 1):
        edge = shapes.direction(angle + np.pi / 2) * side * (rows / 2 * pitch + 6 * unit)
        way = middle + edge + np.linspace(-1.2, 1.2, 31)[:, None] * size * shapes.direction(angle)
        canvas.road(way, 7 * unit)
        pipes = shapes.shifted(way, side * 7 * unit)
        for offset in (0, 1.2, 2.4):
            canvas.line(shapes.shifted(pipes, side * offset), "metal", 0.5, 0.9)
        draw_traffic(canvas, way, 120, lorries=0.7)
    draw_trees(canvas, canvas.number(0, 12))


def school_yard(canvas: Canvas, centre: Points, angle: float) -> None:
    """A basketball court with a few cars and trees beside it."""
    draw_basketball_court(canvas, centre, angle, canvas.pick("hard court", "green court", "clay"))
    side = shapes.direction(angle + np.pi / 2) * canvas.metres(16)
    row = centre + side + np.linspace(-1, 1, 5)[:, None] * canvas.metres(16) * shapes.direction(angle)
    draw_tree_row(canvas, row, 8)
    if canvas.chance(0.5):
        draw_car(canvas, centre - side, angle)
