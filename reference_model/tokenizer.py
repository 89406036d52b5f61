"""Words to numbers and back: a byte-level BPE that can write any text; a coordinate is one token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..harness.errors import ModelError

FILE = "tokenizer.json"
SPECIAL = ("<pad>", "<s>", "</s>")
NUMBERS = tuple(f"{i / 100:.2f}" for i in range(101))


class Tokenizer:
    """A Hugging Face `tokenizer.json`.

    Special and pointer tokens are in the vocabulary but no merge leads to them: a user who types `</s>` or
    `<o3>` writes letters, not a token.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @classmethod
    def read(cls, folder: Path) -> Tokenizer:
        """The tokenizer of a checkpoint folder.

        Raises:
            ModelError: the file is missing or is not a tokenizer.
        """
        from tokenizers import Tokenizer as Inner

        path = folder / FILE
        if not path.is_file():
            raise ModelError(f"There is no {FILE} in {folder}.", "Put the tokenizer beside the weights.")
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

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each token adds to the text. Bytes of an unfinished character wait for its last token."""
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


def pointer(index: int, oriented: bool) -> str:
    """The token that stands for proposal `index`'s horizontal or oriented box."""
    return f"<{'o' if oriented else 'b'}{index}>"


def train(corpus: Iterable[str], size: int, pointers: int) -> Tokenizer:
    """A vocabulary of about `size` tokens learned from a corpus, with pointers to `pointers` proposals."""
    import json

    from tokenizers import AddedToken, decoders, models, pre_tokenizers, trainers
    from tokenizers import Tokenizer as Inner

    pointed = [pointer(i, oriented) for oriented in (False, True) for i in range(pointers)]
    reserved = [*SPECIAL, *pointed]
    learned = Inner(models.BPE())
    learned.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(reserved) - len(NUMBERS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learned.train_from_iterator(corpus, trainer)
    model = json.loads(learned.to_str())["model"]
    words = sorted(model["vocab"], key=model["vocab"].__getitem__)
    vocabulary = {token: number for number, token in enumerate([*reserved, *words])}
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]]
    inner = Inner(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_tokens([AddedToken(n, normalized=False) for n in NUMBERS])
    return Tokenizer(inner)
