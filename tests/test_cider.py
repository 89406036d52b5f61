"""CIDEr-D and CIDEr by hand; equality with pycocoevalcap is in test_caption_tally.py."""

from __future__ import annotations

import math

import pytest

from rsbench.harness.metrics.cider import SIGMA, cider
from rsbench.harness.metrics.corpus import Corpus


def test_the_reference_itself_scores_ten() -> None:
    said = ["a b c d", "e f g h"]
    for values in cider(Corpus.of(said, [[text] for text in said])):
        assert values == pytest.approx([10, 10])


def test_of_one_image_all_is_zero_and_of_none_nothing() -> None:
    for values in cider(Corpus.of(["a b"], [["a b"]])):
        assert values.tolist() == [0]
    for values in cider(Corpus.of([], [])):
        assert values.shape == (0,)


def test_a_longer_caption_and_clipping() -> None:
    """One word three times: the plain cosine does not see it, CIDEr-D clips it and punishes the length."""
    clipped, plain = cider(Corpus.of(["a a a", "z"], [["a"], ["z"]]))
    assert plain[0] == pytest.approx(10 / 4)
    assert clipped[0] == pytest.approx(10 / 4 / 3 * math.exp(-(2**2) / (2 * SIGMA**2)))


def test_words_of_every_image_weigh_nothing() -> None:
    clipped, plain = cider(Corpus.of(["the x", "the y"], [["the plane"], ["the river"]]))
    assert clipped.tolist() == plain.tolist() == [0, 0]


def test_references_are_averaged() -> None:
    one, _ = cider(Corpus.of(["a", "z"], [["a"], ["z"]]))
    two, _ = cider(Corpus.of(["a", "z"], [["a", "q"], ["z"]]))
    assert two[0] == pytest.approx(one[0] / 2)
