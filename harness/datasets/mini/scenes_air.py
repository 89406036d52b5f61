"""Scenes with aircraft: airport and runway."""

from __future__ import annotations

import numpy as np

from . import shapes
from .aircraft import TYPES, draw_aircraft, extent
from .canvas import Canvas
from .scene import AIRCRAFT
from .shapes import Points
from .structures import draw_block, draw_shed
from .vegetation import draw_trees, plain
from .vehicles import draw_car, draw_lorry

LONGEST, SHORTEST = 92.0, 14.0  # pixels of an aircraft in an image of 256


def airport(canvas: Canvas) -> None:
    """An apron or a row of pads with parked aircraft, taxiways, buildings, service vehicles."""
    _grounds(canvas)
    angle = canvas.pick_angle() + canvas.number(0, 3) * np.pi / 2
    layout = canvas.pick("apron", "apron", "pads", "taxiway")
    if layout == "pads":
        spots = _pads(canvas, angle)
    else:
        spots = _apron(canvas, angle, wide=layout == "apron")
    count = canvas.wanted.get("airplane", canvas.number(1, 7))
    park(canvas, spots, count)
    _service(canvas, angle)


def _grounds(canvas: Canvas) -> None:
    pairs = [("grass", "dry grass"), ("dry grass", "soil"), ("grass", "meadow"), ("pale soil", "soil")]
    first, second = pairs[canvas.number(0, 3)]
    canvas.ground(plain(canvas, first, second))


def _slabs(canvas: Canvas, outline: Points, angle: float, material: str) -> None:
    """A paved area with the joints of its slabs and stains."""
    canvas.patch(outline, plain(canvas, material, canvas.pick("concrete", "pavement"), grain=0.025))
    middle, size = outline.mean(0), canvas.size
    low, high = outline.min(0), outline.max(0)
    step = canvas.metres(canvas.between(15, 30))
    if step < 7 or canvas.look == "sar":
        return
    for turn in (angle, angle + np.pi / 2):
        across = shapes.direction(turn + np.pi / 2)
        reach = np.hypot(*(high - low)) / 2
        for offset in np.arange(-reach, reach, step):
            line = np.array([middle + across * offset - shapes.direction(turn) * size * 2,
                             middle + across * offset + shapes.direction(turn) * size * 2])  # fmt: skip
            canvas.veil.line((line * 3).ravel().tolist(), fill=(40, 40, 40, 30), width=1)


def _apron(canvas: Canvas, angle: float, *, wide: bool) -> list[tuple[Points, float]]:
    """A large apron (or a taxiway and a narrow one): rows of stands."""
    size = canvas.size
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = size * canvas.rng.uniform(0.4, 0.6, 2)
    depth = size * (canvas.between(0.7, 1.6) if wide else canvas.between(0.3, 0.5))
    surface = canvas.pick("concrete", "old asphalt", "pavement")
    _slabs(canvas, shapes.rectangle(middle, size * 3, depth, angle), angle, surface)
    taxi = middle + right * (depth / 2 + canvas.metres(20))
    path = taxi + np.linspace(-1.6, 1.6, 21)[:, None] * size * ahead
    for band, material in ((canvas.metres(24), "old asphalt"), (canvas.metres(17), "asphalt")):
        canvas.road(path, band, material)
    canvas.line(path, "yellow marking", 0.5)
    for link in (-0.3, 0.35):
        at = middle + ahead * size * link
        canvas.road(np.linspace(at + right * depth * 0.4, taxi, 5), canvas.metres(18))
    if canvas.chance(0.6):
        _terminal(canvas, middle - right * depth / 2, angle)
    rows = max(1, int(depth / canvas.metres(canvas.between(50, 75))))
    tilt = canvas.pick("ahead", "slant", "any")
    lean = {"ahead": 0.0, "slant": canvas.between(0.4, 0.9)}.get(tilt, 0.0)
    spots = []
    step = canvas.metres(canvas.between(26, 55))
    for row in range(rows):
        across = middle + right * depth * ((row + 0.5) / rows - 0.5)
        facing = angle + np.pi / 2 * (1 if row % 2 else -1) + lean
        guide = across + np.linspace(-1.6, 1.6, 5)[:, None] * size * ahead
        canvas.line(guide, "yellow marking", 0.45, 0.95)
        for place in np.arange(-0.8 * size, 0.8 * size, step):
            heading = facing if tilt != "any" else canvas.between(0, 2 * np.pi)
            spots.append((across + ahead * place, heading))
    return spots


