"""Accuracy of short free answers: over all questions, over types of question, of each type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import Answer, Evidence, Target
from ..judgement import Judgement
from ..rules.rule import Context
from ..rules.table import rule as named
from ..rules.vqa import ERRORS
from .calibration import summary
from .kind_tally import KindTally
from .ruled import (
    cleaned,
    columns,
    distinct,
    for_a_judge,
    literal,
    of_score,
    outcome,
    reasons,
    rule_of,
    score,
)


class VQA:
    """Answers under a headline rule, and beside it under any other rule of harness/rules/table.py.

    Figures, each after the rule's name: `OA` (overall accuracy: the mean over questions), `AA` (average
    accuracy: the mean over types), `OA without count`, `AA without count` (for the `excluded` types) and
    `type: presence` for every type. The type of a question is `Target.kind`. An answer without a score is
    wrong; a rule that leaves answers to a judge has the share of those as a figure.

    S. Lobry et al.: RSVQA: Visual question answering for remote sensing data, TGRS 2020 (OA, AA).

    >>> metric = VQA("rsvqa/strict", excluded=("count",))
    >>> asked = [("yes", "yes", "presence"), ("no", "yes", "presence"), ("12", "2", "count")]
    >>> pairs = [(Target(texts=(gold,), kind=kind), Answer(text=said)) for said, gold, kind in asked]
    >>> figures = metric.tally([metric.observe(*pair) for pair in pairs]).figures()
    >>> figures["rsvqa/strict/AA"], figures["rsvqa/strict/OA without count"]
    (0.25, 0.5)
    """

    name = "vqa"
    confident = False

    def __init__(
        self,
        rule: str = "rsvqa/strict",
        others: Sequence[str] = (),
        excluded: Sequence[str] = (),
        buckets: str = "",
        errors: Sequence[str] = ("vhm/counting",),
    ) -> None:
        """`buckets`: as in `Context`. `errors`: names of vqa.ERRORS, shown where the gold is a number.

        Raises:
            UsageError: no such rule.
        """
        self.rules = tuple(dict.fromkeys((rule, *others)))
        self._rules = [named(name) for name in self.rules]
        self._excluded = tuple(excluded)
        self._context = Context(buckets=buckets)
        self._errors = {name: ERRORS[name] for name in errors}

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """The type, and under each rule a score, why there is none, or None (left out).

        `errors` holds [absolute, relative] errors of the numbers, None where they could not be read.
        """
        return self.observe_all([target], [answer])[0]

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Sequence[Evidence]:
        """The same for many; equal questions and answers are looked at once."""
        seen: dict[tuple[str, str | None, str | None, str], Evidence] = {}
        rows = []
        for target, answer in zip(targets, answers, strict=True):
            gold = target.texts[0] if target.texts else target.label
            key = (literal(answer), cleaned(answer), gold, target.kind)
            if (evidence := seen.get(key)) is None:
                evidence = seen[key] = self._observed(*key)
            if answer.confidence is not None:
                evidence = {**evidence, "confidence": answer.confidence}
            rows.append(evidence)
        return rows

    def _observed(self, said: str, understood: str | None, gold: str | None, kind: str) -> Evidence:
        scores = {rule.name: outcome(rule, said, understood, gold, self._context) for rule in self._rules}
        evidence: dict[str, Any] = {"kind": kind, "scores": scores}
        if gold is not None and self._errors and gold.strip().isdigit():
            evidence["errors"] = {name: errors(said, gold) for name, errors in self._errors.items()}
        return evidence

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """Right under the rule of the figure."""
        return of_score(evidence["scores"].get(rule_of(figure, self.rules)))

    def tally(self, evidence: Sequence[Evidence]) -> KindTally:
        """Lay the scores out by type."""
        known, which = distinct(evidence)
        return KindTally(
            [e["kind"] for e in known],
            columns(known, self.rules),
            excluded=self._excluded,
            shares=for_a_judge(known, self.rules),
            which=which,
        )

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`types`: samples and accuracy under each rule. `unparsed`: answers without a score, by reason.

        `errors`: mean absolute error (MAE) and mean relative error (MAPE) of numbers, and how many answers
        had none to compare; those are in neither mean.
        """
        kinds = sorted({e["kind"] for e in evidence})
        rows = {kind: [e for e in evidence if e["kind"] == kind] for kind in kinds}
        tallies = {kind: self.tally(of).figures() for kind, of in rows.items()}
        types = {
            kind or "no type": {"samples": len(rows[kind])}
            | {rule: figures[f"{rule}/OA"] for rule in self.rules}
            for kind, figures in tallies.items()
        }
        errors = {
            name: _errors([e["errors"][name] for e in evidence if "errors" in e]) for name in self._errors
        }
        details = {"types": types, "unparsed": reasons(e["scores"] for e in evidence), "errors": errors}
        first = [score(e["scores"].get(self.rules[0])) for e in evidence]
        known = [i for i, value in enumerate(first) if value == value]  # left out of the means: NaN
        if calibrated := summary([evidence[i].get("confidence") for i in known], [first[i] for i in known]):
            details["calibration"] = calibrated
        return details


def _errors(found: Sequence[Sequence[Sequence[float | None]] | None]) -> dict[str, Any]:
    pairs = [pair for numbers in found if numbers is not None for pair in numbers]
    absolute = [pair[0] for pair in pairs if pair[0] is not None]
    relative = [pair[1] for pair in pairs if pair[1] is not None]
    return {
        "samples": len(found),
        "without a number": sum(numbers is None for numbers in found),
        "MAE": sum(absolute) / len(absolute) if absolute else None,
        "MAPE": sum(relative) / len(relative) if relative else None,
    }
