"""N-grams of many sentences as columns of integers: the common ground of BLEU and CIDEr."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ORDERS = 4  # words, pairs, triples and fours, as BLEU-4 and CIDEr have them


@dataclass(frozen=True, slots=True)
class Grams:
    """How often each n-gram of one order stands in each sentence, by sentence and then by n-gram.

    Columns of equal length: `sentence`, `gram` (an n-gram's number, below `kinds`) and `count` (above 0).
    """

    sentence: Ints
    gram: Ints
    count: Ints
    kinds: int


def count_grams(sentences: Sequence[str], orders: int = ORDERS) -> tuple[Ints, tuple[Grams, ...]]:
    """Words in each sentence (split at white space), and the n-grams of orders 1 to `orders`.

    >>> words, grams = count_grams(["a b a b", ""])
    >>> words.tolist(), grams[1].count.tolist(), grams[1].sentence.tolist()
    ([4, 0], [2, 1], [0, 0])
    """
    split = [sentence.split() for sentence in sentences]
    words = np.fromiter(map(len, split), np.int64, len(split))
    number: dict[str, int] = {}
    coded = [number.setdefault(word, len(number)) for word in chain.from_iterable(split)]
    word = np.array(coded, np.int64)
    sentence = np.repeat(np.arange(len(split)), words)
    left = np.repeat(np.cumsum(words), words) - np.arange(len(word))  # words from here to the sentence's end
    tables = []
    start, gram, kinds = np.arange(len(word)), word, len(number)
    for order in range(1, orders + 1):
        if order > 1:
            fits = left[start] >= order
            start = start[fits]
            gram, kinds = _renumbered(gram[fits] * len(number) + word[start + order - 1])
        tables.append(_table(sentence[start], gram, kinds))
    return words, tuple(tables)


def places(keys: Ints, table: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """For each key whether `table` (rising) has it, and where: the place of a missing one means nothing."""
    if not len(table):
        return np.zeros(len(keys), bool), np.zeros(len(keys), np.int64)
    place = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return table[place] == keys, place


def _renumbered(codes: Ints) -> tuple[Ints, int]:
    kinds, number = np.unique(codes, return_inverse=True)
    return number.astype(np.int64, copy=False), len(kinds)


def _table(sentence: Ints, gram: Ints, kinds: int) -> Grams:
    key, count = np.unique(sentence * max(kinds, 1) + gram, return_counts=True)
    return Grams(*_divided(key, kinds), count.astype(np.int64, copy=False), kinds)


def _divided(key: Ints, kinds: int) -> tuple[Any, Any]:
    return np.divmod(key, max(kinds, 1))
