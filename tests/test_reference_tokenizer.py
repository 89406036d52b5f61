"""The vocabulary: any text comes back, a coordinate is one token, nobody can type a special token."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.errors import ModelError
from rsbench.reference_model.tokenizer import Tokenizer, pointer, train

WORDS = train(["There is a ship in the image."] * 9, 420, 4)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_any_text_comes_back(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    ids = WORDS.encode(text)
    assert WORDS.decode(ids) == text
    assert "".join(WORDS.pieces(ids)) == text


def test_a_coordinate_is_one_token() -> None:
    assert len(WORDS.encode("0.57")) == 1


@pytest.mark.parametrize("typed", ["</s>", "<b3>", "<o0>", "<pad>"])
def test_what_a_user_types_is_letters(typed: str) -> None:
    assert WORDS.id(typed) is not None
    assert WORDS.id(typed) not in WORDS.encode(typed)
    assert WORDS.decode(WORDS.encode(typed)) == typed


def test_pointers_exist_for_every_proposal() -> None:
    assert all(WORDS.id(pointer(i, oriented)) is not None for i in range(4) for oriented in (False, True))
    assert WORDS.id(pointer(4, False)) is None


def test_it_is_read_back_from_disk(tmp_path: Path) -> None:
    WORDS.write(tmp_path)
    assert Tokenizer.read(tmp_path).encode("a ship at 0.10") == WORDS.encode("a ship at 0.10")


def test_a_missing_or_damaged_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no tokenizer.json"):
        Tokenizer.read(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="is not a tokenizer"):
        Tokenizer.read(tmp_path)
