"""The vocabulary: any text comes back, a coordinate is one token, marks cannot be typed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.errors import ModelError
from rsbench.reference_model.tokenizer import FILE, NUMBERS, ONWARD, SPECIAL, Tokenizer, here, pointer, train

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module")
def words() -> Tokenizer:
    return train(["There is a ship. </s> <b3> <o0> in the image"] * 20, 420, 4)


@settings(max_examples=200, deadline=None)
@given(
    text=TEXTS | st.sampled_from(["<b3></s><s>", "10.50 0.5 0.55", "\x00\r\n\t", "船🛰️é", "Ġa Ċ", "\ufffd"])
)
def test_any_text_comes_back(text: str) -> None:
    words = _words()
    ids = words.encode(text)
    assert words.decode(ids) == text
    assert "".join(words.pieces(ids)) == text and len(words.pieces(ids)) == len(ids)


@lru_cache
def _words() -> Tokenizer:  # hypothesis takes no fixtures of a test
    return train(["There is a ship in the image"] * 9, 400, 4)


def test_a_coordinate_is_one_token(words: Tokenizer) -> None:
    assert NUMBERS[0] == "0.00" and NUMBERS[-1] == "1.00" and len(NUMBERS) == 101
    for number in NUMBERS:
        assert words.encode(number) == [words.id(number)]
        assert words.encode(f"[{number},{number};")[1::2] == [words.id(number)] * 2


@pytest.mark.parametrize("mark", [*SPECIAL, "<->", "<o>", "<b3>", "<o0>", "a <b3>", "</s></s>"])
def test_marks_that_are_typed_are_letters(words: Tokenizer, mark: str) -> None:
    reserved = {
        words.id(token)
        for token in (
            *SPECIAL,
            ONWARD,
            *map(here, (False, True)),
            *(pointer(i, o) for i in range(4) for o in (False, True)),
        )
    }
    assert None not in reserved and len(reserved) == 3 + 3 + 8
    assert not reserved & set(words.encode(mark))
    assert words.decode(words.encode(mark)) == mark


def test_special_tokens_have_the_ids_of_llama(words: Tokenizer) -> None:
    assert [words.id(token) for token in SPECIAL] == [0, 1, 2]
    number = words.id("<o2>")
    assert number is not None and words.decode([number]) == "<o2>"
    assert words.id("<b4>") is None
    assert words.token(number) == "<o2>" and words.token(10_000) is None


def test_pieces_wait_for_the_last_byte_of_a_character(words: Tokenizer) -> None:
    ids = words.encode("a🛰b")
    assert words.pieces(ids) == ["a", "", "", "", "🛰", "b"]
    assert "".join(words.pieces(ids[:-2])).startswith("a\ufffd")  # cut within: shown as damaged


def test_a_vocabulary_has_the_size_asked_for_and_is_reproducible() -> None:
    corpus = ["the harbour and the ships of the harbour"] * 5
    assert len(train(corpus, 390, 4)) <= 390
    assert train(corpus, 390, 4).encode("harbours") == train(corpus, 390, 4).encode("harbours")


def test_files(words: Tokenizer, tmp_path: Path) -> None:
    words.write(tmp_path)
    again = Tokenizer.read(tmp_path)
    text = "There is </s> 0.50 ship"
    assert again.encode(text) == words.encode(text) and len(again) == len(words)
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(ModelError, match="is not a tokenizer"):
        Tokenizer.read(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(ModelError, match=f"no {FILE}"):
        Tokenizer.read(tmp_path)
