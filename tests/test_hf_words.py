"""Tokens to text: the pieces of an answer are the answer, whatever the tokens are parts of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.adapters.hugging_face.words import Words

from . import tiny_models

TEXTS = ("There is a ship.", "  two  spaces ", "飞机 in der Nähe", "a\nb\n", "", "🚢🚢 [12,34]")


def tokenizers() -> list[Any]:
    return [
        tiny_models.byte_level(("<|box_start|>", "<|box_end|>", "<|image_pad|>"), "<|im_end|>", "<pad>"),
        tiny_models.sentencepiece_like(("<image>", "<ref>", "</ref>"), "<s>", "</s>", "<pad>"),
    ]


@pytest.mark.parametrize("tokenizer", tokenizers(), ids=["byte_level", "sentencepiece"])
def test_pieces_joined_are_the_text(tokenizer: Any) -> None:
    words = Words(tokenizer)
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert words.text(ids) == text and "".join(words.pieces(ids)) == text
        assert len(words.pieces(ids)) == len(ids)
    rng = np.random.default_rng(0)
    for _ in range(50):  # as a random model talks: broken characters, single bytes
        drawn = [int(i) for i in rng.integers(0, len(tokenizer), 12)]
        kept = [drawn[place] for place in words.written(drawn)]
        plain = tokenizer.decode(drawn, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        assert words.text(drawn) == words.text(kept) and "".join(words.pieces(kept)) == words.text(kept)
        if not any("_start" in t or "_end" in t or "ref" in t for t in tokenizer.convert_ids_to_tokens(kept)):
            assert words.text(drawn) == plain


def test_a_character_belongs_to_the_token_that_completes_it() -> None:
    tokenizer = tokenizers()[0]
    ids = tokenizer("a飞b", add_special_tokens=False)["input_ids"]
    assert len(ids) == 5  # one token a byte
    assert Words(tokenizer).pieces(ids) == ["a", "", "", "飞", "b"]
    assert Words(tokenizer).pieces([]) == [] and Words(tokenizer).text([]) == ""


def test_marks_of_boxes_are_text_and_ends_of_turns_are_not() -> None:
    byte_level, pieces = tokenizers()
    text = "<|box_start|>(1,2),(3,4)<|box_end|><|im_end|><|image_pad|>"
    ids = byte_level(text, add_special_tokens=False)["input_ids"]
    words = Words(byte_level)
    assert words.text(ids) == "<|box_start|>(1,2),(3,4)<|box_end|>"
    assert words.written(ids) == list(range(len(ids) - 2))
    ids = pieces("<ref>ship</ref></s>", add_special_tokens=False)["input_ids"]
    assert Words(pieces).text(ids).replace(" ", "") == "<ref>ship</ref>"


def test_location_tokens_are_text(tmp_path: Path) -> None:
    processor = tiny_models.hf.AutoProcessor.from_pretrained(tiny_models.paligemma(tmp_path / "m"))
    ids = processor.tokenizer.convert_tokens_to_ids(["<loc0012>", "<loc1023>", "<seg003>", "<eos>"])
    words = Words(processor.tokenizer)
    assert words.text(ids).replace(" ", "") == "<loc0012><loc1023><seg003>"
    assert [piece.strip() for piece in words.pieces(ids[:3])] == ["<loc0012>", "<loc1023>", "<seg003>"]
