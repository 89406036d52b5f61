"""The parts of every step as a torch data set: part number to batch, nothing remembered in between."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from torch.utils.data import Dataset

from ...harness.errors import DataError
from ..config import Config
from ..data.mixing import mix
from ..pointers import steps
from ..tokenizer import Tokenizer
from .collate import Batch, collate
from .conversation import apart, together
from .example import Example, Picture, Source
from .pack import Block, Rows, deal
from .recipe import Recipe

_TURNS = {"together": together, "apart": apart}


@dataclass(frozen=True, slots=True)
class Step:
    """The conversations of a step and how they are dealt out, by process and part. `skipped` samples have no
    turn that fits; `names` says which example a sample is."""

    blocks: tuple[Block, ...]
    examples: dict[int, Example]
    names: dict[int, str]
    dealt: list[list[Rows]]
    skipped: tuple[int, ...]


class Steps(Dataset[Batch]):
    """`steps` x parts x processes batches; accelerate hands them to the processes in turn.

    The conversations of a step are the same however many processes and parts share them. Skipping batches
    reads nothing. Every batch has, beside the tensors of `collate`, a `note` of what is in it.
    """

    def __init__(
        self,
        recipe: Recipe,
        config: Config,
        tokenizer: Tokenizer,
        sources: Mapping[str, Source],
        processes: int,
    ) -> None:
        """`sources` by name, as `recipe.data` calls them."""
        self._recipe, self._config, self._tokenizer = recipe, config, tokenizer
        self._processes = processes
        self._walk = steps(tokenizer)
        visits = {data.called: data.weight * len(sources[data.called]) for data in reversed(recipe.data)}
        listed = [(data.called, len(sources[data.called]), visits[data.called]) for data in recipe.data]
        self._mixture, self.names, self.problems = mix(listed, recipe.seed)
        self._sources = [sources[name] for name in self.names]
        self.samples = round(sum(visits.values()))  # in a pass over the mixture
        self.steps = recipe.steps or math.ceil((recipe.epochs or 1) * self.samples / recipe.batch)
        self._last: tuple[int, Step] | None = None
        self._draws: tuple[int, Iterator[tuple[int, int]]] = (0, self._mixture.stream())

    def __len__(self) -> int:
        return self.steps * self._recipe.accumulate * self._processes

    def __getitem__(self, slot: int) -> Batch:
        """The batch that is number `slot` when parts are counted step by step, part by part, process by
        process."""
        number, place = divmod(slot, self._recipe.accumulate * self._processes)
        part, process = divmod(place, self._processes)
        step = self.step(number)
        rows = [[step.blocks[i] for i in row] for row in step.dealt[process][part]]
        pictures, broken = _opened(step, rows)
        language = self._config.language
        batch = collate(rows, pictures, language.bos_id, language.pad_id, self._recipe.weigh, self._walk)
        note = {
            "tokens": sum(block.length for row in rows for block in row),
            "samples": [step.names[block.sample] for row in rows for block in row],
            "problems": broken if place else broken + self._left_out(step),
        }
        return batch | {"note": note}

    def step(self, number: int) -> Step:
        """What step `number` (from 0) is made of; the last one is kept for its other parts."""
        if self._last is None or self._last[0] != number:
            self._last = number, self._made(number)
        return self._last[1]

    def counts(self, steps: int) -> dict[str, int]:
        """Samples of each source in the first `steps` steps."""
        drawn = Counter(source for source, _ in islice(self._mixture.stream(), steps * self._recipe.batch))
        return {name: drawn[number] for number, name in enumerate(self.names)}

    def _drawn(self, first: int) -> list[tuple[int, int]]:
        """The draws of a step whose first sample is `first`; a stream is kept, for steps come in order."""
        at, stream = self._draws
        if first < at:
            at, stream = first, self._mixture.stream(first)
        found = list(islice(stream, first - at, first - at + self._recipe.batch))
        self._draws = (first + self._recipe.batch, stream)
        return found

    def _made(self, number: int) -> Step:
        recipe, language = self._recipe, self._config.language
        speak = _TURNS[recipe.turns]
        blocks, examples, names, skipped = [], {}, {}, []
        first = number * recipe.batch
        for sample, (source, index) in enumerate(self._drawn(first), start=first):
            names[sample] = f"{self.names[source]} {index}"
            rng = np.random.default_rng((recipe.seed, 1, sample))
            example = examples[sample] = self._sources[source].example(index, rng)
            spoken = speak(
                example.turns, self._tokenizer, self._config.system_prompt, language.eos_id, recipe.max_tokens
            )
            if spoken.ids:
                visual = 0 if example.picture is None else self._config.visual_tokens
                blocks.append(Block(spoken, visual, sample))
            else:
                skipped.append(sample)
        dealt = deal([b.length for b in blocks], recipe.pack, self._processes, recipe.accumulate)
        return Step(tuple(blocks), examples, names, dealt, tuple(skipped))

    def _left_out(self, step: Step) -> list[dict[str, str]]:
        limit = f"longer than {self._recipe.max_tokens} tokens"
        found = [_problem(step.names[s], f"skipped: no answer, or {limit}") for s in step.skipped]
        found += [
            _problem(step.names[b.sample], f"turns left out: {limit}") for b in step.blocks if b.spoken.lost
        ]
        return found


def _opened(step: Step, rows: Sequence[Sequence[Block]]) -> tuple[dict[int, Picture | None], list[Any]]:
    """The pictures of some conversations by sample; None for a broken one, which is named."""
    pictures: dict[int, Picture | None] = {}
    broken = []
    for block in (block for row in rows for block in row):
        picture = step.examples[block.sample].picture
        try:
            pictures[block.sample] = picture() if callable(picture) else picture
        except DataError as error:
            pictures[block.sample] = None
            broken.append(_problem(step.names[block.sample], f"broken picture: {error.message}"))
    return pictures, broken


def _problem(sample: str, reason: str) -> dict[str, str]:
    return {"sample": sample, "problem": reason}
