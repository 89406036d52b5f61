"""The steps of an encoder training as a torch data set: step number to batch."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch.utils.data import Dataset

from ..batches import Batch, batch
from ..clip_texts import tokenised
from ..encoder_lessons import sentences
from ..objectives import Targets
from ..scenes import Shard
from ..tokenizer import Tokenizer
from ..world import World
from .encoder_recipe import EncoderRecipe

CONTRAST_EVERY = 2  # steps: the text tower costs as much as a fifth of the pictures


class Draws(Dataset[dict[str, Any]]):
    """Scenes, crops and sentences of every step, each drawn from the seed and the number of the step."""

    def __init__(
        self, recipe: EncoderRecipe, shard: Shard, world: World, tokenizer: Tokenizer, length: int
    ) -> None:
        """`length`: tokens of a sentence."""
        self._recipe, self._shard, self._world = recipe, shard, world
        self._tokenizer, self._length = tokenizer, length
        self._labelled = np.flatnonzero(shard.label >= 0)

    def __len__(self) -> int:
        return self._recipe.steps

    def __getitem__(self, step: int) -> dict[str, Any]:
        """The inputs of `EncoderTrainer.forward` for a step, from 0."""
        recipe, shard = self._recipe, self._shard
        phase = recipe.phase(step)
        rng = np.random.default_rng((recipe.seed, step))
        places = np.arange(len(shard.images)) if phase.dense else self._labelled
        scenes = _some(places, recipe.batch, rng)
        crops = _some(np.arange(len(shard.crops)), recipe.crops, rng)
        drawn = batch(shard, scenes, crops, phase.size, rng)
        texts = None
        if step % CONTRAST_EVERY == 0 and len(crops):
            texts = tokenised(sentences(self._world, rng), self._tokenizer, self._length)
        own = {name: getattr(drawn, name) for name in Batch.__dataclass_fields__}
        targets = {name: getattr(drawn.targets, name) for name in Targets.__dataclass_fields__}
        return {**own, "targets": targets, "texts": texts, "dense": phase.dense}


def _some(places: np.ndarray[Any, Any], count: int, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """So many different ones, or all there are."""
    found: np.ndarray[Any, Any] = rng.choice(places, min(count, len(places)), replace=False)
    return found
