"""Scenes of open nature: bare land, desert, forest, meadow, mountain, snow and cloud."""

from __future__ import annotations

import numpy as np

from . import shapes, terrain
from .canvas import Canvas
from .vegetation import draw_grove, draw_trees, plain, woods


def bare_land(canvas: Canvas) -> None:
    """Rough brown soil with erosion, wheel tracks and hardly a plant."""
    first = canvas.pick("soil", "pale soil", "dark soil")
    ground = plain(canvas, first, canvas.pick("soil", "pale soil"), cell=canvas.between(40, 120), grain=0.07)
    relief = terrain.slope(terrain.ridges(canvas.rng, canvas.size, canvas.between(30, 70)), canvas.light)
    depth = 2.5 if canvas.look == "sar" else 1.1
    canvas.ground(ground * (1 + depth * relief[..., None]))
    for _ in range(canvas.number(0, 3)):
        track = shapes.crossing(canvas.rng, canvas.size, bend=0.06, waves=2)
        for side in (-1.2, 1.2):
            canvas.line(shapes.shifted(track, side), "pale soil", 0.7, 1.08)
    for _ in range(canvas.number(0, 4)):
        centre = canvas.rng.uniform(0, canvas.size, 2)
        outline = shapes.blob(canvas.rng, centre, canvas.between(8, 28))
        canvas.patch(outline, ground * canvas.between(0.8, 0.92))
    draw_trees(canvas, canvas.number(0, 8), radius=2)


def desert(canvas: Canvas) -> None:
    """Sand: sharp-crested dunes lit from one side, or a flat with ripples and stones."""
    sand = canvas.pick("dune", "dune", "sand")
    angle = canvas.between(0, np.pi)
    wild = terrain.noise(canvas.rng, canvas.size, canvas.size * canvas.between(0.15, 0.4), octaves=3)
    bend = np.asarray(canvas.between(0.8, 2.6) * wild, np.float32)
    ripples = terrain.stripes(canvas.size, canvas.between(3, 6), angle + 0.5, 2 * bend)
    if canvas.chance(0.25):
        ground = plain(canvas, sand, canvas.pick("sand", "pale soil", "rock"), cell=90, grain=0.04)
        canvas.ground(ground * (1 + 0.05 * ripples * (wild > 0))[..., None])
        return
    period = canvas.between(16, 70)
    wave = terrain.stripes(canvas.size, period, angle, bend)
    crest = 1 - np.abs(wave) ** canvas.between(0.6, 1.0)
    tall = terrain.edge(terrain.noise(canvas.rng, canvas.size, 80), canvas.between(-1.5, 0), 2)
    height = crest * tall + 0.25 * terrain.noise(canvas.rng, canvas.size, 50, octaves=2)
    light = angle + np.pi / 2 + canvas.between(-0.7, 0.7)
    lit = terrain.slope(np.asarray(height, np.float32), light) * np.float32(period / 14)
    strength = canvas.between(0.25, 0.5) if canvas.look == "optical" else 0.4
    canvas.ground(canvas.textured(sand, 1 + strength * np.tanh(lit) + 0.02 * ripples))


def forest(canvas: Canvas) -> None:
    """Closed tree crowns, now and then a clearing or a track."""
    canvas.ground(woods(canvas))
    if canvas.chance(0.3):
        track = shapes.crossing(canvas.rng, canvas.size, bend=0.08)
        canvas.road(track, canvas.metres(4), canvas.pick("path", "soil"))
    if canvas.chance(0.25):
        centre = canvas.rng.uniform(0, canvas.size, 2)
        clearing = shapes.blob(canvas.rng, centre, canvas.between(15, 40))
        canvas.patch(clearing, plain(canvas, "grass", "dry grass"))


