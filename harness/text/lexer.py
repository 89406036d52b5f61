"""Cuts text into the tokens of the Penn Treebank, one after another."""

from __future__ import annotations

import re
from functools import lru_cache

from .automaton import Automaton
from .pattern import NOTHING, All, Reader
from .pieces import PIECES
from .rules import RULES, Rule

_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_HALF = re.compile("[\ud800-\udfff]")


class Lexer:
    """The rules as one automaton."""

    def __init__(self) -> None:
        self._reader = Reader(PIECES)
        read = self._reader.read
        whole = [All((read(rule.token), read(rule.before))) for rule in RULES]
        self.rules = Automaton(whole)
        self._without_at = Automaton(
            [NOTHING if r.needs_at else tree for r, tree in zip(RULES, whole, strict=True)]
        )
        self._parts: dict[str, Automaton] = {}

    def next(self, text: str, at: int, with_at: bool) -> tuple[str | None, int, int]:
        """The token that begins at `at`, which must lie in the text.

        With_at: is there an @ before the next white space? Where there is none, no token is looked for that
        needs one; else every token of a long text without spaces would be sought up to that text's end.

        Returns (the token or None for what is left out, where the next one begins, how far the text was read:
        beyond its end if more text could have changed the answer).
        """
        number, end, seen = (self.rules if with_at else self._without_at).match(text, at)
        if number is None:
            raise AssertionError("the last rule takes any character")
        rule = RULES[number]
        if rule.before:
            end = self._end(rule, text, at, end)
        if rule.write is None:
            return None, end, seen
        token = text[at:end]
        if rule.ends_sentence:
            end -= 1  # the period is read again, as the end of the sentence
            token = token if len(token) > 2 else token[:-1]
        return lower(rule.write(token)), end, seen

    def _end(self, rule: Rule, text: str, at: int, stop: int) -> int:
        """Where the longest token ends after which the rest up to `stop` is what must follow."""
        for end in reversed(self._part(rule.token).ends(text, at, stop)):
            if stop in self._part(rule.before).ends(text, end, stop):
                return end
        raise AssertionError(f"{rule} matched {text[at:stop]!r}")

    def _part(self, source: str) -> Automaton:
        if source not in self._parts:
            self._parts[source] = Automaton([self._reader.read(source)])
        return self._parts[source]


@lru_cache(maxsize=1)
def lexer() -> Lexer:
    """The lexer; made once, as its states are found while it reads."""
    return Lexer()


def units(text: str) -> str:
    """The text in the units of UTF-16, which the rules are written for."""
    return text if text.isascii() else _BEYOND.sub(_halves, text)


def lower(token: str) -> str:
    """The token in lower case and in whole characters; half a character is a question mark."""
    if token.isascii():
        return token.lower()
    return _HALF.sub("?", _PAIR.sub(_whole, token)).lower()


def _halves(found: re.Match[str]) -> str:
    above = ord(found[0]) - 0x10000
    return chr(0xD800 + (above >> 10)) + chr(0xDC00 + (above & 0x3FF))


def _whole(found: re.Match[str]) -> str:
    high, low = map(ord, found[0])
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
