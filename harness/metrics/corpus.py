"""Captions and their references as n-gram counts: each caption beside what its own references hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from .ngrams import Grams, Ints, count_grams


@dataclass(frozen=True, slots=True)
class Corpus:
    """Captions (one an image) and references (one or more an image), tokenised, counted once.

    Sentences 0 to images - 1 are the captions; the references follow, image by image. `image` says for every
    reference whose it is.
    """

    images: int
    words: Ints  # (sentences,)
    image: Ints  # (references,)
    grams: tuple[Grams, ...]

    @classmethod
    def of(cls, captions: Sequence[str], references: Sequence[Sequence[str]]) -> Corpus:
        """Count the n-grams of all sentences, whose tokens are separated by white space."""
        words, grams = count_grams([*captions, *chain.from_iterable(references)])
        owners = np.repeat(np.arange(len(captions)), np.array([len(r) for r in references], np.int64))
        return cls(len(captions), words, owners, grams)

    def split(self, order: int) -> tuple[Grams, Grams]:
        """The n-grams of one order in captions, and in references; `sentence` then counts from 0 in both."""
        grams = self.grams[order - 1]
        border = int(np.searchsorted(grams.sentence, self.images))
        said = Grams(grams.sentence[:border], grams.gram[:border], grams.count[:border], grams.kinds)
        true = Grams(
            grams.sentence[border:] - self.images, grams.gram[border:], grams.count[border:], grams.kinds
        )
        return said, true
