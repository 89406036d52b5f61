"""ROUGE-L of a caption as pycocoevalcap defines it: longest common subsequence, recall before precision."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

BETA = 1.2


def rouge_l(caption: str, references: Sequence[str]) -> float:
    """The F-measure of the best precision and the best recall over the references, in [0, 1].

    Both strings hold tokens separated by one blank; between two blanks is an empty token. With b = 1.2,
    F = (1 + b^2) P R / (R + b^2 P); P and R are maxima over references, not necessarily of the same one
    (C.-Y. Lin, ROUGE, 2004, section 3.1, as pycocoevalcap's rouge.py). A caption without words scores 0, also
    where a reference has none (there the script gives 1: it takes the empty string for a word both have).

    >>> round(rouge_l("many planes are parked", ["planes are parked here", "an airport"]), 4)
    0.75
    """
    if not caption.strip() or not references:
        return 0.0
    said = caption.split(" ")
    precision = recall = 0.0
    for reference in references:
        true = reference.split(" ")
        common = LCSseq.similarity(said, true)
        precision = max(precision, common / len(said))
        recall = max(recall, common / len(true))
    if not precision:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)
