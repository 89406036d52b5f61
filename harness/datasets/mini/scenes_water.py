"""Scenes by the water: beach, river, lake, island, bridge and port."""

from __future__ import annotations

import numpy as np

from . import shapes, terrain
from .canvas import Canvas
from .shapes import Points
from .structures import draw_house, draw_shed
from .vegetation import draw_grove, draw_tree, draw_trees, plain, sea, woods
from .vehicles import CONTAINERS, draw_lorry, draw_ship, draw_traffic


def _land(canvas: Canvas) -> terrain.Field:
    if canvas.chance(0.35):
        return woods(canvas)
    pair = [("grass", "forest"), ("grass", "dry grass"), ("meadow", "grass"), ("soil", "grass")]
    first, second = pair[canvas.number(0, 3)]
    return plain(canvas, first, second)


def _shore_distance(canvas: Canvas, angle: float, offset: float, rough: float) -> terrain.Field:
    """Pixels from a shore line across the image, positive on land."""
    y, x = np.mgrid[0 : canvas.size, 0 : canvas.size].astype(np.float32) - canvas.size / 2
    straight = x * np.cos(angle) + y * np.sin(angle) - offset
    wild = terrain.noise(canvas.rng, canvas.size, canvas.size * 0.35, octaves=4)
    return np.asarray(straight + rough * wild, np.float32)


def beach(canvas: Canvas) -> None:
    """Sea, surf, a band of sand, and land behind it."""
    size = canvas.size
    angle, offset = canvas.between(0, 2 * np.pi), canvas.between(-0.2, 0.25) * size
    inland = _shore_distance(canvas, angle, offset, size * 0.05)
    wide = size * canvas.between(0.1, 0.3)
    depth = terrain.noise(canvas.rng, size, 60, octaves=3)
    water = terrain.mix(sea(canvas), canvas.textured("shallow water"),
                        np.exp((inland + 10 * depth) / (size * canvas.between(0.06, 0.16))))  # fmt: skip
    sand = plain(canvas, "sand", canvas.pick("sand", "pale soil"), grain=0.03)
    ground = terrain.mix(water, sand, terrain.edge(inland, 0, 1.5))
    wet = np.exp(-((inland - 3) ** 2) / 18) * 0.22
    ground = np.asarray(ground * (1 - wet)[..., None], np.float32)
    phase = terrain.noise(canvas.rng, size, 30, octaves=2)
    for line in range(canvas.number(1, 4)):
        at = -line * canvas.between(7, 15) - 1 + 3 * phase
        foam = np.exp(-((inland - at) ** 2) / (2 + 3 * line)) * terrain.edge(phase + depth, -0.6, 1.5)
        ground = terrain.mix(ground, canvas.textured("foam"), foam)
    ground = terrain.mix(ground, _land(canvas), terrain.edge(inland, wide, 2.5))
    canvas.ground(ground)
    edge = shapes.direction(angle) * (offset + wide)
    for _ in range(canvas.number(0, 25)):
        spot = canvas.rng.uniform(0, size, 2)
        if (spot - size / 2 - edge) @ shapes.direction(angle) > size * 0.06:
            draw_tree(canvas, spot, 3.5)
    if canvas.chance(0.5):
        for _ in range(canvas.number(4, 30)):
            along = shapes.direction(angle + np.pi / 2) * canvas.between(-0.6, 0.6) * size
            spot = size / 2 + shapes.direction(angle) * (offset + wide * canvas.between(0.35, 0.7)) + along
            canvas.disc(spot, 0.9, canvas.pick("red paint", "blue paint", "white paint", "yellow paint"))


def _course(canvas: Canvas, bend: float) -> tuple[Points, Points]:
    """The middle line of a river and its relative width along it."""
    path = shapes.crossing(canvas.rng, canvas.size, bend=bend, waves=canvas.between(1, 2.2))
    return path, 1 + 0.2 * terrain.noise(canvas.rng, 64, 20)[0, : len(path)].astype(np.float64)


def river(canvas: Canvas) -> None:
    """A winding river between banks, perhaps with a side arm."""
    size = canvas.size
    canvas.ground(_land(canvas))
    water = sea(canvas, "water", canvas.pick("water", "deep water", "shallow water"))
    width = size * canvas.between(0.08, 0.24)
    path, swell = _course(canvas, canvas.between(0.08, 0.22))
    canvas.polygon(shapes.ribbon(path, width * 1.25 * swell), canvas.pick("sand", "pale soil", "grass"), 0.95)
    canvas.patch(shapes.ribbon(path, width * swell), water)
    if canvas.chance(0.3):
        arm, swell = _course(canvas, 0.1)
        canvas.patch(shapes.ribbon(arm, width * 0.35 * swell), water)
    draw_trees(canvas, canvas.number(0, 15))
    if canvas.chance(0.3):
        for _ in range(canvas.number(1, 6)):
            spot = canvas.rng.uniform(0, size, 2)
            draw_house(canvas, spot, canvas.between(0, 3), canvas.pick("red roof", "grey roof"))


