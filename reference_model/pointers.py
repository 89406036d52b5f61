"""Coordinates and the pointer tokens that stand for them under `localisation: proposals`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..harness.dialects.earthgpt import nearest_first
from .tokenizer import passing, pointer

_POINTER = re.compile(r"<([bo-])(\d+)>")
_POINTED = re.compile(r"\[<[bo]\d+>(?:;<[bo]\d+>)*\]")
_BRACKET = re.compile(r"<[bo]\d+>(?:;<[bo]\d+>)+")


@dataclass(frozen=True, slots=True)
class Slots:
    """The proposals of one picture, in use first: `boxes` of 4 and `corners` of 8 parts of the square."""

    boxes: Sequence[Sequence[float]]
    corners: Sequence[Sequence[float]]

    def numbers(self, index: int, oriented: bool) -> str:
        """A proposal as EarthGPT's notation has it: two decimals, no spaces (IV-B)."""
        parts = nearest_first(self.corners[index]) if oriented else self.boxes[index]
        return ",".join(f"{value:.2f}" for value in parts)

    def written(self, token: str) -> str:
        """A token's text with a pointer replaced by the numbers it stands for; an empty slot has none, and
        neither has a pass."""
        found = _POINTER.fullmatch(token)
        if found is None:
            return token
        index = int(found[2])
        return self.numbers(index, found[1] == "o") if index < len(self.boxes) and found[1] != "-" else ""

    def pointed(self, answer: str, oriented: bool, used: Sequence[int]) -> str:
        """An answer with the numbers of the `used` proposals replaced by pointers.

        Two proposals that print alike are one: the first stands for both. In a bracket the pointers stand in
        the order of the proposals, horizontal and oriented alike: a walk along them is learned sooner.
        """
        names = {self.numbers(i, oriented): pointer(i, oriented) for i in reversed(used)}
        if not names:
            return answer
        pattern = re.compile("|".join(re.escape(text) for text in sorted(names, key=len, reverse=True)))
        return _BRACKET.sub(_in_order, pattern.sub(lambda match: names[match[0]], answer))

    def walked(self, answer: str, oriented: bool, used: Sequence[int]) -> str:
        """`pointed`, with a pass for every proposal that is not meant.

        Which of many proposals a phrase means is hardly learned as one choice; along a walk it is a small
        decision at each.
        """
        return _POINTED.sub(self._walk, self.pointed(answer, oriented, used), count=1)

    def _walk(self, bracket: re.Match[str]) -> str:
        meant = {int(token[2:-1]): token for token in bracket[0][1:-1].split(";")}
        steps = [meant.get(i, passing(i)) for i in range(len(self.boxes))]
        for i in sorted(meant)[1:]:
            steps[i] = f";{steps[i]}"
        return f"[{''.join(steps)}]"


def _in_order(bracket: re.Match[str]) -> str:
    return ";".join(sorted(bracket[0].split(";"), key=lambda token: int(token[2:-1])))
