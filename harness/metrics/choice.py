"""Top-1 accuracy over a closed list of class names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Target
from ..judgement import Judgement
from ..rules.rule import Context
from ..rules.table import rule as named
from .calibration import summary
from .kind_tally import KindTally
from .ruled import cleaned, literal, of_score, outcome, reasons, score

UNPARSABLE = "unparsable"


class Choice:
    """Share of samples whose answer is the right class, and the mean of that share over classes.

    Which answers name a class is decided before (`cls/strict` and its kin, in answers.py): an answer without
    a label is wrong, and stands in the confusion matrix under "unparsable".

    `macro top-1` is the mean of per-class recall over the classes that have samples ("average accuracy").

    `rules` are other rules of harness/rules/table.py under which the same answers are shown: figures
    `cls/geochat/top-1`, `cls/geochat/macro top-1` ... They look at `Answer.raw`, the literal text.

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

    def __init__(
        self,
        choices: Sequence[str],
        rules: Sequence[str] = (),
        aliases: Sequence[tuple[str, str]] = (),
    ) -> None:
        """`aliases`: (other spelling, class) pairs for `cls/strict`, where that is among the `rules`.

        Raises:
            UsageError: no such rule.
        """
        self.choices = tuple(choices)
        self._rules = [named(rule) for rule in dict.fromkeys(rules)]
        self._context = Context(self.choices, tuple(aliases))

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The true class, the class answered (None: none), and 1 where they are the same.

        `confidence` where the answer has one. With `rules`: `scores` under each, and `named`, the class that
        a rule takes the answer for.
        """
        hit = target.label is not None and answer.label == target.label
        evidence: dict[str, Any] = {"gold": target.label, "label": answer.label, "hit": int(hit)}
        if answer.confidence is not None:
            evidence["confidence"] = answer.confidence
        if not self._rules:
            return evidence
        said, understood, context = literal(answer), cleaned(answer), self._context
        golds = {True: None if target.label is None else target.label.replace(" ", ""), False: target.label}
        evidence["scores"] = {
            rule.name: outcome(rule, said, understood, golds[rule.joined], context) for rule in self._rules
        }
        evidence["named"] = {rule.name: rule.named(said, context) for rule in self._rules if rule.named}
        return evidence

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """Right under the rule of the figure; without one, under `cls/strict`."""
        rule = figure.rpartition("/")[0]
        return of_score(evidence["scores"].get(rule) if rule else float(evidence["hit"]))

    def tally(self, evidence: Sequence[Evidence]) -> KindTally:
        """Lay the hits out by class, under every rule."""
        scores = {"": [float(e["hit"]) for e in evidence]}
        for rule in self._rules:
            scores[f"{rule.name}/"] = [score(e["scores"].get(rule.name)) for e in evidence]
        classes = [e["gold"] or "" for e in evidence]
        return KindTally(classes, scores, ("top-1", "macro top-1"), each_kind=False)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`classes`: samples, hits and accuracy of each class. `confusion`: counts, a row per true class.

        `calibration` where answers have confidences. With `rules`: `unparsed`, the answers without a score by
        reason, and `named`, the macro precision, recall and F1 of the rules that take every answer for a
        class, a class outside the list being one more (as Falcon's script has it).

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
        details: dict[str, Any] = {
            "classes": table,
            "confusion": {"columns": columns, "rows": counts.tolist()},
        }
        if calibrated := summary([e.get("confidence") for e in evidence], [e["hit"] for e in evidence]):
            details["calibration"] = calibrated
        if self._rules:
            details["unparsed"] = reasons(e["scores"] for e in evidence)
            details["named"] = {
                rule.name: _macro([(str(e["gold"]).lower(), _lower(e["named"][rule.name])) for e in evidence])
                for rule in self._rules
                if rule.named
            }
        return details


def _lower(name: str | None) -> str:
    return "" if name is None else name.lower()


def _macro(pairs: Sequence[tuple[str, str]]) -> dict[str, float | None]:
    """Precision, recall and F1, each the mean over every class that is true or named; 0 where undefined."""
    classes = sorted({name for pair in pairs for name in pair})
    means = {"precision": 0.0, "recall": 0.0, "F1": 0.0}
    for name in classes:
        both = sum(gold == said == name for gold, said in pairs)
        true, taken = (sum(pair[side] == name for pair in pairs) for side in (0, 1))
        means["precision"] += both / taken / len(classes) if taken else 0.0
        means["recall"] += both / true / len(classes) if true else 0.0
        means["F1"] += 2 * both / (true + taken) / len(classes)
    return {f"macro {name}": value if pairs else None for name, value in means.items()}