def lake(canvas: Canvas) -> None:
    """One closed sheet of water in the land."""
    size = canvas.size
    canvas.ground(_land(canvas))
    centre = size * canvas.rng.uniform(0.4, 0.6, 2)
    shore = shapes.blob(canvas.rng, centre, size * canvas.between(0.2, 0.36), rough=0.5)
    rim = (shore - centre) * 1.05 + centre
    canvas.polygon(rim, canvas.pick("pale soil", "sand", "grass", "dark soil"), 0.95)
    canvas.patch(shore, plain(canvas, canvas.pick("water", "shallow water"), "deep water", grain=0.015))
    for point in shore[:: canvas.number(1, 5)]:
        draw_tree(canvas, (point - centre) * 1.12 + centre, 4)
    if canvas.chance(0.4):
        canvas.line(shapes.crossing(canvas.rng, size, through=0.5, bend=0.1)[:12], "path", 1.2)


def island(canvas: Canvas) -> None:
    """Land with a beach or a reef, water all around."""
    size = canvas.size
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    centre = size * canvas.rng.uniform(0.42, 0.58, 2)
    angle, flat = canvas.between(0, np.pi), canvas.between(1, 1.8)
    u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    v = ((y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)) * flat
    wild = terrain.noise(canvas.rng, size, size * 0.3, octaves=4)
    inland = size * canvas.between(0.18, 0.3) - np.hypot(u, v) + size * 0.05 * wild
    reef = np.exp(np.minimum(inland, 0) / (size * canvas.between(0.03, 0.1)))
    ground = terrain.mix(sea(canvas), canvas.textured("shallow water"), reef * 0.9)
    surf = np.exp(-((inland + 2) ** 2) / 5) * 0.7
    ground = terrain.mix(ground, canvas.textured("foam"), surf)
    ground = terrain.mix(ground, canvas.textured("sand"), terrain.edge(inland, 0, 2))
    top = woods(canvas) if canvas.chance(0.6) else plain(canvas, "grass", canvas.pick("rock", "dry grass"))
    canvas.ground(terrain.mix(ground, top, terrain.edge(inland + 2 * wild, canvas.between(4, 12), 3)))
    if canvas.chance(0.3):
        draw_house(canvas, centre, angle, "red roof")


def bridge(canvas: Canvas) -> None:
    """A road bridge over a river: deck, piers' shadow, traffic."""
    size = canvas.size
    canvas.ground(_land(canvas))
    flow = canvas.between(0, np.pi)
    wide = size * canvas.between(0.25, 0.48)
    middle = size * canvas.rng.uniform(0.44, 0.56, 2)
    bank = shapes.rectangle(middle, size * 3, wide * 1.1, flow)
    canvas.polygon(bank, canvas.pick("concrete", "sand", "grass", "pale soil"))
    canvas.patch(shapes.rectangle(middle, size * 3, wide, flow), sea(canvas))
    heading = flow + np.pi / 2 + canvas.between(-0.35, 0.35)
    span = wide * 1.08 / abs(np.sin(heading - flow))
    for offset in [0.0] if canvas.chance(0.75) else [-0.09 * size, 0.09 * size]:
        _span(canvas, middle + shapes.direction(flow) * offset, heading, span)
    for side in (-1, 1):
        across = middle + shapes.direction(flow + np.pi / 2) * side * wide * 0.8
        draw_grove(canvas, across + shapes.direction(flow) * size * 0.3, size * 0.09, canvas.number(0, 12))
    if canvas.chance(0.5) and canvas.metres(30) > 6:
        spot = middle + shapes.direction(flow) * size * canvas.between(0.25, 0.42)
        draw_ship(canvas, spot, flow, length=canvas.between(18, 60), wake=canvas.chance(0.6))


def _span(canvas: Canvas, middle: Points, heading: float, span: float) -> None:
    """The road across the whole image, and over the water the labelled deck."""
    if not canvas.room("bridge"):
        return
    width = canvas.metres(canvas.between(11, 24))
    ahead = shapes.direction(heading)
    reach = np.linspace(-1.6, 1.6, 41)[:, None] * canvas.size * ahead
    road = middle + reach
    canvas.road(road, width * 0.9)
    deck = shapes.rectangle(middle, span, width, heading)
    canvas.shadow(deck + canvas.away * canvas.metres(6), 4)
    canvas.polygon(deck, canvas.pick("concrete", "pavement", "old asphalt"))
    canvas.polygon(shapes.rectangle(middle, span, width * 0.84, heading), "asphalt")
    canvas.dashes(road, "marking", 0.5, canvas.metres(4), canvas.metres(6))
    canvas.bright_edges(deck)
    if canvas.chance(0.3):
        side = shapes.direction(heading + np.pi / 2) * width * 0.46
        for edge in (side, -side):
            canvas.line(np.array([middle - ahead * span * 0.4 + edge, middle + ahead * span * 0.4 + edge]),
                        canvas.pick("rust", "white roof"), 0.9)  # fmt: skip
    canvas.add("bridge", [deck], heading)
    for offset in (-0.22, 0.22):
        lane = shapes.shifted(road, offset * width)
        draw_traffic(canvas, lane if offset > 0 else lane[::-1], 40 / canvas.density)


