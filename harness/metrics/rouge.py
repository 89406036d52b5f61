"""ROUGE as EarthDial and other instruction-tuned models report it: rouge-score, over several references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Evidence, Target
from .ngrams import Floats
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

    def tally(self, evidence: Sequence[Evidence]) -> RougeTally:
        """One column for each figure."""
        return RougeTally(evidence)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """How many samples were scored, and how many had no reference."""
        scored = sum(bool(e[MEASURES[0]]) for e in evidence)
        return {"samples": scored, "without references": len(evidence) - scored}


class RougeTally:
    """Mean and best over the references of every image that has any."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        there = [bool(e[MEASURES[0]]) for e in evidence]
        self._samples, self._rows = len(evidence), np.flatnonzero(np.array(there, bool))
        scored = [evidence[row] for row in self._rows.tolist()]
        self._columns: dict[str, Floats] = {}
        for measure in MEASURES:
            values = [e[measure] for e in scored]
            self._columns[f"{measure}/{MEAN}"] = np.array([sum(v) / len(v) for v in values], float)
            self._columns[f"{measure}/{BEST}"] = np.array([max(v) for v in values], float)

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """Means over images, fractions in [0, 1]; None where no image counts."""
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        drawn = self.resampled(weight[None], only)
        return {name: None if np.isnan(value[0]) else float(value[0]) for name, value in drawn.items()}

    def resampled(self, weights: NDArray[Any], only: str | None = None) -> Mapping[str, Floats]:
        """Each figure under each row of weights (draws, samples), as (draws,) with NaN where undefined."""
        weight = np.asarray(weights, float)[:, self._rows]
        total = weight.sum(axis=1)
        total[total == 0] = np.nan
        return {
            name: weight @ column / total for name, column in self._columns.items() if only in (None, name)
        }