def _pads(canvas: Canvas, angle: float) -> list[tuple[Points, float]]:
    """Separate round or square pads on grass along a taxiway."""
    size = canvas.size
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = size * canvas.rng.uniform(0.4, 0.6, 2)
    path = middle + np.linspace(-1.6, 1.6, 21)[:, None] * size * ahead
    pad = canvas.metres(canvas.between(24, 34))
    round_pad = canvas.chance(0.5)
    spots = []
    surface = canvas.pick("concrete", "old asphalt", "pavement")
    for place in np.arange(-0.9 * size, 0.9 * size, pad * 2.4):
        for side in (-1, 1):
            centre = middle + ahead * (place + side * pad * 0.5) + right * side * pad * 1.75
            if not canvas.inside(centre, pad):
                continue
            canvas.road(np.linspace(middle + ahead * place, centre, 4), canvas.metres(14), surface)
            slab = shapes.ellipse(centre, pad, pad) if round_pad else (
                shapes.rectangle(centre, pad * 1.9, pad * 1.7, angle))  # fmt: skip
            canvas.polygon(slab, surface)
            canvas.outline(slab, surface, 0.6, 0.85)
            spots.append((centre, angle - side * np.pi / 2 + canvas.between(-0.3, 0.3)))
    canvas.road(path, canvas.metres(18), "asphalt")
    canvas.line(path, "yellow marking", 0.5)
    spots += [(point, heading) for point, heading in shapes.along(path, size * 0.35) if canvas.chance(0.3)]
    return spots


def _terminal(canvas: Canvas, edge: Points, angle: float) -> None:
    size = canvas.size
    back = -shapes.direction(angle + np.pi / 2)
    for place in (-0.35, 0.3):
        at = edge + back * canvas.metres(16) + shapes.direction(angle) * size * place
        roof = canvas.pick("grey roof", "white roof", "blue roof", "brown roof")
        if canvas.chance(0.5):
            draw_block(canvas, at, size * 0.4, canvas.metres(28), angle, 12, roof)
        else:
            draw_shed(canvas, at, size * 0.28, canvas.metres(34), angle, roof)


def park(canvas: Canvas, spots: list[tuple[Points, float]], count: int) -> None:
    """Put ``count`` aircraft on stands, then anywhere free, each clear of the others."""
    family = list(canvas.rng.choice(AIRCRAFT, canvas.number(1, 4), replace=False))
    space = canvas.between(0.5, 6) if canvas.chance(0.8) else 0.2
    taken = [shapes.oriented(np.concatenate(d.parts), d.heading) for d in canvas.drafts]
    taken += canvas.solids
    tries = [spots[index] for index in canvas.rng.permutation(len(spots)).tolist()]
    middles = canvas.rng.uniform(0.04, 0.96, (120, 2)) * canvas.size
    tries += [(middle, canvas.between(0, 2 * np.pi)) for middle in middles]
    placed = 0
    for centre, heading in tries:
        if placed == count:
            break
        name = str(canvas.rng.choice(family if canvas.chance(0.8) else AIRCRAFT))
        name = name if _fits(canvas, name) else _fitting(canvas)
        long, wide = (canvas.metres(value) for value in extent(name))
        heading = heading + float(canvas.rng.normal(0, 0.04))
        box = shapes.rectangle(centre, long, wide, heading)
        edge = -0.25 * long if canvas.chance(0.85) else 0.2 * long
        if canvas.inside(centre, edge) and all(shapes.gap(box, other) > space for other in taken):
            draw_aircraft(canvas, name, centre, heading)
            taken.append(box)
            placed += 1


