"""What a training of the encoders is asked to do: a recipe file of the stage `encoders` as frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import accumulate
from typing import Any

from ...harness.errors import UsageError
from .values import build

_MUTABLE = ("save_every", "keep", "workers", "tensorboard")  # leave the curve as it is


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rendered scenes: `each` of every seed. They are kept in `folder` (`scenes` beside the output
    folder without it, where a source of rendered scenes finds them)."""

    seeds: tuple[int, ...]
    each: int
    folder: str | None = None


@dataclass(frozen=True, slots=True)
class Real:
    """Real pictures below `images` and what an MMRS-1M JSON file says of them."""

    mmrs: str
    images: str


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps at one picture size (pixels); `dense`: with the losses of the proposal head."""

    size: int
    steps: int
    dense: bool = True


@dataclass(frozen=True, slots=True)
class Cycle:
    """Steps over which the learning rate warms up to its peak and falls to 0."""

    learning_rate: float
    steps: int


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """A training of the two encoders, their CLIP and the proposal head together.

    `preset` begins at random, `start` with a checkpoint folder. The pictures are `scenes` or `real`; of real
    ones `objects` and `classes` are the names that are taught, names the proposal head does not have yet are
    added to it. Small pictures come first (`phases`): what a scene is can be learned from them at a fraction
    of the cost. `batch` scenes and `crops` crops a step; `warm_up` is a share of every cycle. Betas as V-A.
    """

    stage: str
    batch: int
    crops: int
    phases: tuple[Phase, ...]
    cycles: tuple[Cycle, ...]
    preset: str | None = None
    start: str | None = None
    scenes: Drawn | None = None
    real: tuple[Real, ...] = ()
    objects: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    warm_up: float = 0.03
    weight_decay: float = 0.05
    clip: float = 2.0
    seed: int = 0
    save_every: int = 100
    keep: int = 2
    workers: int = 0
    tensorboard: bool = True

    @property
    def steps(self) -> int:
        """Steps of the optimiser in all."""
        return sum(phase.steps for phase in self.phases)

    def digest(self) -> str:
        """SHA-256 of what decides the curve."""
        decisive = {k: v for k, v in asdict(self).items() if k not in _MUTABLE}
        return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    def phase(self, step: int) -> Phase:
        """The phase of a step, counted from 0."""
        ends = accumulate(phase.steps for phase in self.phases)
        return next(phase for phase, end in zip(self.phases, ends, strict=True) if step < end)


def parse(raw: Mapping[str, Any], file: str) -> EncoderRecipe:
    """The recipe in the mapping of a file.

    Raises:
        UsageError: a key that is unknown, missing, of another type or value; it is named, and so is the file.
    """
    recipe = build(EncoderRecipe, raw, "", file)
    for first, second in (("preset", "start"), ("scenes", "real")):
        if bool(getattr(recipe, first)) == bool(getattr(recipe, second)):
            raise UsageError(f"{file} must have {first} or {second}, one of them.")
    if recipe.real and not (recipe.objects or recipe.classes):
        raise UsageError(f"{file} names nothing to learn.", "List names under objects, classes, or both.")
    for key in ("batch", "crops", "save_every", "keep"):
        if getattr(recipe, key) < 1:
            raise UsageError(f"{key} of {file} is {getattr(recipe, key)}; it must be at least 1.")
    if (cycles := sum(cycle.steps for cycle in recipe.cycles)) != recipe.steps or recipe.steps < 1:
        raise UsageError(
            f"The phases of {file} have {recipe.steps} steps, its cycles {cycles}.", "Make them equal."
        )
    return recipe
