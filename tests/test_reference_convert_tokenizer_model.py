"""SentencePiece vocabularies: the same numbers and the same text as sentencepiece itself."""

from __future__ import annotations

import io
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.errors import ModelError
from rsbench.reference_model.convert.tokenizer_model import SENTENCEPIECE, find_tokenizer, read_sentencepiece
from rsbench.reference_model.tokenizer import FILE, Tokenizer

ROOT = Path(__file__).parents[1]
LLAMA = {
    "model_type": "bpe",
    "byte_fallback": True,
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "split_digits": True,
    "allow_whitespace_only_pieces": True,
    "character_coverage": 0.99,
}


@lru_cache
def corpus() -> list[str]:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))[:3]]
    return [line for page in pages for line in page.read_text(encoding="utf-8").splitlines() if line.strip()]


@lru_cache
def trained(size: int = 700, **changes: Any) -> bytes:
    written = io.BytesIO()
    told: dict[str, Any] = LLAMA | changes
    sentencepiece.SentencePieceTrainer.Train(
        sentence_iterator=iter(corpus()),
        model_writer=written,
        vocab_size=size,
        minloglevel=2,
        **told,
    )
    return written.getvalue()


@lru_cache
def judge() -> Any:
    return sentencepiece.SentencePieceProcessor(model_proto=trained())


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("words") / SENTENCEPIECE
    path.write_bytes(trained())
    return read_sentencepiece(path)


def agree(words: Tokenizer, text: str) -> None:
    ids = judge().EncodeAsIds(text)
    assert words.encode(text) == ids, text
    assert words.decode(ids) == judge().DecodeIds(ids), text
    assert "".join(words.pieces(ids)) == words.decode(ids) and len(words.pieces(ids)) == len(ids), text


def test_a_corpus_has_the_same_numbers(words: Tokenizer) -> None:
    assert len(corpus()) > 100 and len(words) == judge().GetPieceSize() == 700
    for text in corpus():
        agree(words, text)
    agree(words, "\n".join(corpus()[:20]))


def test_any_text_has_the_same_numbers(words: Tokenizer) -> None:
    # surrogates are no text; U+2581 is SentencePiece's own mark; both sides end a text at NUL differently
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\u2581\x00"), max_size=30)

    @settings(max_examples=150, deadline=None)
    @given(
        text=texts
        | st.sampled_from([" ", "   a  b ", "\n\n###", "</s><s>", "\u8239\U0001f6f0\ufe0f", "\t\r\n"])
    )
    def check(text: str) -> None:
        agree(words, text)
        assert words.decode(words.encode(text)) == text

    check()


def test_pieces_of_any_tokens_join_to_their_text(words: Tokenizer) -> None:
    draw = random.Random(4)
    for _ in range(500):
        ids = [draw.randrange(len(words)) for _ in range(draw.randrange(12))]
        ids[2:2] = [words.encode("\u8239")[-1]] * draw.randrange(3)  # stray bytes
        assert "".join(words.pieces(ids)) == words.decode(ids)


def test_pieces_keep_the_space_within_a_text(words: Tokenizer) -> None:
    ids = words.encode("There is a ship")
    pieces = words.pieces(ids)
    assert "".join(pieces) == "There is a ship" and not pieces[0].startswith(" ")
    assert any(piece.startswith(" ") for piece in pieces[1:])
    assert words.pieces(words.encode("a\u8239")[-3:]) == ["", "", "\u8239"]
    assert words.pieces([]) == []


def test_spans_point_into_the_text(words: Tokenizer) -> None:
    text = "### Human: Is it a ship?\n### Assistant: yes"
    ids, spans = words.spans(text)
    assert ids == words.encode(text) and spans[-1][1] == len(text)
    for number, (start, end) in zip(ids, spans, strict=True):
        token = (words.token(number) or "").replace("\u2581", " ").strip(" ")
        assert token.startswith("<0x") or token == text[start:end].strip(" ")


def test_special_tokens_have_the_numbers_of_llama_and_cannot_be_typed(words: Tokenizer) -> None:
    assert [words.token(number) for number in (0, 1, 2)] == ["<unk>", "<s>", "</s>"]
    assert words.token(700) is None
    assert not {0, 1, 2} & set(words.encode("<s> a </s> <unk>"))


def test_transformers_puts_bos_before_a_text(words: Tokenizer, tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    words.write(tmp_path)
    fast: Any = PreTrainedTokenizerFast
    theirs = fast(tokenizer_file=str(tmp_path / FILE), bos_token="<s>", eos_token="</s>")
    assert theirs("a ship")["input_ids"] == [1, *judge().EncodeAsIds("a ship")]
    assert theirs.decode([1, *judge().EncodeAsIds("a ship"), 2], skip_special_tokens=True) == "a ship"


def test_either_file_of_a_folder_is_found(words: Tokenizer, tmp_path: Path) -> None:
    assert find_tokenizer(tmp_path) is None
    (tmp_path / SENTENCEPIECE).write_bytes(trained())
    text = "a ship 0.25"
    expected = words.encode(text)
    for path in (tmp_path, tmp_path / SENTENCEPIECE):
        found = find_tokenizer(path)
        assert found is not None and found.encode(text) == expected
    words.write(tmp_path)
    (tmp_path / SENTENCEPIECE).write_text("damaged")
    for path in (tmp_path, tmp_path / FILE):
        found = find_tokenizer(path)
        assert found is not None and found.encode(text) == expected
    with pytest.raises(ModelError, match="no SentencePiece model"):
        find_tokenizer(tmp_path / SENTENCEPIECE)


@pytest.mark.parametrize(
    "changes", [{"model_type": "unigram"}, {"normalization_rule_name": "nfkc"}, {"byte_fallback": False}]
)
def test_other_kinds_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    (tmp_path / SENTENCEPIECE).write_bytes(trained(**changes))
    with pytest.raises(ModelError, match="not SentencePiece of LLaMA's kind"):
        read_sentencepiece(tmp_path / SENTENCEPIECE)
