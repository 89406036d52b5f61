"""Whether the description of a region names the class of what is there, and no other class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..answers import mentioned
from ..contract import Answer, Evidence, Target
from .ratios import Ratios

FIGURE = "class named"


class ClassNamed:
    """`class named`: the share of labelled regions whose answer names the true class and no other one.

    A class is named where its name stands in the answer as whole words, singular or plural, whatever the
    case; of overlapping names (vehicle, small vehicle) the longer counts. Place, count and wording do not
    matter, a negation is not looked for. The true class is `Target.label`; a sample without one counts for
    nothing, an answer without words is wrong. The definition is rsbench's own.

    `classes` are those that must not be named beside the true one.

    >>> metric = ClassNamed(("ship", "airplane"))
    >>> said = ["1 Ship at the top left", "two ships", "a ship, no airplane", "a boat"]
    >>> seen = [metric.observe(Target(label="ship"), Answer(text=text)) for text in said]
    >>> metric.tally(seen).figures()["class named"]
    0.5
    """

    name = "class_named"
    confident = False

    def __init__(self, classes: Sequence[str] = ()) -> None:
        self._classes = tuple(classes)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The true class, None where there is none, and the classes named in the order of the alphabet."""
        if target.label is None:
            return {"label": None, "named": []}
        classes = tuple(
            dict.fromkeys((target.label, *self._classes))
        )  # of equal spellings the first is found
        return {"label": target.label, "named": sorted(mentioned(answer.text or "", classes))}

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        """Right answers over labelled samples."""
        labelled = np.array([e["label"] is not None for e in evidence], float)
        right = np.array([e["named"] == [e["label"]] for e in evidence], float)
        return Ratios(len(evidence), {FIGURE: (right, labelled)})

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """By true class: objects, the share that was named, the share with no class named at all."""
        rows: dict[str, list[Evidence]] = {}
        for e in evidence:
            if e["label"] is not None:
                rows.setdefault(e["label"], []).append(e)
        return {
            "classes": {
                name: {
                    "objects": len(here),
                    FIGURE: self.tally(here).figures()[FIGURE],
                    "no class": sum(not e["named"] for e in here) / len(here),
                }
                for name, here in sorted(rows.items())
            }
        }