def port(canvas: Canvas) -> None:
    """Quays with containers and cranes, piers, and ships alongside and under way."""
    size, rng = canvas.size, canvas.rng
    canvas.ground(sea(canvas))
    angle = canvas.between(0, 2 * np.pi)
    out, along = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    quay = size / 2 + out * size * canvas.between(-0.3, 0.0)
    land = shapes.rectangle(quay - out * size, size * 2, size * 4, angle)
    canvas.patch(land, plain(canvas, "concrete", canvas.pick("pavement", "old asphalt"), grain=0.03))
    _yard(canvas, quay, angle)
    if canvas.chance(0.5):
        _marina(canvas, quay, angle)
    else:
        _berths(canvas, quay, angle)
    for _ in range(canvas.number(0, 3)):
        spot = quay + out * size * canvas.between(0.35, 0.8) + along * size * canvas.between(-0.6, 0.6)
        heading, length = canvas.between(0, 2 * np.pi), canvas.between(15, 120)
        if canvas.inside(spot) and _open(canvas, spot, canvas.metres(length) * 0.6):
            draw_ship(canvas, spot, heading, length=length, wake=bool(rng.random() < 0.7))


def _open(canvas: Canvas, spot: Points, radius: float) -> bool:
    """Whether no drawn object lies within a radius."""
    for draft in canvas.drafts:
        points = np.concatenate(draft.parts)
        middle = points.mean(0)
        reach = np.hypot(*(points - middle).T).max()
        if np.hypot(*(middle - spot)) < reach + radius:
            return False
    return True


def _yard(canvas: Canvas, quay: Points, angle: float) -> None:
    out, along = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    size, unit = canvas.size, canvas.metres(1.0)
    for side in np.arange(-0.75, 0.8, canvas.between(0.2, 0.32)):
        block = quay - out * canvas.between(38, 55) * unit + along * side * size
        if not canvas.inside(block, 40):
            continue
        if canvas.chance(0.3):
            draw_shed(canvas, block - out * 10, size * 0.13, 24 * unit, angle + np.pi / 2,
                      canvas.pick("grey roof", "white roof", "blue roof", "brown roof"))  # fmt: skip
            continue
        for row in range(canvas.number(2, 5)):
            for column in range(canvas.number(4, 9)):
                at = block - out * row * 3.6 * unit + along * (column - 4) * 13.5 * unit
                if canvas.chance(0.8) and canvas.inside(at, 8):
                    box = shapes.rectangle(at, 12.4 * unit, 3 * unit, angle + np.pi / 2)
                    canvas.raised(box, canvas.between(2.5, 8), canvas.pick(*CONTAINERS), lean=1)
    lane = quay - out * 24 * unit + along * np.linspace(-1, 1, 21)[:, None] * size
    canvas.road(lane, 8 * unit)
    for point, heading in shapes.along(lane, canvas.metres(canvas.between(40, 120)), 30):
        if canvas.inside(point):
            draw_lorry(canvas, point, heading)


def _berths(canvas: Canvas, quay: Points, angle: float) -> None:
    """Large ships in a row along the quay, with cranes over it."""
    out, along = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    place = -canvas.size * canvas.between(0.6, 0.9)
    while place < canvas.size * 0.8:
        length = canvas.between(50, 190)
        if canvas.chance(0.8 * min(canvas.density, 1.2)):
            beam = canvas.metres(length * 0.09)
            spot = quay + out * (beam + canvas.between(0.5, 2)) + along * (place + canvas.metres(length) / 2)
            heading = angle + (np.pi / 2 if canvas.chance(0.5) else -np.pi / 2)
            draw_ship(canvas, spot, heading, length=length, wake=False)
        place += canvas.metres(length * canvas.between(1.06, 1.3))
    for _ in range(canvas.number(1, 4)):
        foot = quay - out * canvas.metres(8) + along * canvas.size * canvas.between(-0.5, 0.5)
        arm = shapes.rectangle(foot, canvas.metres(20), canvas.metres(5), angle)
        canvas.raised(arm, 14, canvas.pick("container orange", "red paint", "blue paint"))
        canvas.glints(arm, 8)


def _marina(canvas: Canvas, quay: Points, angle: float) -> None:
    """Piers at right angles to the quay, with small boats on both sides."""
    out, along = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    unit = canvas.metres(1.0)
    long = canvas.size * canvas.between(0.3, 0.55)
    step = canvas.metres(canvas.between(62, 85))
    for place in np.arange(-canvas.size * 0.7, canvas.size * 0.7, step):
        foot = quay + along * place
        pier = shapes.rectangle(foot + out * long / 2, long, 3.5 * unit, angle)
        canvas.polygon(pier, "concrete")
        for side in (-1, 1):
            for at in np.arange(8 * unit, long, canvas.between(9, 13) * unit):
                length = canvas.between(14, 30)
                spot = foot + out * at + along * side * (3 + length / 2) * unit
                if canvas.inside(spot) and canvas.chance(0.62 * min(canvas.density, 1.4)):
                    draw_ship(canvas, spot, angle + side * np.pi / 2, length=length, wake=False)
