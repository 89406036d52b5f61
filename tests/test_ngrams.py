"""N-gram columns against plain counting."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from rsbench.harness.metrics.ngrams import count_grams, places

sentences = st.lists(st.sampled_from("abcde"), max_size=9).map(" ".join)


@given(st.lists(sentences, max_size=6))
@example([])
@example(["", "a", "a b c d e a b c d e"])
def test_counts(texts: list[str]) -> None:
    lengths, tables = count_grams(texts)
    split = [text.split() for text in texts]
    assert lengths.tolist() == [len(tokens) for tokens in split]
    for order, grams in enumerate(tables, 1):
        plain = [Counter(zip(*(tokens[k:] for k in range(order)), strict=False)) for tokens in split]
        for i, counts in enumerate(plain):
            assert sorted(grams.count[grams.sentence == i].tolist()) == sorted(counts.values())
        together: Counter[Any] = sum(plain, Counter())
        by_gram = np.bincount(grams.gram, grams.count, grams.kinds)
        assert sorted(by_gram[by_gram > 0].tolist()) == sorted(together.values())


def test_places() -> None:
    there, where = places(np.array([5, 1, 9]), np.array([1, 5, 7]))
    assert (there.tolist(), where[there].tolist()) == ([True, True, False], [1, 0])
    assert places(np.array([5]), np.array([], np.int64))[0].tolist() == [False]
