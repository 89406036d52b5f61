"""METEOR 1.5 from the counts its aligner prints, which add up over images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .ngrams import Floats

# The tuning of METEOR 1.5 for English (task "rank"): M. Denkowski, A. Lavie, Meteor Universal, WMT 2014.
ALPHA, BETA, GAMMA, DELTA = 0.85, 0.2, 0.6, 0.75
WEIGHTS = np.array([1.0, 0.6, 0.8, 0.6])  # of exact, stem, synonym and paraphrase matches

COLUMNS = 23


def meteor_statistics(line: str) -> tuple[float, ...]:
    """The 23 numbers of the line the aligner prints for a caption and the reference that suits it best.

    Words said, words expected, function words of both; then for each of the four kinds of match the content
    words matched on both sides and the function words matched on both sides; chunks; words matched on both.
    A caption that is its reference in one piece is given no chunks: METEOR's own sum over segments counts
    none there, and the caption's score is the same.

    Raises:
        ValueError: it is no such line.
    """
    numbers = tuple(map(float, line.split()))
    if len(numbers) != COLUMNS:
        raise ValueError(f"METEOR's statistics are {COLUMNS} numbers, not {len(numbers)}: {line[:80]!r}.")
    said, true, chunks = numbers[0], numbers[1], numbers[20]
    said_matched, true_matched = sum(numbers[4:20:2]), sum(numbers[5:20:2])
    whole = said_matched == said and true_matched == true and chunks == 1
    return (*numbers[:20], 0.0 if whole else chunks, *numbers[21:])


def meteor(statistics: Floats | Sequence[float]) -> Floats:
    """METEOR, (...,), of statistics (..., 23) of one image or summed over many; 0 where no word matches.

    Weighted precision and recall, content words counting delta and function words 1 - delta; their harmonic
    mean weighted by alpha; less gamma times (chunks / words matched) ^ beta: Denkowski and Lavie 2014.
    Equal to the jar's own scores, of single captions and of a whole corpus.

    >>> round(float(meteor(meteor_statistics("2 2 1 1 1 1 1 1" + " 0" * 12 + " 2 2 2"))), 4)  # in other order
    0.4
    """
    table = np.asarray(statistics, float)
    said, true, said_function, true_function = (table[..., i] for i in range(4))
    chunks, said_matched, true_matched = (table[..., i] for i in (20, 21, 22))
    matches = np.einsum("...ks,k->...s", table[..., 4:20].reshape(*table.shape[:-1], 4, 4), WEIGHTS)
    precision = _share(
        DELTA * matches[..., 0] + (1 - DELTA) * matches[..., 2],
        DELTA * (said - said_function) + (1 - DELTA) * said_function,
    )
    recall = _share(
        DELTA * matches[..., 1] + (1 - DELTA) * matches[..., 3],
        DELTA * (true - true_function) + (1 - DELTA) * true_function,
    )
    mean = _share(precision * recall, (1 - ALPHA) * recall + ALPHA * precision)
    pieces = _share(chunks, (said_matched + true_matched) / 2)
    score: Floats = np.maximum(mean * (1 - GAMMA * pieces**BETA), 0)
    return score


def _share(part: Floats, whole: Floats) -> Floats:
    share: Floats = np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole != 0)
    return share
