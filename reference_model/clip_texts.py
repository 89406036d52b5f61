"""The sentences the nano CLIP learns its pictures by: object, aircraft type, scene and background names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from .tokenizer import Tokenizer

TEMPLATES = (
    "a satellite photo of a {}",
    "a satellite photo of a {}",
    "a satellite photo of {}",
    "an aerial image of a {}",
    "{}",
)
BACKGROUNDS = ("background", "background", "nothing", "empty ground")
SYNONYMS = {
    "airplane": ("airplane", "airplane", "plane", "aircraft"),
    "small vehicle": ("small vehicle", "small vehicle", "vehicle", "car"),
    "large vehicle": ("large vehicle", "large vehicle", "truck"),
}


def sentence(name: str, rng: np.random.Generator) -> str:
    """A name in one of the templates and spellings."""
    spelled = str(rng.choice(SYNONYMS.get(name, (name,))))
    if rng.random() < 0.15:
        spelled = spelled.replace(" ", "_")
    return str(rng.choice(TEMPLATES)).format(spelled)


def aircraft_sentence(kind: str, rng: np.random.Generator) -> str:
    """A type of aircraft with or without its noun."""
    return sentence(str(rng.choice((kind, f"{kind} airplane", f"{kind} aircraft"))), rng)


def corpus(names: Sequence[str]) -> list[str]:
    """Every template with every name, for the vocabulary."""
    words = [*names, *BACKGROUNDS, *(s for group in SYNONYMS.values() for s in group)]
    return [template.format(word) for template in TEMPLATES for word in words]


def tokenised(texts: Sequence[str], tokenizer: Tokenizer, length: int) -> Tensor:
    """(texts, length) ids: BOS, the words (cut to fit), EOS, padding."""
    import torch

    ids = torch.zeros(len(texts), length, dtype=torch.long)
    for row, text in zip(ids, texts, strict=True):
        words = [1, *tokenizer.encode(text)[: length - 2], 2]
        row[: len(words)] = torch.tensor(words)
    return ids
