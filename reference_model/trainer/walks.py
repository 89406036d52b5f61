"""Where the answers of a batch walk along proposals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from .conversation import Spoken
from .pack import Block


def walked(rows: Sequence[Sequence[Block]], walk: Sequence[int]) -> Tensor:
    """The tokens of `walk` in answers about a picture, (steps, 6): row and place; the picture, counted over
    the rows, and its proposal that is stepped onto; where in the row the text before the answer begins and
    ends."""
    found = []
    picture = -1
    for number, row in enumerate(rows):
        at = 0
        for one in row:
            picture += one.visual > 0
            first = at + 1 + one.visual
            if one.visual:
                for place, step, begin, end in _steps(one.spoken, walk):
                    found.append((number, first + place, picture, step, first + begin, first + end))
            at += one.length
    return torch.tensor(found, dtype=torch.long).view(-1, 6)


def _steps(spoken: Spoken, walk: Sequence[int]) -> Iterator[tuple[int, int, int, int]]:
    begin = end = step = 0
    last = (0, -1)
    for place, now in enumerate(zip(spoken.part, spoken.answer, strict=True)):
        if now[0] != last[0]:
            begin = place
        if now[1] != last[1]:
            end, step = place, 0
        last = now
        if now[1] >= 0 and spoken.ids[place] in walk:
            yield place, step, begin, end
            step += 1
