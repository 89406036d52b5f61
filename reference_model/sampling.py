"""The next token: the likeliest, or drawn from the likely ones with random numbers of the answer's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..harness.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one answer is drawn. Temperature 0 is greedy.

    `top_k`: among the k likeliest tokens, 0: among all. `top_p`: among the fewest of the likeliest tokens
    that hold so much of the probability (nucleus sampling, arXiv 1904.09751). `seed`: non-negative integers.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    seed: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        """Raises UsageError for numbers that mean nothing."""
        if not 0 <= self.temperature < float("inf"):
            raise UsageError(f"The temperature is {self.temperature}.", "Give 0 (greedy) or a larger number.")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"top_p is {self.top_p}.", "Give a part of 1, such as 0.95; 1 keeps all tokens.")
        if self.top_k < 0:
            raise UsageError(f"top_k is {self.top_k}.", "Give a number of tokens; 0 keeps all.")


class Sampler:
    """Chooses for the rows of a batch. Each token of a sampled answer takes one number from the answer's own
    generator, so that its neighbours do not matter."""

    def __init__(self, settings: Sequence[Sampling]) -> None:
        import numpy as np

        self._settings = tuple(settings)
        self._draws = [np.random.default_rng(s.seed) if s.temperature else None for s in self._settings]

    def __call__(self, logits: Tensor, order: Sequence[int]) -> Tensor:
        """The next tokens (rows,) from logits (rows, vocabulary); row i belongs to answer `order[i]`."""
        chosen = logits.argmax(-1)
        for row, answer in enumerate(order):
            if (draws := self._draws[answer]) is not None:
                chosen[row] = drawn(logits[row], self._settings[answer], draws.random())
        return chosen


def drawn(logits: Tensor, sampling: Sampling, number: float) -> Tensor:
    """The token at which the cumulated probability passes `number` in [0, 1), likeliest token first."""
    import torch

    probabilities, tokens = likely(logits, sampling)
    reached = probabilities.cumsum(0)
    place = torch.searchsorted(reached, number * reached[-1], right=True)
    return tokens[place.clamp(max=len(tokens) - 1)]


def likely(logits: Tensor, sampling: Sampling) -> tuple[Tensor, Tensor]:
    """The tokens that may be drawn, likeliest first, and their probabilities (float64).

    Cut in this order: temperature, top_k, top_p; the probabilities sum to one before the last cut.
    """
    below = logits.double() - logits.max()  # first, so that no temperature is too small
    ordered, tokens = (below / sampling.temperature).sort(descending=True, stable=True)
    if sampling.top_k:
        ordered, tokens = ordered[: sampling.top_k], tokens[: sampling.top_k]
    probabilities = ordered.softmax(0)
    if sampling.top_p == 1:  # a sum of floats may reach one before its last term
        return probabilities, tokens
    kept = probabilities.cumsum(0) - probabilities < sampling.top_p  # what stands before it is not enough
    kept[0] = True
    return probabilities[kept], tokens[kept]
