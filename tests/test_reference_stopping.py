"""Stop strings: across tokens, inside one, of several bytes a character; and what of a text is sure."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.reference_model.stopping import Stop
from rsbench.reference_model.tokenizer import Tokenizer

MARKS = ("\n###", "ship", "é🛰", "")


def test_a_stop_string_is_found_where_the_text_has_it(tokenizer: Tokenizer) -> None:
    """Against the whole text, decoded anew after every token, of random answers."""
    rng = np.random.default_rng(3)
    parts = ["\n", "##", "#", " a s", "hip", "ship", "é", "🛰", " there", "0.50", "s", "h", "\n###"]
    stop = Stop(tokenizer, 2, MARKS)
    ended = 0
    for _ in range(300):
        ids = tokenizer.encode("".join(rng.choice(parts, size=rng.integers(1, 9))))
        for count in range(1, len(ids) + 1):
            text = tokenizer.decode(ids[:count])
            over = any(mark in text for mark in MARKS if mark)
            assert stop(ids[:count]) is over, (text, count)
            if over:
                ended += 1
                break
    assert 50 < ended < 300


def test_eos_and_nothing(tokenizer: Tokenizer) -> None:
    stop = Stop(tokenizer, 2, ())
    assert stop([2]) and not stop([]) and not stop(tokenizer.encode("\n###"))


@pytest.mark.parametrize(
    ("text", "cut", "sure"),
    [
        ("two ships!", "two ", 10),
        ("two\n##", "two\n##", 3),
        ("two\n### s", "two", 8),
        ("sh", "sh", 0),
        ("", "", 0),
        ("é", "é", 0),
        ("a é🛰", "a ", 4),
        ("plain", "plain", 5),
    ],
)
def test_a_text_is_cut_and_settled(tokenizer: Tokenizer, text: str, cut: str, sure: int) -> None:
    stop = Stop(tokenizer, 2, MARKS)
    assert stop.cut(text) == cut and stop.settled(text) == sure


def test_text_is_read_only_where_a_mark_may_end(tokenizer: Tokenizer) -> None:
    class Counting(Tokenizer):
        decoded = 0

        def decode(self, ids: object) -> str:
            Counting.decoded += 1
            return tokenizer.decode(ids)  # type: ignore[arg-type] # the same argument, passed on

    stop = Stop(Counting(tokenizer._inner), 2, ("\n###",))
    made = Counting.decoded
    ids = tokenizer.encode("0.50") * 40
    assert not any(stop(ids[:count]) for count in range(1, 41))
    assert Counting.decoded == made + 1, "each token of the vocabulary is looked up once"
