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
    canvas.ground(ground * (1 + 1.1 * relief[..., None]))
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
    """Dunes with sharp crests, lit from one side."""
    angle = canvas.between(0, np.pi)
    bend = canvas.between(1.0, 2.6) * terrain.noise(canvas.rng, canvas.size, canvas.size * 0.3, octaves=2)
    period = canvas.between(14, 60)
    wave = terrain.stripes(canvas.size, period, angle, bend)
    crest = 1 - np.abs(wave) ** 0.7
    height = crest + 0.25 * terrain.noise(canvas.rng, canvas.size, 50, octaves=2)
    light = angle + np.pi / 2 + canvas.between(-0.5, 0.5)
    lit = terrain.slope(np.asarray(height, np.float32), light) * np.float32(period / 14)
    ripples = terrain.stripes(canvas.size, canvas.between(3, 5), angle + 0.5, bend)
    canvas.ground(canvas.textured(canvas.pick("dune", "sand"), 1 + 0.5 * np.tanh(lit) + 0.015 * ripples))


def forest(canvas: Canvas) -> None:
    """Closed tree crowns, now and then a clearing or a track."""
    mixed = terrain.noise(canvas.rng, canvas.size, 22, octaves=2)
    trees = woods(canvas)
    other = woods(canvas, canvas.pick("light tree", "tree"))
    canvas.ground(terrain.mix(trees, other, terrain.edge(mixed, canvas.between(-0.5, 1.6), 0.6)))
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
    height = terrain.ridges(canvas.rng, canvas.size, canvas.size * canvas.between(0.22, 0.45))
    low = terrain.noise(canvas.rng, canvas.size, canvas.size * 0.6)
    height = np.asarray(height + 0.15 * low, np.float32)
    lit = np.tanh(terrain.slope(height, canvas.light) * np.float32(canvas.between(9, 15)))
    scaled = (height - height.min()) / max(float(np.ptp(height)), 1e-6)
    rock = canvas.textured(canvas.pick("rock", "soil", "pale soil"))
    valley = canvas.textured(canvas.pick("forest", "grass", "dry grass", "rock"))
    ground = terrain.mix(valley, rock, terrain.edge(scaled, canvas.between(0.35, 0.6), 0.3))
    if snow:
        patchy = scaled + 0.05 * terrain.noise(canvas.rng, canvas.size, 8, octaves=2) - 0.12 * np.abs(lit)
        ground = terrain.mix(ground, canvas.textured("snow"), terrain.edge(patchy, level, 0.12))
    strength = 0.62 if canvas.look == "sar" else 0.45
    fine = terrain.noise(canvas.rng, canvas.size, 5, octaves=2)
    canvas.ground(ground * (0.95 + strength * lit + 0.05 * fine)[..., None])


def cloud(canvas: Canvas) -> None:
    """Cloud over land or sea; a radar sees only the rain in it."""
    below = canvas.number(0, 3)
    if below == 0:
        ground = plain(canvas, "deep water", "water", cell=90, grain=0.02)
    elif below == 1:
        ground = woods(canvas)
    else:
        ground = plain(canvas, canvas.pick("grass", "soil", "dry grass"), canvas.pick("forest", "soil"))
    size = canvas.size
    thick = terrain.noise(canvas.rng, size, size * canvas.between(0.15, 0.6), octaves=6, persistence=0.55)
    opacity = terrain.edge(thick, canvas.between(-0.7, 0.3), canvas.between(0.6, 2.2))
    fall = int(canvas.between(4, 14))
    dark = np.roll(opacity, (fall, fall), (0, 1)) * (0.45 if canvas.look == "optical" else 0.0)
    ground = ground * (1 - dark)[..., None]
    puffs = 1 + 0.09 * terrain.slope(thick, canvas.light) * 8
    if canvas.look == "sar":
        canvas.ground(ground * (1 + 0.9 * opacity * puffs)[..., None])
    else:
        white = canvas.textured("cloud", np.clip(puffs, 0.75, 1.1))
        canvas.ground(terrain.mix(np.asarray(ground, np.float32), white, opacity))
