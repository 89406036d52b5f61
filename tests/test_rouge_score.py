"""ROUGE of two texts against the package rouge-score, on random and on awkward texts."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rsbench.harness.metrics.rouge_score import rouge_scores
from rsbench.harness.metrics.rouge_tokens import rouge_tokens

scorer_module = pytest.importorskip("rouge_score.rouge_scorer")
PEER = scorer_module.RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=True)
NAMES = {"rouge1": "ROUGE-1", "rouge2": "ROUGE-2", "rougeL": "ROUGE-L", "rougeLsum": "ROUGE-Lsum"}

WORDS = ["planes", "plane", "parked", "are", "the", "runways", "airport's", "3.5", "É", "ﬁ", "\n", "\n", "."]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=40)


@settings(max_examples=400, deadline=None)
@given(texts, texts)
@example("", "")
@example("a", "a")
@example("...", "a plane")
@example("b a\nc d", "a b c\nd d\n")
@example("İstanbul ŞEHİR", "istanbul")
def test_equal_to_rouge_score(said: str, true: str) -> None:
    theirs = PEER.score(true, said)
    ours = rouge_scores(said, true)
    for peer, name in NAMES.items():
        assert ours[name] == pytest.approx(theirs[peer].fmeasure, abs=1e-12), name


def test_tokens_are_rouge_scores() -> None:
    text = "The airport's runways were re-surfaced in 2019; dying ties lies agreed skis news innings."
    assert rouge_tokens(text) == PEER._tokenizer.tokenize(text)
