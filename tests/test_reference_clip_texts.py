"""The sentences of the CLIP and their tokens."""

from __future__ import annotations

import numpy as np

from rsbench.reference_model.clip_texts import (
    SYNONYMS,
    TEMPLATES,
    aircraft_sentence,
    corpus,
    sentence,
    tokenised,
)
from rsbench.reference_model.tokenizer import Tokenizer


def test_sentences_are_templates_of_a_name_or_its_synonyms() -> None:
    rng = np.random.default_rng(0)
    found = {sentence("large vehicle", rng) for _ in range(300)}
    words = {spelled.replace(" ", mark) for spelled in SYNONYMS["large vehicle"] for mark in (" ", "_")}
    assert found <= {template.format(word) for template in TEMPLATES for word in words}
    assert len(found) > 10 and any("_" in text for text in found)
    kinds = {aircraft_sentence("A7", rng).replace("_", " ") for _ in range(200)}
    assert {"A7", "A7 airplane", "A7 aircraft"} <= kinds


def test_the_corpus_has_every_template_with_every_name() -> None:
    texts = set(corpus(["quay"]))
    assert {template.format("quay") for template in TEMPLATES} < texts
    assert "a satellite photo of a truck" in texts


def test_tokens_stand_between_bos_and_eos_and_are_cut_to_fit(tokenizer: Tokenizer) -> None:
    ids = tokenised(["ship", "harbour " * 40], tokenizer, 12)
    words = tokenizer.encode("ship")
    assert ids[0].tolist() == [1, *words, 2, *[0] * (10 - len(words))]
    assert ids.shape == (2, 12) and ids[1, 0] == 1 and ids[1, -1] == 2
    assert ids[1, 1:-1].tolist() == tokenizer.encode("harbour " * 40)[:10]
