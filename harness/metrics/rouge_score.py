"""ROUGE-N and ROUGE-L of a text against one reference as the package rouge-score defines them: F1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from rapidfuzz.distance import LCSseq

from .rouge_tokens import rouge_tokens

MEASURES = ("ROUGE-1", "ROUGE-2", "ROUGE-L", "ROUGE-Lsum")


def rouge_scores(text: str, reference: str) -> dict[str, float]:
    """F1, in [0, 1], of words, of pairs of words, and of longest common subsequences; 0 without words.

    ROUGE-L is the sentence-level form, in which line ends count for nothing (C.-Y. Lin, ROUGE, 2004, section
    3.1). ROUGE-Lsum is the summary-level form (section 3.2): lines are sentences, and a word of the reference
    counts where a common subsequence with any line of the text has it, each word of either side once. On
    texts of one line both are the same.

    >>> scores = rouge_scores("two planes parked", "planes are parked")
    >>> {name: round(value, 3) for name, value in scores.items()}
    {'ROUGE-1': 0.667, 'ROUGE-2': 0.0, 'ROUGE-L': 0.667, 'ROUGE-Lsum': 0.667}
    """
    return _scores(
        [rouge_tokens(line) for line in _lines(text)], [rouge_tokens(s) for s in _lines(reference)]
    )


def _scores(said_lines: Sequence[list[str]], true_lines: Sequence[list[str]]) -> dict[str, float]:
    said, true = list(chain.from_iterable(said_lines)), list(chain.from_iterable(true_lines))
    common = LCSseq.similarity(said, true)
    several = len(said_lines) > 1 or len(true_lines) > 1
    in_summary = _summary_hits(said_lines, true_lines) if several else common
    return {
        "ROUGE-1": _f1(_shared(said, true), len(said), len(true)),
        "ROUGE-2": _f1(
            _shared(list(zip(said, said[1:], strict=False)), list(zip(true, true[1:], strict=False))),
            len(said) - 1,
            len(true) - 1,
        ),
        "ROUGE-L": _f1(common, len(said), len(true)),
        "ROUGE-Lsum": _f1(in_summary, len(said), len(true)),
    }


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _f1(hits: int, said: int, true: int) -> float:
    if not hits:
        return 0.0
    precision, recall = hits / said, hits / true
    return 2 * precision * recall / (precision + recall)


def _shared(said: Sequence[object], true: Sequence[object]) -> int:
    return (Counter(said) & Counter(true)).total()


def _summary_hits(said_lines: Sequence[list[str]], true_lines: Sequence[list[str]]) -> int:
    """Words of the reference in the union of common subsequences, none more often than both sides have it."""
    left = _at_most(said_lines, true_lines)
    hits = 0
    for true in true_lines:
        union: set[int] = set()
        for said in said_lines:
            union |= _subsequence(true, said)
        for place in sorted(union):
            if left[true[place]] > 0:
                left[true[place]] -= 1
                hits += 1
    return hits


def _at_most(said_lines: Sequence[list[str]], true_lines: Sequence[list[str]]) -> dict[str, int]:
    said = Counter(chain.from_iterable(said_lines))
    true = Counter(chain.from_iterable(true_lines))
    return {word: min(said[word], count) for word, count in true.items()}


def _subsequence(true: Sequence[str], said: Sequence[str]) -> set[int]:
    """Places in `true` of one longest common subsequence: of several, the one rouge-score walks back to."""
    longest = [[0] * (len(said) + 1) for _ in range(len(true) + 1)]
    for i, word in enumerate(true, 1):
        above, row = longest[i - 1], longest[i]
        for j, other in enumerate(said, 1):
            row[j] = above[j - 1] + 1 if word == other else max(above[j], row[j - 1])
    places, i, j = set(), len(true), len(said)
    while i and j:
        if true[i - 1] == said[j - 1]:
            i, j = i - 1, j - 1
            places.add(i)
        elif longest[i][j - 1] > longest[i - 1][j]:
            j -= 1
        else:
            i -= 1
    return places
