"""The entry: one scene from its class, its seed and its index."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from . import terrain
from .canvas import FINER, Canvas
from .captions import caption
from .labels import labelled
from .looks import developed
from .palettes import Palette
from .recipes import RECIPES, Recipe
from .scatter import scatter
from .scene import LOOKS, OBJECTS, SCENES, DrawnObject, Scene

_CHOICE, _PICTURE = 1, 2  # two independent streams a scene: what to draw, and drawing it


def draw_scene(
    label: str | None,
    *,
    seed: int,
    index: int,
    size: int = 256,
    look: str | None = None,
    shifted: bool = False,
    objects: Mapping[str, tuple[int, int]] | None = None,
    ground_sampling_distance: float | None = None,
) -> Scene:
    """Draw a scene; the same arguments give the same bytes.

    ``label`` (one of SCENES) and ``look`` (one of LOOKS) are chosen from the seed when None.
    ``size`` is the side in pixels. ``objects`` sets how many labelled objects of a class the scene
    holds, from a minimum to a maximum; fewer only where no more find room.
    ``ground_sampling_distance`` is in metres per pixel.
    ``shifted`` draws from other palettes, scales and densities, for testing what carries over.
    Raises ValueError for a name that is not known or a number out of range.
    """
    _check(label, look, seed, index, size, objects, ground_sampling_distance)
    wanted = dict(objects or {})
    choice = _stream(_CHOICE, seed, index)
    likely = _classes_for(wanted)
    drawn_label, drawn_look = str(choice.choice(likely)), str(choice.choice(LOOKS, p=(0.6, 0.2, 0.2)))
    label = label or drawn_label
    look = look or ("infrared" if label == "cloud" and drawn_look == "sar" else drawn_look)
    rng = _stream(_PICTURE, seed, index, SCENES.index(label), LOOKS.index(look), int(shifted), size)
    drawn_distance = _distance(rng, RECIPES[label], size, shifted)
    distance = ground_sampling_distance or drawn_distance
    density = float(rng.choice((0.5, 1.7))) if shifted else float(rng.uniform(0.8, 1.2))
    palette = Palette(rng, look, shifted=shifted)
    canvas = Canvas(rng, size, distance, look, palette, density=density, wanted=wanted)
    RECIPES[label].draw(canvas)
    scatter(canvas)
    pixels = terrain.planar(np.asarray(canvas.image.reduce(FINER)))
    pixels, found = _veiled(canvas, pixels, wanted, cloudy=label not in ("cloud", "snowberg"))
    image = developed(pixels, look, rng, shifted=shifted)
    return Scene(image, label, look, distance, found, caption(label, found, rng, first=RECIPES[label].holds))


def _stream(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))


def _check(
    label: str | None,
    look: str | None,
    seed: int,
    index: int,
    size: int,
    objects: Mapping[str, tuple[int, int]] | None,
    distance: float | None,
) -> None:
    for value, known, what in ((label, SCENES, "scene"), (look, LOOKS, "look")):
        if value is not None and value not in known:
            raise ValueError(f"no {what} is called {value!r}; expected one of: {', '.join(known)}")
    for name, (low, high) in (objects or {}).items():
        if name not in OBJECTS or not 0 <= low <= high:
            raise ValueError(f"cannot draw {low} to {high} of {name!r}; known: {', '.join(OBJECTS)}")
    if seed < 0 or index < 0:
        raise ValueError(f"seed and index must not be negative, got {seed} and {index}")
    if not 64 <= size <= 2048:
        raise ValueError(f"size must be 64 to 2048 pixels, got {size}")
    if distance is not None and not distance > 0:
        raise ValueError(f"ground sampling distance must be over 0 metres, got {distance}")


def _classes_for(wanted: Mapping[str, tuple[int, int]]) -> list[str]:
    holding = [name for name, recipe in RECIPES.items() if set(wanted) & set(recipe.holds)]
    return holding or list(SCENES)


def _distance(rng: np.random.Generator, recipe: Recipe, size: int, shifted: bool) -> float:
    low, high = np.log(recipe.finest), np.log(recipe.coarsest)
    distance = float(np.exp(rng.uniform(low, high)))
    if shifted:
        distance *= float(rng.choice((0.8, 1.3)))
    return distance * (256 / size if recipe.single else 1.0)


def _veiled(
    canvas: Canvas, pixels: npt.NDArray[np.float32], wanted: Mapping[str, tuple[int, int]], *, cloudy: bool
) -> tuple[npt.NDArray[np.float32], tuple[DrawnObject, ...]]:
    """The image with a stray cloud now and then, and the labels of what is still seen."""
    size, rng = canvas.size, canvas.rng
    trees = np.asarray(canvas.cover) > 127
    clear = labelled(canvas.drafts, size, trees if trees.any() else None)
    if not (cloudy and canvas.look == "optical" and canvas.chance(0.06)):
        return pixels, clear
    thick = terrain.noise(rng, size, size * 0.35, octaves=5)
    opacity = terrain.edge(thick, canvas.between(0.9, 1.6), 1.0)
    seen = labelled(canvas.drafts, size, trees | (opacity > 0.6))
    for name, (low, _) in wanted.items():
        if sum(item.name == name for item in seen) < low:
            return pixels, clear
    return terrain.mix(pixels, canvas.textured("cloud"), opacity), seen
