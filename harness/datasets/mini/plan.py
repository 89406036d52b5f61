"""Which scenes a miniature shows: classes, looks, objects and seeds, from a card alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

from ...errors import UsageError
from ..card import Card

if TYPE_CHECKING:
    from .scene import Scene

FIRST_TRAINING_SEED = 1_000_000  # tests are drawn from seeds below, training from this one on
TEST_SEED, TRAINING_SEED = 1, FIRST_TRAINING_SEED + 1
_STREAM = 3  # of random numbers, apart from the two of the renderer


@dataclass(frozen=True, slots=True)
class Shot:
    """One scene to draw: `label` is the class of the card, `scene` that of the renderer."""

    index: int
    label: str
    scene: str
    look: str
    shifted: bool
    objects: Mapping[str, tuple[int, int]] | None

    def draw(self, seed: int, side: int) -> Scene:
        """The picture and its labels."""
        from . import draw_scene

        return draw_scene(
            self.scene,
            seed=seed,
            index=self.index,
            size=side,
            look=self.look,
            shifted=self.shifted,
            objects=self.objects,
        )


def is_training(split: str) -> bool:
    """Whether a split is for training: by its name, and every other one is for tests."""
    return split.startswith("train")


def seed_of(split: str, seed: int | None) -> int:
    """The seed of a split, the usual one where none is given; splits for tests differ by their names.

    Raises:
        UsageError: a seed for training asked for a test, or the other way round.
    """
    test = not is_training(split)
    if seed is None:
        named = TEST_SEED + 1 + crc32(split.encode()) % (FIRST_TRAINING_SEED - TEST_SEED - 1)
        seed = (TEST_SEED if split == "test" else named) if test else TRAINING_SEED
    if seed < 0 or test != (seed < FIRST_TRAINING_SEED):
        limits = f"0 to {FIRST_TRAINING_SEED - 1}" if test else f"{FIRST_TRAINING_SEED} or more"
        raise UsageError(f"The seed {seed} is not one of the split {split!r}, which has {limits}.")
    return seed


def shots(card: Card, split: str, seed: int, count: int) -> Iterator[Shot]:
    """The scenes of a miniature: `count` a class for classification, `count` in all for detection.

    A share of the test scenes (the card's `shifted`) is drawn in other palettes, scales and densities, which
    no training scene has. A share (`empty`) of a detection card's scenes holds none of its objects.
    """
    import numpy as np

    mini: Mapping[str, Any] = card.mini
    shares = {"shifted": 0.0 if is_training(split) else float(mini.get("shifted", 0))}
    looks = list(mini["looks"])
    for index, (label, scenes) in enumerate(_labels(mini, count)):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((_STREAM, seed, index))))
        scene = str(scenes[rng.integers(len(scenes))])
        look = str(rng.choice(looks, p=[mini["looks"][name] for name in looks]))
        shifted, empty = (bool(v) for v in rng.random(2) < (shares["shifted"], mini.get("empty", 0)))
        objects = _objects(mini, scene, empty)
        yield Shot(index, label, scene, look, shifted, objects)


def _labels(mini: Mapping[str, Any], count: int) -> Iterator[tuple[str, list[str]]]:
    """The class of each scene and what may be drawn for it."""
    if "classes" in mini:
        for label, scenes in mini["classes"].items():
            yield from ((label, scenes) for _ in range(count))
    else:
        yield from (("", list(mini["scenes"])) for _ in range(count))


def _objects(mini: Mapping[str, Any], scene: str, empty: bool) -> dict[str, tuple[int, int]] | None:
    """How many objects of which class: a scene holds its own, an empty one none of any.

    A scene of a class holds what its recipe draws, unless the miniature says what all of them must show.
    """
    if "classes" in mini:
        return {name: (low, high) for name, (low, high) in mini.get("objects", {}).items()} or None
    if empty:
        return {name: (0, 0) for held in mini["scenes"].values() for name in held}
    return {name: (low, high) for name, (low, high) in mini["scenes"][scene].items()}
