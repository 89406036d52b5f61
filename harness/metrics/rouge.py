"""ROUGE as EarthDial and other instruction-tuned models report it: rouge-score, over several references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Target
from .ratios import Ratios
from .rouge_score import MEASURES, rouge_scores

MEAN, BEST = "mean of references", "best reference"


class Rouge:
    """F1 of ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum with Porter's stemmer, equal to rouge-score 0.1.2.

    `ROUGE-1/mean of references` is the mean over an image's references, then over images: what EarthDial's
    script prints. `ROUGE-1/best reference` takes the best of an image's references instead (rouge-score's own
    `score_multi`). pycocoevalcap's ROUGE_L is neither: it is the `ROUGE-L` of the metric `caption`.

    References are `Target.texts`, the text `Answer.text`; without one the score is 0. A sample without
    references is left out and counted in `details`.

    >>> metric = Rouge()
    >>> gold = Target(texts=("Planes are parked.", "An airport"))
    >>> figures = metric.tally([metric.observe(gold, Answer(text="parked planes"))]).figures()
    >>> round(figures["ROUGE-1/mean of references"], 3), round(figures["ROUGE-1/best reference"], 3)
    (0.4, 0.8)
    """

    name = "rouge"
    confident = False

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """F1 against every reference, by measure: `{"ROUGE-1": [0.5, ...], "ROUGE-2": ...}`."""
        rows = [rouge_scores(answer.text or "", reference) for reference in target.texts]
        return {measure: [row[measure] for row in rows] for measure in MEASURES}

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        """Means over the images that have references, of the mean and of the best of their references."""
        there = np.array([bool(e[MEASURES[0]]) for e in evidence], float)
        parts = {}
        for measure in MEASURES:
            values = [e[measure] for e in evidence]
            parts[f"{measure}/{MEAN}"] = ([sum(v) / len(v) if v else 0.0 for v in values], there)
            parts[f"{measure}/{BEST}"] = ([max(v, default=0.0) for v in values], there)
        return Ratios(len(evidence), parts)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """How many samples were scored, and how many had no reference."""
        scored = sum(bool(e[MEASURES[0]]) for e in evidence)
        return {"samples": scored, "without references": len(evidence) - scored}