def meadow(canvas: Canvas) -> None:
    """Smooth grass in soft patches, few trees."""
    ground = plain(canvas, canvas.pick("meadow", "grass"), "meadow", cell=canvas.between(50, 140), grain=0.03)
    if canvas.chance(0.5):
        mown = terrain.stripes(canvas.size, canvas.between(5, 14), canvas.between(0, np.pi))
        ground = ground * (1 + 0.025 * mown[..., None])
    canvas.ground(ground)
    if canvas.chance(0.4):
        path = shapes.crossing(canvas.rng, canvas.size, bend=0.08)
        canvas.line(path, "path", canvas.between(0.7, 1.6), 0.95)
    for _ in range(canvas.number(0, 2)):
        draw_grove(canvas, canvas.rng.uniform(0, canvas.size, 2), 7, canvas.number(1, 4), 4)


def mountain(canvas: Canvas) -> None:
    """Ridges and valleys in hard light: rock above, plants below."""
    _relief(canvas, snow=canvas.chance(0.25))


def snowberg(canvas: Canvas) -> None:
    """Snow-covered mountains."""
    _relief(canvas, snow=True, level=canvas.between(0.1, 0.35))


def _relief(canvas: Canvas, *, snow: bool, level: float = 0.8) -> None:
    cell = canvas.size * canvas.between(0.24, 0.5)
    height = terrain.ridges(canvas.rng, canvas.size, cell)
    height = np.asarray(height + 0.2 * terrain.noise(canvas.rng, canvas.size, cell), np.float32)
    steep = terrain.slope(height, canvas.light) * np.float32(cell * canvas.between(0.16, 0.26))
    lit = np.tanh(steep)
    scaled = (height - height.min()) / max(float(np.ptp(height)), 1e-6)
    rock = canvas.textured(canvas.pick("rock", "soil", "pale soil"))
    valley = canvas.textured(canvas.pick("forest", "grass", "dry grass", "rock"))
    ground = terrain.mix(valley, rock, terrain.edge(scaled, canvas.between(0.35, 0.6), 0.3))
    if snow:
        patchy = scaled + 0.04 * terrain.noise(canvas.rng, canvas.size, 9, octaves=2)
        cover = terrain.edge(patchy - 0.15 * np.abs(lit), level, 0.12)
        ground = terrain.mix(ground, canvas.textured("snow"), cover)
    strength = {"optical": 0.5, "sar": 0.75}.get(canvas.look, 0.3)
    fine = terrain.noise(canvas.rng, canvas.size, 5, octaves=2)
    light = (0.8 if snow else 0.9) + strength * lit + 0.04 * fine
    if canvas.look == "sar":
        light = light + 1.6 * np.maximum(lit, 0) ** 3
    canvas.ground(ground * np.maximum(light, 0.12)[..., None])


def cloud(canvas: Canvas) -> None:
    """Cloud over land or sea; a radar sees only the rain in it."""
    size = canvas.size
    below = canvas.number(0, 3)
    if below == 0:
        ground = plain(canvas, "deep water", "water", cell=90, grain=0.02)
    else:
        pairs = [("grass", "forest"), ("soil", "dry grass"), ("dry grass", "forest")]
        first, second = pairs[below - 1]
        ground = plain(canvas, first, second, cell=canvas.between(20, 60))
    thick = terrain.noise(canvas.rng, size, size * canvas.between(0.12, 0.6), octaves=6, persistence=0.52)
    opacity = terrain.edge(thick, canvas.between(-0.3, 0.7), canvas.between(0.8, 2.4)) ** 1.3
    fall = int(canvas.between(4, 14))
    dark = np.roll(opacity, (fall, fall), (0, 1)) * (0.5 if canvas.look == "optical" else 0.0)
    ground = np.asarray(ground * (1 - dark)[..., None], np.float32)
    soft = terrain.noise(canvas.rng, size, 30, octaves=3)
    puffs = 0.97 + 0.16 * np.tanh(terrain.slope(thick, canvas.light) * 5) + 0.03 * soft
    if canvas.look == "sar":
        canvas.ground(ground * (1 + 1.2 * opacity * puffs)[..., None])
    else:
        canvas.ground(terrain.mix(ground, canvas.textured("cloud", puffs), opacity))
