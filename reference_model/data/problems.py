"""What was wrong with the records of a conversion or a file: counted by kind, a few of each named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...harness.contract import Problem

SHOWN = 5  # of each kind are named


@dataclass(frozen=True, slots=True)
class Problems:
    """How many of each kind, and where some of them are. Empty is false."""

    counts: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __add__(self, other: Problems) -> Problems:
        tally = Tally()
        for problems in (self, other):
            for kind, count in problems.counts.items():
                tally.count(kind, problems.examples.get(kind, ()), count)
        return tally.problems()

    def lines(self) -> list[str]:
        """One line a kind, the most frequent first: how many, what, and where some of them are.

        >>> Problems({"empty answer": 7}, {"empty answer": ("record 3", "record 9")}).lines()
        ['7  empty answer: record 3; record 9; ...']
        """
        ordered = sorted(self.counts.items(), key=lambda row: (-row[1], row[0]))
        return [f"{count:,}  {kind}{self._where(kind, count)}" for kind, count in ordered]

    def _where(self, kind: str, count: int) -> str:
        named = self.examples.get(kind, ())
        return f": {'; '.join([*named, *(['...'] if count > len(named) else [])])}" if named else ""


class Tally:
    """Counts problems as they are met."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}

    def add(self, kind: str, where: str) -> None:
        """One more of a kind."""
        self.count(kind, (where,), 1)

    def count(self, kind: str, examples: Iterable[str], count: int) -> None:
        """Some more of a kind."""
        self._counts[kind] = self._counts.get(kind, 0) + count
        named = self._examples.setdefault(kind, [])
        named += list(examples)[: SHOWN - len(named)]

    def take(self, found: Iterable[Problem]) -> None:
        """The problems of a reader of the harness, by kind."""
        for problem in found:
            self.add(kind_of(problem.reason), f"{problem.item}: {problem.reason}"[:160])

    def problems(self) -> Problems:
        """What was counted so far."""
        return Problems(dict(self._counts), {kind: tuple(named) for kind, named in self._examples.items()})


def kind_of(reason: str) -> str:
    """The kind of a reason: what it says without the names and numbers in it.

    >>> kind_of("a box outside the image of 640 x 512 pixels (ship)"), kind_of("the image 12.jpg is missing")
    ('a box outside the image of ... pixels', 'the image ... is missing')
    """
    bare = re.sub(r"\s*\([^()]*\)$", "", reason.split(": ", 1)[0])
    bare = re.sub(r"^the image \S.* is ", "the image ... is ", bare)
    bare = re.sub(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\S*\d\S*( x \d+)?", "...", bare)
    return re.sub(r"(\.\.\.[ ,]*)+(?=\.\.\.)", "", bare)
