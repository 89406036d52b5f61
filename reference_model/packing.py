"""Several questions about one picture in one sequence, each blind to the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .data.record import Turn
from .instructions import END, wrapped
from .tokenizer import Tokenizer

_POINTER = re.compile(r"(<[bo]\d+>)")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A turn as tokens; the answer ends with END and the end of the sequence."""

    prompt: list[int]
    answer: list[int]


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch of sequences: BOS, visual tokens, then the turns side by side.

    `ids` (batch, text): BOS and the turns' tokens. `positions` (batch, visual + text): every turn counts on
    from the picture as if it were alone. `mask` (batch, 1, n, n): True where a place may look. `targets`
    (batch, n): the next token where it is one of an answer, else -100. `weights` (batch, n): there, one over
    the answer's length, so that a name of two tokens is taught as much as a list of fifty boxes.
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    targets: Tensor
    weights: Tensor


def encode(turn: Turn, tokenizer: Tokenizer, system: str, eos: int) -> Encoded:
    """Tokens of a turn; the prompt alone is encoded as it will be when the answer is asked for."""
    answer: list[int] = []
    for part in _POINTER.split(f" {turn.answer}{END}"):
        number = tokenizer.id(part) if _POINTER.fullmatch(part) else None
        answer += tokenizer.encode(part) if number is None else [number]
    return Encoded(tokenizer.encode(wrapped(turn.question, system)), [*answer, eos])


def pack(batch: Sequence[Sequence[Encoded]], visual: int, bos: int, pad: int) -> Packed:
    """Turns of several pictures, padded on the right; `visual` tokens follow BOS."""
    first = 1 + visual
    rows = [[bos, *(i for turn in turns for i in (*turn.prompt, *turn.answer))] for turns in batch]
    longest = max(map(len, rows)) + visual
    ids = torch.full((len(rows), longest - visual), pad)
    positions = torch.zeros(len(rows), longest, dtype=torch.long)
    part = torch.full((len(rows), longest), -1)  # 0: the picture, then the number of the turn
    targets = torch.full((len(rows), longest), -100)
    weights = torch.zeros(len(rows), longest)
    for r, (row, turns) in enumerate(zip(rows, batch, strict=True)):
        ids[r, : len(row)] = torch.tensor(row)
        positions[r, :first] = torch.arange(first)
        part[r, :first] = 0
        at = first
        for number, turn in enumerate(turns, start=1):
            length = len(turn.prompt) + len(turn.answer)
            positions[r, at : at + length] = torch.arange(first, first + length)
            part[r, at : at + length] = number
            begin = at + len(turn.prompt)
            targets[r, begin - 1 : at + length - 1] = torch.tensor(turn.answer)
            weights[r, begin - 1 : at + length - 1] = 1 / len(turn.answer)
            at += length
    causal = torch.ones(longest, longest, dtype=torch.bool).tril()
    together = (part[:, :, None] == part[:, None, :]) | (part[:, None, :] == 0)
    alone = torch.eye(longest, dtype=torch.bool)  # padding looks at itself, so that its softmax is defined
    mask = (causal & together) | alone
    return Packed(ids, positions, mask[:, None], targets, weights)
