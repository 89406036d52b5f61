"""Words to numbers and back: a byte-level BPE of our own, in which a coordinate is one token, or LLaMA's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..harness.errors import ModelError

FILE = "tokenizer.json"
SPECIAL = ("<pad>", "<s>", "</s>")
NUMBERS = tuple(f"{i / 100:.2f}" for i in range(101))
ONWARD = "<->"  # a walk along the proposals goes on: nothing is printed


SPACE = "\u2581"  # what SentencePiece writes for a space
_BYTE = re.compile("<0x[0-9A-F]{2}>")


class Tokenizer:
    """A Hugging Face `tokenizer.json`.

    Special tokens, pointers and the steps of a walk are in the vocabulary but no merge leads to them: a user
    who types `</s>` or `<o3>` writes letters, not a token.

    Vocabularies of SentencePiece put a space before every text and take it away from every decoded one, so
    that a token alone does not show the space it begins with; `pieces` does.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        space = inner.token_to_id(SPACE)
        eaten = space is not None and inner.decode([space], skip_special_tokens=False) == ""
        self._space: int | None = space if eaten else None

    @classmethod
    def read(cls, folder: Path, file: str = FILE) -> Tokenizer:
        """The tokenizer of a checkpoint folder.

        Raises:
            ModelError: the file is missing or is not a tokenizer.
        """
        from tokenizers import Tokenizer as Inner

        path = folder / file
        if not path.is_file():
            raise ModelError(f"There is no {file} in {folder}.", "Put the tokenizer beside the weights.")
        try:
            return cls(Inner.from_file(str(path)))
        except Exception as error:  # the library raises bare Exception
            raise ModelError(f"{path} is not a tokenizer: {error}") from error

    def write(self, folder: Path) -> None:
        """Save as `tokenizer.json`."""
        self._inner.save(str(folder / FILE))

    def __len__(self) -> int:
        return int(self._inner.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, nothing added."""
        return list(self._inner.encode(text, add_special_tokens=False).ids)

    def spans(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The tokens of a text, and where in it each begins and ends (characters)."""
        encoded = self._inner.encode(text, add_special_tokens=False)
        return list(encoded.ids), list(encoded.offsets)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of tokens."""
        return str(self._inner.decode(list(ids), skip_special_tokens=False))

    def id(self, token: str) -> int | None:
        """The number of a token of the vocabulary, None where there is no such token."""
        number = self._inner.token_to_id(token)
        return None if number is None else int(number)

    def token(self, number: int) -> str | None:
        """The token of the vocabulary with this number, None where there is none."""
        token = self._inner.id_to_token(number)
        return None if token is None else str(token)

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each token adds to the text: joined they are `decode(ids)`.

        Bytes of an unfinished character wait for its last token, SentencePiece's for the last byte in a row.
        """
        if self._space is not None:
            return self._sentence_pieces(ids, self._space)
        pieces: list[str] = []
        done: list[int] = []
        for position, number in enumerate(ids):
            done.append(number)
            text = self.decode(done)
            if text.endswith("\ufffd") and position + 1 < len(ids) and len(done) < 4:
                pieces.append("")
            else:
                pieces.append(text)
                done = []
        return pieces

    def _sentence_pieces(self, ids: Sequence[int], space: int) -> list[str]:
        pieces: list[str] = []
        done: list[int] = []
        for position, number in enumerate(ids):
            done.append(number)
            if self._is_byte(number) and position + 1 < len(ids) and self._is_byte(ids[position + 1]):
                pieces.append("")  # bytes in a row are one text, or none of them is
            else:
                pieces.append(self.decode([space, *done]))
                done = []
        first = next((place for place, piece in enumerate(pieces) if piece), None)
        if first is not None:
            pieces[first] = pieces[first].removeprefix(" ")
        return pieces

    def _is_byte(self, number: int) -> bool:
        return _BYTE.fullmatch(self.token(number) or "") is not None


def pointer(index: int, oriented: bool) -> str:
    """The token that stands for proposal `index`'s horizontal or oriented box."""
    return f"<{'o' if oriented else 'b'}{index}>"


def here(oriented: bool) -> str:
    """The token that stands for the horizontal or oriented box of the proposal that a walk is at."""
    return f"<{'o' if oriented else 'b'}>"


def tally(count: int) -> str:
    """The token that goes on along a walk with so many proposals counted: nothing is printed."""
    return f"<+{count}>"


def walk(pointers: int) -> list[str]:
    """The tokens that are steps of a walk along `pointers` proposals: on, two that take, and the tallies."""
    return [ONWARD, here(False), here(True), *map(tally, range(pointers + 1))]


def train(corpus: Iterable[str], size: int, pointers: int) -> Tokenizer:
    """A vocabulary of about `size` tokens learned from a corpus, with pointers to `pointers` proposals."""
    import json

    from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers
    from tokenizers import Tokenizer as Inner

    pointed = [pointer(i, oriented) for oriented in (False, True) for i in range(pointers)]
    stepped = walk(pointers) if pointers else []
    reserved = [*SPECIAL, *pointed]
    learned = Inner(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(reserved) - len(stepped) - len(NUMBERS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned.train_from_iterator(corpus, trainer)
    model = json.loads(learned.to_str())["model"]
    words = sorted(model["vocab"], key=model["vocab"].__getitem__)
    vocabulary = {token: number for number, token in enumerate([*reserved, *words, *stepped])}
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]]
    inner = Inner(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_tokens([AddedToken(n, normalized=False) for n in NUMBERS])
    return Tokenizer(inner)
