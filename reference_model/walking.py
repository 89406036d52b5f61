"""Answers that walk along the proposals, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .model import EarthGPT

NONE = (-1, -float("inf"))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A token of an answer and its log-probability; `instead`: those of the likeliest step that takes a
    proposal, chosen or not."""

    token: int
    logprob: float
    instead: tuple[int, float] = NONE


class Walks:
    """How far the walk of every answer is, and what its next step adds to the token that makes it.

    `walk` is `pointers.steps` of the vocabulary, `shown` each answer's visual tokens of the proposals
    (proposals, width), `ids` the text before it.
    """

    def __init__(
        self, model: EarthGPT, walk: Sequence[int], shown: Sequence[Tensor], ids: Sequence[Sequence[int]]
    ) -> None:
        self._region, self._walk, self._takes = model.region, frozenset(walk), list(walk[1:3])
        if model.region is None:
            return
        self._shown, self._steps = torch.stack(list(shown)), [0] * len(ids)
        embedding = model.language.get_input_embeddings()
        questions = [embedding(torch.tensor(n, device=self._shown.device)).float().mean(0) for n in ids]
        self._questions = torch.stack(questions).to(self._shown.dtype)

    def instead(self, logits: Tensor, total: Tensor) -> list[tuple[int, float]]:
        """`Chosen.instead` of every row, from logits (rows, vocabulary) and the logarithms of their sums."""
        if self._region is None or not self._takes:
            return [NONE] * len(logits)
        found, place = logits[:, self._takes].max(-1)
        values = (found - total).tolist()
        return [(self._takes[p], value) for p, value in zip(place.tolist(), values, strict=True)]

    def __call__(self, order: Sequence[int], chosen: Sequence[int]) -> Tensor | None:
        """What is added to the tokens chosen for the answers in `order`: (rows, width); None: nothing."""
        if self._region is None:
            return None
        made = []
        for row, (answer, token) in enumerate(zip(order, chosen, strict=True)):
            if token in self._walk:
                made.append((row, answer, self._steps[answer]))
                self._steps[answer] += 1
        made = [step for step in made if step[2] < self._shown.shape[1]]
        if not made:
            return None
        rows, answers, proposals = map(list, zip(*made, strict=True))
        added = self._questions.new_zeros(len(chosen), self._shown.shape[2])
        added[rows] = self._region.step(self._shown[answers, proposals], self._questions[answers])
        return added


def decided(chosen: Sequence[Chosen], walk: Sequence[int], used: int) -> list[Chosen]:
    """An answer whose walk took none of `used` proposals before it ended takes the likeliest: a phrase means
    something, and no learned walk takes nothing."""
    found = list(chosen)
    first = next((n for n, one in enumerate(found) if one.token in walk[:3]), len(found))
    end = next((n for n in range(first, len(found)) if found[n].token != walk[0]), len(found))
    decisions = range(first + 1, min(end, first + 1 + used))
    if end < len(found) and found[end].token not in walk and decisions:
        best = max(decisions, key=lambda n: found[n].instead[1])
        token, logprob = found[best].instead
        found[best] = replace(found[best], token=token, logprob=logprob)
    return found
