"""One conversation about one picture: the unit every training set is made of."""

from __future__ import annotations

from dataclasses import dataclass

from ...harness.contract import Turn

__all__ = ["Record", "Turn"]


@dataclass(frozen=True, slots=True)
class Record:
    """A picture (a path relative to the folder of the set, `/` between its parts; None: text alone) and the
    turns of the conversation about it, in order."""

    image: str | None
    turns: tuple[Turn, ...]
