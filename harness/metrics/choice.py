"""Top-1 accuracy over a closed list of class names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Evidence, Target

UNPARSABLE = "unparsable"


class Choice:
    """Share of samples whose answer is the right class, and the mean of that share over classes.

    Which answers name a class is decided before (`cls/strict` and its kin, in answers.py): an answer without
    a label is wrong, and stands in the confusion matrix under "unparsable".

    `macro top-1` is the mean of per-class recall over the classes that have samples ("average accuracy").

    >>> metric = Choice(("airport", "beach"))
    >>> pairs = [("airport", "airport"), ("airport", "beach"), ("airport", None), ("beach", "beach")]
    >>> evidence = [metric.observe(Target(label=gold), Answer(label=said)) for gold, said in pairs]
    >>> figures = metric.tally(evidence).figures()
    >>> figures["top-1"], round(figures["macro top-1"], 4)
    (0.5, 0.6667)
    >>> metric.details(evidence)["confusion"]["rows"]
    [[1, 1, 1], [0, 1, 0]]
    """

    name = "choice"
    confident = False

    def __init__(self, choices: Sequence[str]) -> None:
        self.choices = tuple(choices)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The true class, the class answered (None: none), and 1 where they are the same."""
        hit = target.label is not None and answer.label == target.label
        return {"gold": target.label, "label": answer.label, "hit": int(hit)}

    def tally(self, evidence: Sequence[Evidence]) -> ChoiceTally:
        """Lay the evidence out as one row of hits and one of classes."""
        return ChoiceTally([e["gold"] for e in evidence], [e["hit"] for e in evidence])

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`classes`: samples, hits and accuracy of each class. `confusion`: counts, a row per true class.

        The columns of the matrix are the classes, then "unparsable". A name outside `choices` that occurs
        nevertheless has its own row and column, after the choices.
        """
        met = {str(e[key]) for e in evidence for key in ("gold", "label") if e[key] is not None}
        classes = [*self.choices, *sorted(met - set(self.choices))]
        columns = [*classes, UNPARSABLE]
        place = {name: i for i, name in enumerate(columns)}
        counts = np.zeros((len(classes), len(columns)), int)
        for e in evidence:
            if e["gold"] is not None:
                said = UNPARSABLE if e["label"] is None else str(e["label"])
                counts[place[str(e["gold"])], place[said]] += 1
        table = {}
        for name, row in zip(classes, counts, strict=True):
            total, hits = int(row.sum()), int(row[place[name]])
            accuracy = hits / total if total else None
            table[name] = {"samples": total, "hits": hits, "accuracy": accuracy}
        return {"classes": table, "confusion": {"columns": columns, "rows": counts.tolist()}}


class ChoiceTally:
    """Hits and classes of many samples."""

    def __init__(self, gold: Sequence[str | None], hits: Sequence[int]) -> None:
        names = {name: i for i, name in enumerate(dict.fromkeys(gold))}
        self._class = np.array([names[name] for name in gold], int)
        self._classes = len(names)
        self._hits = np.array(hits, float)

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """`top-1` and `macro top-1`, fractions in [0, 1]; None where nothing counts."""
        weight = np.ones(len(self._hits)) if weights is None else np.asarray(weights, float)
        asked = np.bincount(self._class, weight, self._classes)
        right = np.bincount(self._class, weight * self._hits, self._classes)
        there = asked > 0
        if not there.any():
            return {"top-1": None, "macro top-1": None}
        recall = right[there] / asked[there]
        return {"top-1": float(right.sum() / asked.sum()), "macro top-1": float(recall.mean())}
