"""Conversations dealt out to processes and laid side by side in rows that do not waste their length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from .conversation import Spoken

Rows = list[list[int]]


@dataclass(frozen=True, slots=True)
class Block:
    """A conversation with its BOS and `visual` tokens (0: text alone), and where it came from."""

    spoken: Spoken
    visual: int
    sample: int

    @property
    def length(self) -> int:
        """Places it takes in a row."""
        return 1 + self.visual + len(self.spoken.ids)


def fill(lengths: Sequence[int], capacity: int) -> Rows:
    """Numbers of conversations by row: the longest first, each into the first row that has room for it
    (first-fit decreasing: at most 11/9 of the fewest rows possible, and one).

    With capacity 0, or where it is longer than a row, a conversation has a row of its own.

    >>> fill([4, 7, 3, 6], 10)
    [[1, 2], [3, 0]]
    """
    rows: Rows = []
    room: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        place = next((r for r, left in enumerate(room) if lengths[number] <= left), None)
        if place is None:
            rows.append([number])
            room.append(capacity - lengths[number])
        else:
            rows[place].append(number)
            room[place] -= lengths[number]
    return rows


def deal(lengths: Sequence[int], capacity: int, processes: int, parts: int) -> list[list[Rows]]:
    """The rows of a step by process and part, none empty where there are as many conversations as parts.

    Processes work at the same time, so rows go round by falling length; the parts of a process follow each
    other, so rows of like length stand together and padding is little.
    """
    rows = fill(lengths, capacity)
    while len(rows) < processes * parts:
        full = max(range(len(rows)), key=lambda r: len(rows[r]), default=None)
        if full is None or len(rows[full]) < 2:
            break
        rows.append(rows[full][1::2])
        rows[full] = rows[full][::2]
    rows.sort(key=lambda row: -sum(lengths[n] for n in row))
    return [_cut(rows[process::processes], parts) for process in range(processes)]


def _cut(rows: Rows, parts: int) -> list[Rows]:
    ends = [round(part * len(rows) / parts) for part in range(parts + 1)]
    return [rows[begin:end] for begin, end in zip(ends, ends[1:], strict=False)]


def padding(lengths: Sequence[int], dealt: Sequence[Sequence[Rows]]) -> float:
    """The share of places that hold no token, in the longest row's width of each part.

    >>> padding([4, 7, 3, 6], [[[[1, 2]], [[3, 0]]]])
    0.0
    """
    places = 0
    for rows in chain.from_iterable(dealt):
        widths = [sum(lengths[n] for n in row) for row in rows]
        places += len(widths) * max(widths, default=0)
    return 1 - sum(lengths) / places if places else 0.0
