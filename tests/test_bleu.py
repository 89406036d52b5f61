"""BLEU's counts and formula by hand; equality with pycocoevalcap is in test_caption_tally.py."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rsbench.harness.metrics.bleu import COLUMNS, bleu, bleu_statistics
from rsbench.harness.metrics.corpus import Corpus


def counts(caption: str, *references: str) -> list[float]:
    return list(map(float, bleu_statistics(Corpus.of([caption], [references]))[0]))


def test_a_word_counts_as_often_as_one_reference_has_it() -> None:
    assert counts("a a a b", "a b a", "a c")[:4] == [3, 1, 0, 0]  # a twice, b once; "a b"
    assert counts("a a a b", "a b a", "a c")[4:8] == [4, 3, 2, 1]


@pytest.mark.parametrize(("lengths", "expected"), [((3, 5), 3), ((2, 5), 5), ((4,), 4), ((9, 1), 1)])
def test_the_nearest_length_of_two_the_shorter(lengths: tuple[int, ...], expected: int) -> None:
    said, wanted = counts("x x x x", *("y " * n for n in lengths))[8:]
    assert (said, wanted) == (4, expected)


def test_no_captions_no_counts() -> None:
    assert bleu_statistics(Corpus.of([], [])).shape == (0, COLUMNS)
    assert counts("", "a b") == [0] * 9 + [2]


def test_formula() -> None:
    whole = np.array([6, 3, 2, 1, 8, 4, 4, 4, 8, 12], float)
    penalty = math.exp(1 - 12 / 8)
    expected = [
        0.75,
        (0.75 * 0.75) ** 0.5,
        (0.75 * 0.75 * 0.5) ** (1 / 3),
        (0.75 * 0.75 * 0.5 * 0.25) ** 0.25,
    ]
    assert bleu(whole) == pytest.approx(np.array(expected) * penalty, abs=1e-8)
    assert bleu(np.zeros((2, COLUMNS))).tolist() == [[0.0] * 4] * 2