def _fits(canvas: Canvas, name: str) -> bool:
    return SHORTEST <= canvas.metres(max(extent(name))) <= LONGEST * canvas.size / 256


def _fitting(canvas: Canvas) -> str:
    names = [name for name in TYPES if _fits(canvas, name)]
    return str(canvas.rng.choice(names or ["A14"]))


def _service(canvas: Canvas, angle: float) -> None:
    """Vehicles on the ground, clear of the aircraft."""
    zones = [np.concatenate(draft.parts) for draft in canvas.drafts]
    for _ in range(canvas.number(0, 8)):
        spot = canvas.rng.uniform(0, canvas.size, 2)
        reach = canvas.metres(9)
        if any(np.all(spot > z.min(0) - reach) and np.all(spot < z.max(0) + reach) for z in zones):
            continue
        heading = angle + canvas.number(0, 3) * np.pi / 2
        if canvas.chance(0.3):
            draw_lorry(canvas, spot, heading)
        else:
            draw_car(canvas, spot, heading)


def runway(canvas: Canvas) -> None:
    """One long runway with its threshold and touchdown marks, on grass."""
    _grounds(canvas)
    size = canvas.size
    angle = canvas.between(0, 2 * np.pi)
    ahead, right = shapes.direction(angle), shapes.direction(angle + np.pi / 2)
    middle = size * canvas.rng.uniform(0.38, 0.62, 2)
    wide = canvas.metres(canvas.between(45, 60))
    ends = canvas.chance(0.6)
    start = -canvas.between(0.25, 0.6) * size if ends else -2.0 * size
    path = middle + np.linspace(start, 2.0 * size, 31)[:, None] * ahead
    if canvas.chance(0.6):
        beside = path + right * wide * canvas.between(1.6, 2.6)
        canvas.road(beside, wide * 0.4, "old asphalt")
        canvas.line(beside, "yellow marking", 0.5)
        for index in (3, 12, 20):
            turn = np.linspace(path[index], beside[min(index + 3, 30)], 5)
            canvas.road(turn, wide * 0.4, "old asphalt")
    surface = canvas.pick("asphalt", "asphalt", "old asphalt")
    canvas.road(path, wide * 1.25, "old asphalt")
    canvas.road(path, wide, surface)
    for side in (-0.47, 0.47):
        canvas.line(path + right * wide * side, "marking", 0.6)
    canvas.dashes(path[3:], "marking", 0.9, canvas.metres(30), canvas.metres(20))
    _skid(canvas, path, wide, right)
    if ends:
        _threshold(canvas, path[0], angle, wide)
    draw_trees(canvas, canvas.number(0, 6))
    count = canvas.wanted.get("airplane", int(canvas.chance(0.35)))
    park(canvas, [(path[canvas.number(3, 9)], angle)], count)


def _skid(canvas: Canvas, path: Points, wide: float, right: Points) -> None:
    for _ in range(8):
        offset = right * wide * canvas.rng.normal(0, 0.08)
        begin = canvas.number(1, 8)
        line = path[begin : begin + canvas.number(3, 8)] + offset
        canvas.veil.line((line * 3).ravel().tolist(), fill=(20, 20, 20, 45), width=2)


def _threshold(canvas: Canvas, end: Points, angle: float, wide: float) -> None:
    def bar(x: float, y: float, long: float, across: float) -> None:
        at = shapes.place([(canvas.metres(x), y * wide)], end, angle)[0]
        canvas.polygon(shapes.rectangle(at, canvas.metres(long), across * wide, angle), "marking")

    for y in np.linspace(-0.4, 0.4, 10):
        bar(22, y, 30, 0.045)
    for x in (95, 130, 165):
        for y in (-0.25, -0.17, 0.17, 0.25):
            bar(x, y, 20, 0.04)
    for y in (-0.2, 0.2):
        bar(220, y, 45, 0.12)
