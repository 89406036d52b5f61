"""Patterns over characters: their notation, read into a tree.

White space in a pattern means nothing. Outside brackets a letter stands for both its cases. `[...]` is a set
of characters as in `re`, case-sensitive; `{name}` is a named set or pattern; `( | )`, `? * +` and `{m,n}` are
as usual; a backslash takes the next character literally.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Membership = Callable[[str], object]
Names = Mapping[str, "str | Membership"]

# What Unicode also counts as a case of an ASCII letter: long s, dotless and dotted i, the Kelvin sign.
_OTHER_CASES = {"s": "\u017f", "i": "\u0131\u0130", "k": "\u212a"}


@dataclass(frozen=True)
class One:
    """One character of a set."""

    name: str
    holds: Membership


@dataclass(frozen=True)
class All:
    """The parts one after another."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Any:
    """One of the parts."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Times:
    """The part from `least` to `most` times; most None: any number."""

    part: Tree
    least: int
    most: int | None


Tree = One | All | Any | Times
NOTHING = Any(())

_PIECE = re.compile(
    r"\s+|\\(?P<escaped>.)|(?P<set>\[(?:\\.|[^\]\\])+\])|\{(?P<name>[a-z]\w*)\}|(?P<sign>[^][(){}?*+|])", re.S
)
_TIMES = re.compile(r"\s*(?:([?*+])|\{(\d+)(?:,(\d*))?\})")
_SIGNS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


def one(source: str) -> One:
    """The character or the bracketed set `source`."""
    return One(source, re.compile(source, re.S).match)


class Reader:
    """Reads patterns in which `names` may be used."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[str, Tree] = {}

    def read(self, source: str) -> Tree:
        """The tree of the pattern `source`. Raises ValueError where it is not a pattern."""
        tree, end = self._choice(source, 0)
        if end != len(source):
            raise ValueError(f"unread: {source[end:]!r}")
        return tree

    def _choice(self, source: str, at: int) -> tuple[Tree, int]:
        options: list[Tree] = []
        parts: list[Tree] = []
        while at < len(source) and source[at] != ")":
            if source[at] == "|":
                options.append(All(tuple(parts)))
                parts, at = [], at + 1
                continue
            part, at = self._part(source, at)
            if part is None:
                continue
            while times := _TIMES.match(source, at):
                part, at = Times(part, *_bounds(times)), times.end()
            parts.append(part)
        options.append(All(tuple(parts)))
        return (options[0] if len(options) == 1 else Any(tuple(options))), at

    def _part(self, source: str, at: int) -> tuple[Tree | None, int]:
        if source[at] == "(":
            inner, end = self._choice(source, at + 1)
            return inner, end + 1
        piece = _PIECE.match(source, at)
        if piece is None:
            raise ValueError(f"no pattern: {source[at:]!r}")
        if piece["set"]:
            return one(piece["set"]), piece.end()
        if piece["name"]:
            return self._named(piece["name"]), piece.end()
        character = piece["escaped"] or piece["sign"]
        return (_letter(character) if character else None), piece.end()

    def _named(self, name: str) -> Tree:
        if name not in self._known:
            meaning = self._names[name]
            self._known[name] = self.read(meaning) if isinstance(meaning, str) else One(name, meaning)
        return self._known[name]


def _bounds(times: re.Match[str]) -> tuple[int, int | None]:
    sign, low, high = times.groups()
    if sign:
        return _SIGNS[sign]
    return int(low), (int(low) if high is None else int(high) if high else None)


def _letter(character: str) -> One:
    if not character.isascii() or not character.isalpha():
        return one(re.escape(character))
    return one(f"[{character.lower()}{character.upper()}{_OTHER_CASES.get(character.lower(), '')}]")
