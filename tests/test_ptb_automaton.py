"""Tests of harness/text/pattern.py and automaton.py: the longest match, as `re` finds it trying every end."""

from __future__ import annotations

import random
import re

import pytest

from rsbench.harness.text.automaton import Automaton
from rsbench.harness.text.pattern import NOTHING, Reader


def automaton(*sources: str, **names: str) -> Automaton:
    reader = Reader(names)
    return Automaton([reader.read(source) for source in sources])


def test_longest_then_earliest() -> None:
    both = automaton("[a-z]+", "the|thesaurus[.]", "the")
    assert both.match("the", 0) == (0, 3, 4)
    assert both.match("thesaurus. x", 0) == (1, 10, 10)
    assert both.match("thesaurus x", 0) == (0, 9, 10)
    assert both.match("THE x", 0) == (1, 3, 4)
    assert both.match("12", 0) == (None, 0, 1)


def test_looking_stops_where_nothing_longer_can_match() -> None:
    assert automaton("ab").match("ab", 0) == (0, 2, 2)
    assert automaton("ab*").match("ab", 0) == (0, 2, 3)
    assert automaton("ab*").match("abc", 0) == (0, 2, 3)


def test_notation() -> None:
    assert automaton(r"a \* b").match("A*b", 0)[1] == 3
    assert automaton("{d}{2,3} x", d="[0-9]").match("123x", 0)[1] == 4
    assert automaton("{d}{2,3} x", d="[0-9]").match("1234x", 0)[0] is None
    assert automaton("(a|)b").match("b", 0)[1] == 1
    assert automaton("k+").match("kK\u212a", 0)[1] == 3
    assert Automaton([NOTHING]).match("a", 0) == (None, 0, 1)


@pytest.mark.parametrize("source", ["a)", "(a", "{none}", "{", "*", "[a"])
def test_no_pattern(source: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Reader({}).read(source)


def test_ends() -> None:
    assert automaton("ab?c*").ends("abccd", 0, 5) == [1, 2, 3, 4]
    assert automaton("ab?c*").ends("abccd", 0, 3) == [1, 2, 3]
    assert automaton("b").ends("abc", 0, 3) == []


def _pattern(rng: random.Random, depth: int) -> str:
    kind = rng.randrange(6) if depth else 0
    inner = [_pattern(rng, depth - 1) for _ in range(2)] if kind else []
    return (
        rng.choice("abc")
        if not kind
        else "".join(inner)
        if kind < 3
        else f"({inner[0]}|{inner[1]})"
        if kind < 5
        else f"({inner[0]}){rng.choice(['*', '+', '?', '{1,2}', '{2}'])}"
    )


def test_against_re_on_every_prefix() -> None:
    rng = random.Random(3)
    for _ in range(150):
        sources = [_pattern(rng, 3) for _ in range(3)]
        ours, theirs = automaton(*sources), [re.compile(source) for source in sources]
        for _ in range(20):
            text = "".join(rng.choices("abc", k=8))
            best = max(
                (
                    (end, -number)
                    for end in range(9)
                    for number, p in enumerate(theirs)
                    if p.fullmatch(text, 0, end)
                ),
                default=None,
            )
            number, end, _ = ours.match(text, 0)
            assert (None if number is None else (end, -number)) == best, (sources, text)
