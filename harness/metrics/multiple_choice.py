"""Accuracy of answers to multiple-choice questions, over all and by kind, under several letter rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import Answer, Evidence, Target
from ..judgement import Judgement
from ..rules.rule import Context
from ..rules.table import rule as named
from .kind_tally import KindTally
from .ruled import cleaned, columns, literal, of_score, outcome, reasons, rule_of


class MultipleChoice:
    """Share of questions whose right option is picked.

    Figures, each after the rule's name: `micro` (the mean over questions), `macro` (the mean over kinds) and
    `type: KIND`. `Target.label` is the letter, or the letters ("A, C") where several options are right;
    `Target.choices` are the options without their letters.

    >>> metric = MultipleChoice(others=("mme-realworld/official",))
    >>> target = Target(label="D", choices=("red", "green", "blue", "white"), kind="colour")
    >>> metric.observe(target, Answer(text="Based on the image, D"))["scores"]
    {'choice/strict': 1.0, 'mme-realworld/official': 0.0}
    """

    name = "multiple_choice"
    confident = False

    def __init__(self, rule: str = "choice/strict", others: Sequence[str] = ()) -> None:
        """Raises:
        UsageError: no such rule.
        """
        self.rules = tuple(dict.fromkeys((rule, *others)))
        self._rules = [named(name) for name in self.rules]

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The kind, and under each rule a score or why there is none."""
        context = Context(choices=target.choices)
        said, understood = literal(answer), cleaned(answer)
        scores = {rule.name: outcome(rule, said, understood, target.label, context) for rule in self._rules}
        return {"kind": target.kind, "scores": scores}

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """Right under the rule of the figure."""
        return of_score(evidence["scores"].get(rule_of(figure, self.rules)))

    def tally(self, evidence: Sequence[Evidence]) -> KindTally:
        """Lay the scores out by kind."""
        return KindTally([e["kind"] for e in evidence], columns(evidence, self.rules), ("micro", "macro"))

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`unparsed`: under each rule, the answers without a score by reason."""
        return {"unparsed": reasons(e["scores"] for e in evidence)}
