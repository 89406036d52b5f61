"""The vocabulary of a model that is trained from nothing on rendered scenes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from ..harness.contract import Region
from ..harness.dialects.earthgpt import EarthGPT as Dialect
from . import clip_texts, instructions, tokenizer
from .config import Config
from .instructions import END, wrapped
from .lessons import answered, facts_of, ground, grounded
from .scenes import Shard
from .world import RENDERED

SCENES = 3000  # whose lessons are read
_NUMBER = re.compile(r"\d\.\d\d")  # a coordinate is one token and needs no merges


def learned(shard: Shard, config: Config) -> tokenizer.Tokenizer:
    """A vocabulary from the lessons about the first scenes of a shard, every prompt and every name."""
    pointers = config.proposals.count if config.proposals else 0
    return tokenizer.train(texts(shard), config.language.vocab_size, pointers)


def texts(shard: Shard) -> Iterator[str]:
    """What is read for the vocabulary: the text between coordinates."""
    yield from clip_texts.corpus([*RENDERED.scenes, *RENDERED.objects, *RENDERED.types])
    yield from instructions.corpus(RENDERED.scenes, RENDERED.objects, RENDERED.types)
    rng = np.random.default_rng(7)
    for scene in range(min(SCENES, len(shard.images))):
        facts = facts_of(shard, scene)
        for wording in ("paper", "released"):
            dialect = Dialect(wording)
            turns = list(answered(facts, wording, rng))
            for phrase, items in grounded(facts, rng):
                regions = [Region(item.box, item.name) for item in items]
                turns.append(ground(phrase, regions, bool(rng.random() < 0.2), dialect, str))
            for turn in turns:
                yield from _NUMBER.split(wrapped(turn.question))
                yield from _NUMBER.split(f" {turn.answer}{END}")
