"""Coordinates and the pointer tokens that stand for them under `localisation: proposals`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ..harness.dialects.earthgpt import nearest_first
from .tokenizer import ONWARD, Tokenizer, here, pointer, tally, walk

POINTER = re.compile(r"<(?:([bo])(\d+)|([bo-]|\+\d+))>")
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

    def written(self, pieces: Sequence[str]) -> list[str]:
        """The texts of an answer's tokens with the numbers that pointers and the steps of a walk stand for.

        An empty slot has none. Between two boxes that a walk takes stands ";".
        """
        found = []
        step, between = -1, ""  # a walk's first step is onto proposal 0
        for piece in pieces:
            match = POINTER.fullmatch(piece)
            if match is None:
                found.append(piece)
            elif match[1]:
                found.append(self._printed(int(match[2]), match[1] == "o"))
            else:
                taken = self._printed(step, match[3] == "o") if match[3] in ("b", "o") else ""
                found.append(between + taken if taken else "")
                step, between = step + 1, ";" if taken else between
        return found

    def _printed(self, index: int, oriented: bool) -> str:
        return self.numbers(index, oriented) if 0 <= index < len(self.boxes) else ""

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
        """`pointed`, as a walk: a step onto the first proposal, then at each one token, taken or not.

        Which of many proposals a phrase means is hardly learned as one choice; along a walk it is a small
        decision at each, the same everywhere.
        """
        return _POINTED.sub(self._walk, self.pointed(answer, oriented, used), count=1)

    def tallied(self, answer: str, counted: Collection[int]) -> str:
        """An answer after a walk that counts some of the proposals and prints nothing."""
        so_far = accumulate((i in counted for i in range(len(self.boxes))), initial=0)
        return "".join(map(tally, so_far)) + answer

    def _walk(self, bracket: re.Match[str]) -> str:
        meant = {int(number): here(mark == "o") for mark, number, _ in POINTER.findall(bracket[0])}
        return f"[{ONWARD}{''.join(meant.get(i, ONWARD) for i in range(len(self.boxes)))}]"


def _in_order(bracket: re.Match[str]) -> str:
    return ";".join(sorted(bracket[0].split(";"), key=lambda token: int(token[2:-1])))


def steps(tokenizer: Tokenizer) -> list[int]:
    """The tokens that are steps of a walk; none for a vocabulary without proposals."""
    found = []
    for name in walk(len(tokenizer)):
        if (number := tokenizer.id(name)) is None:
            break
        found.append(number)
    return found
