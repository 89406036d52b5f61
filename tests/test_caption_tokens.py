"""Tokenisers by name."""

from __future__ import annotations

import pytest

from rsbench.harness.errors import UsageError
from rsbench.harness.metrics.caption_tokens import TOKENIZERS, tokenize

TEXT = "There's a  Plane (white)..."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ptb", "there 's a plane -lrb- white -rrb-"),
        ("lower", "there's a  plane (white)..."),
        ("lower-unstopped", "there's a  plane (white)"),
        ("none", TEXT),
    ],
)
def test_every_tokenizer(name: str, expected: str) -> None:
    assert tokenize([TEXT, "", TEXT], name) == [expected, "", expected]
    assert tokenize([], name) == []


def test_all_are_tested() -> None:
    assert set(TOKENIZERS) == {"ptb", "lower", "lower-unstopped", "none"}
    with pytest.raises(UsageError, match="Did you mean lower"):
        tokenize([], "lowercase")
