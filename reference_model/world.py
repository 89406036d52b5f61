"""The names a training of the encoders tells apart."""

from __future__ import annotations

from dataclasses import dataclass

from ..harness.datasets.mini.scene import AIRCRAFT, LOOKS, OBJECTS, SCENES


@dataclass(frozen=True, slots=True)
class World:
    """Names by kind; a `Shard` holds places in these lists. `types` are finer names of one of the objects."""

    objects: tuple[str, ...]
    types: tuple[str, ...]
    scenes: tuple[str, ...]
    looks: tuple[str, ...]


RENDERED = World(OBJECTS, AIRCRAFT, SCENES, LOOKS)
