"""The captions of many images laid out for scoring: all figures of any weighting of the images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Evidence
from .bleu import bleu, bleu_statistics
from .cider import cider
from .corpus import Corpus
from .meteor import COLUMNS, meteor, meteor_statistics
from .ngrams import Floats
from .rouge_l import rouge_l
from .undefined import of_one_draw

BLEU = tuple(f"BLEU-{order}" for order in (1, 2, 3, 4))
METEOR, ROUGE_L, CIDER_D, CIDER, SPICE = "METEOR", "ROUGE-L", "CIDEr-D", "CIDEr/original", "SPICE"


class CaptionTally:
    """What each image adds to every figure, counted once; images without references add nothing.

    CIDEr's document frequencies are those of all the evidence and stay so under any weights: a slice or a
    resample is scored by the rarity of n-grams in the whole set.
    """

    def __init__(self, evidence: Sequence[Evidence], extra: Sequence[str] = ()) -> None:
        self._samples = len(evidence)
        self._rows = np.flatnonzero(np.array([bool(e["refs"]) for e in evidence], bool))
        scored = [evidence[row] for row in self._rows.tolist()]
        captions, references = [str(e["hyp"]) for e in scored], [list(e["refs"]) for e in scored]
        corpus = Corpus.of(captions, references)
        self._bleu = bleu_statistics(corpus)
        clipped, plain = cider(corpus)
        longest = [rouge_l(caption, true) for caption, true in zip(captions, references, strict=True)]
        self._means = {ROUGE_L: np.array(longest, float), CIDER_D: clipped, CIDER: plain}
        if SPICE in extra:
            values = [e.get("spice") for e in scored]
            self._means[SPICE] = np.array([np.nan if v is None else v for v in values], float)
        self._meteor = _meteor_table(scored) if METEOR in extra else None

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """BLEU-1 to 4, METEOR, ROUGE-L and SPICE in [0, 1], both CIDErs in [0, 10]; None if undefined.

        METEOR and SPICE are undefined unless every image that counts has been seen by their programs.
        """
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        return of_one_draw(self.resampled(weight[None], only))

    def resampled(self, weights: NDArray[Any], only: str | None = None) -> Mapping[str, Floats]:
        """Each figure under each row of weights (draws, samples), as (draws,) with NaN where undefined."""
        weight = np.asarray(weights, float)[:, self._rows]
        total = weight.sum(axis=1)
        nothing = total == 0
        drawn: dict[str, Floats] = {}
        if only is None or only in BLEU:
            drawn |= dict(zip(BLEU, bleu(weight @ self._bleu).T, strict=True))
        if self._meteor is not None and only in (None, METEOR):
            drawn[METEOR] = _meteor_of(weight, self._meteor)
        for name, values in self._means.items():
            if only in (None, name):
                drawn[name] = _weighted(weight, values) / np.where(nothing, 1, total)
        return {name: np.where(nothing, np.nan, values) for name, values in drawn.items()}

    def per_sample(self) -> Mapping[str, Floats]:
        """Each figure of each sample alone, (samples,), NaN without references; under the common rarities."""
        single = dict(zip(BLEU, bleu(self._bleu).T, strict=True)) | self._means
        if self._meteor is not None:
            seen = ~np.isnan(self._meteor[:, 0])
            single[METEOR] = np.where(seen, meteor(np.nan_to_num(self._meteor)), np.nan)
        placed = {}
        for name, values in single.items():
            placed[name] = np.full(self._samples, np.nan)
            placed[name][self._rows] = values
        return placed


def _meteor_table(evidence: Sequence[Evidence]) -> Floats:
    """(images, 23), a row of NaN where the aligner has not seen the image."""
    missing = (np.nan,) * COLUMNS
    rows = [meteor_statistics(e["meteor"]) if e.get("meteor") else missing for e in evidence]
    return np.array(rows, float).reshape(-1, COLUMNS)


def _meteor_of(weight: Floats, table: Floats) -> Floats:
    unseen = weight @ np.isnan(table[:, 0]) > 0
    return np.where(unseen, np.nan, meteor(weight @ np.nan_to_num(table)))


def _weighted(weight: Floats, values: Floats) -> Floats:
    """Sums of values under weights, NaN where one that counts is NaN."""
    unknown = np.isnan(values)
    sums: Floats = weight @ np.where(unknown, 0, values)
    return np.where(weight @ unknown > 0, np.nan, sums) if unknown.any() else sums
