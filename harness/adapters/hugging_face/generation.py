"""Greedy or sampled answers of a batch, each token with its log-probability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from .library import quiet, transformers

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Asked:
    """How one row of a batch is answered: at most `limit` tokens, and where `temperature` is not 0, by chance
    from `seed` alone, whatever else is in the batch."""

    limit: int
    temperature: float
    seed: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Made:
    """The tokens of an answer, its end mark included, and their log-probabilities under the model itself."""

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]


class Generator:
    """A model made ready to answer.

    Of the checkpoint's generation_config only the tokens that end an answer are kept: sampling, beams and
    penalties would make answers of different models incomparable. `ends` are further such tokens.
    """

    def __init__(self, model: Any, tokenizer: Any, ends: Sequence[int]) -> None:
        self._model = model
        own = model.generation_config
        given = own.eos_token_id if own is not None else None
        listed = given if isinstance(given, list) else [given]
        self.ends = frozenset(i for i in (*listed, tokenizer.eos_token_id, *ends) if i is not None)
        pad = tokenizer.pad_token_id
        model.generation_config = transformers().GenerationConfig(
            do_sample=False,
            num_beams=1,
            use_cache=True,
            eos_token_id=sorted(self.ends),
            pad_token_id=pad if pad is not None else min(self.ends, default=0),
            bos_token_id=tokenizer.bos_token_id,
        )

    def answer(self, inputs: Mapping[str, Any], asked: Sequence[Asked]) -> list[Made]:
        """One answer a row of left-padded `inputs`."""
        import torch

        steps = _Steps(asked)
        with torch.inference_mode(), quiet():
            made = self._model.generate(
                **inputs, max_new_tokens=max(a.limit for a in asked), logits_processor=[steps]
            )
        rows = made[:, inputs["input_ids"].shape[1] :].tolist()
        logprobs = steps.logprobs()
        return [
            self._ended(ids, row, question.limit)
            for ids, row, question in zip(rows, logprobs, asked, strict=True)
        ]

    def _ended(self, ids: Sequence[int], logprobs: Sequence[float], limit: int) -> Made:
        length = min(limit, len(ids))
        for place, id_ in enumerate(ids[:length]):
            if id_ in self.ends:
                length = place + 1
                break
        return Made(tuple(ids[:length]), tuple(logprobs[:length]))


class _Steps:
    """Stands last among the logits processors of a greedy search: remembers how probable each choice was.

    A row with a temperature gets Gumbel noise, the largest sum then being a draw from the softmax (Gumbel's
    trick): a row's draws come from its own seed, and no global state of random numbers is touched.
    """

    def __init__(self, asked: Sequence[Asked]) -> None:
        self._asked = asked
        self._chosen: list[Tensor] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores (rows, vocabulary) as they are to be searched."""
        import torch

        searched = scores
        if any(a.temperature > 0 for a in self._asked):
            searched = scores.clone()
            for row, asked in enumerate(self._asked):
                if asked.temperature > 0:
                    searched[row] = scores[row] / asked.temperature + self._noise(asked, scores[row])
        best = torch.argmax(searched, -1, keepdim=True)
        known = scores.float()
        self._chosen.append(known.gather(-1, best).squeeze(-1) - known.logsumexp(-1))
        return searched

    def logprobs(self) -> list[list[float]]:
        """(rows, steps), never above 0."""
        import torch

        if not self._chosen:
            return [[] for _ in self._asked]
        return [[min(v, 0.0) for v in row] for row in torch.stack(self._chosen, 1).tolist()]

    def _noise(self, asked: Asked, like: Tensor) -> Tensor:
        import numpy as np
        import torch

        draws = np.random.default_rng((*asked.seed, len(self._chosen))).gumbel(size=like.shape[-1])
        return torch.from_numpy(draws).to(like)


def seed_of(key: str, seed: int) -> tuple[int, int]:
    """The seed of a request's own draws."""
    return seed % 2**64, int.from_bytes(sha256(key.encode("utf-8", "surrogatepass")).digest()[:16], "big")


def room(config: Any) -> float:
    """How many positions the language model has; without end where its configuration does not say."""
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    positions = getattr(text, "max_position_embeddings", None)
    return float(positions) if positions else math.inf
