"""BLEU-1 to BLEU-4 from counts that add up over images."""

from __future__ import annotations

import numpy as np

from .corpus import Corpus
from .ngrams import ORDERS, Floats, places

# Columns of the statistics: matched n-grams by order, n-grams said by order, words said, words expected.
COLUMNS = 2 * ORDERS + 2
_SMALL, _TINY = 1e-9, 1e-15  # what the script adds to denominators and numerators against division by zero


def bleu_statistics(corpus: Corpus) -> Floats:
    """Per image the counts that BLEU adds up, (images, 10): 4 matched, 4 said, words said, words expected.

    An n-gram said is matched as often as the reference that has it most often has it, at most. The words
    expected are those of the reference nearest in length, of two equally near the shorter ("closest").
    """
    said_words = corpus.words[: corpus.images]
    columns = np.zeros((corpus.images, COLUMNS))
    for order in range(1, ORDERS + 1):
        said, true = corpus.split(order)
        key = corpus.image[true.sentence] * max(true.kinds, 1) + true.gram
        by_key = np.argsort(key, kind="stable")
        held, first = np.unique(key[by_key], return_index=True)
        most = np.maximum.reduceat(true.count[by_key], first) if len(held) else true.count
        there, place = places(said.sentence * max(said.kinds, 1) + said.gram, held)
        matched = np.minimum(said.count[there], most[place[there]])
        columns[:, order - 1] = np.bincount(said.sentence[there], matched, corpus.images)
        columns[:, ORDERS + order - 1] = np.maximum(said_words - order + 1, 0)
    columns[:, 2 * ORDERS] = said_words
    columns[:, 2 * ORDERS + 1] = _closest(corpus)
    return columns


def bleu(statistics: Floats) -> Floats:
    """BLEU-1 to BLEU-4, (..., 4), of statistics (..., 10) of one image or summed over many.

    Geometric mean of the clipped precisions up to each order times the brevity penalty exp(1 - expected/said)
    where fewer words were said than expected: K. Papineni et al., BLEU, ACL 2002, section 2.3, with the small
    constants of pycocoevalcap's bleu_scorer.py, which keep every denominator above zero.

    >>> bleu(np.array([[2.0, 1, 0, 0, 2, 1, 0, 0, 2, 2]])).round(4).tolist()
    [[1.0, 1.0, 0.01, 0.001]]
    """
    matched, said = statistics[..., :ORDERS], statistics[..., ORDERS : 2 * ORDERS]
    precision = np.cumprod((matched + _TINY) / (said + _SMALL), axis=-1)
    mean = precision ** (1 / np.arange(1, ORDERS + 1))
    ratio = (statistics[..., 2 * ORDERS] + _TINY) / (statistics[..., 2 * ORDERS + 1] + _SMALL)
    penalty: Floats = np.exp(np.minimum(1 - 1 / ratio, 0))
    result: Floats = mean * penalty[..., None]
    return result


def _closest(corpus: Corpus) -> Floats:
    """Words of the reference nearest in length to each image's caption; 0 where there is none."""
    true = corpus.words[corpus.images :]
    away = np.abs(true - corpus.words[corpus.image])
    ranked = np.lexsort((true, away, corpus.image))
    images, first = np.unique(corpus.image[ranked], return_index=True)
    closest = np.zeros(corpus.images)
    closest[images] = true[ranked[first]]
    return closest
