"""Captions beside their references."""

from __future__ import annotations

from rsbench.harness.metrics.corpus import Corpus


def test_layout() -> None:
    corpus = Corpus.of(["a b", "", "c"], [["a"], ["b b", "x y z"], []])
    assert corpus.images == 3
    assert corpus.words.tolist() == [2, 0, 1, 1, 2, 3]
    assert corpus.image.tolist() == [0, 1, 1]
    said, true = corpus.split(1)
    assert said.sentence.tolist() == [0, 0, 2]
    assert (true.sentence.tolist(), true.count.tolist()) == ([0, 1, 2, 2, 2], [1, 2, 1, 1, 1])
    assert true.gram[0] == said.gram[0] and true.gram[1] == said.gram[1]
