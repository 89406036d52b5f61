"""The same answers under many rules: how far the choice of a rule moves a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..rules.rule import JUDGE, NOTHING, Context, Outcome
from ..rules.table import RULES, rule
from .ruled import score


def same_answers(
    pairs: Iterable[tuple[str, str]], rules: Sequence[str] = tuple(RULES), context: Context = NOTHING
) -> list[dict[str, Any]]:
    """One row a rule: its accuracy on the (prediction, gold) pairs, and the shares without a score.

    `unparsed` and `judge` are shares of the pairs in which the rule found no answer, or leaves the answer to
    a judge: both count as wrong. `empty` is the accuracy of a model that answers nothing.

    Raises:
        UsageError: no such rule.

    >>> rows = same_answers([("not an airport", "airport"), ("beach", "beach")], ("vqa/exact", "cls/contain"))
    >>> [(row["rule"], row["accuracy"]) for row in rows]
    [('vqa/exact', 0.5), ('cls/contain', 1.0)]
    """
    pairs = list(pairs)
    rows = []
    for name in rules:
        compare = rule(name)
        golds = [gold for _, gold in pairs]
        true = [gold.replace(" ", "") for gold in golds] if compare.joined else golds
        found = [
            compare.score(said, gold, context)
            for (said, _), gold in zip(pairs, true, strict=True)
        ]  # fmt: skip
        judged = [outcome == JUDGE for outcome in found]
        unparsed = [isinstance(outcome, str) and outcome != JUDGE for outcome in found]
        rows.append(
            {
                "rule": name,
                "accuracy": _mean(found),
                "unparsed": _mean([float(flag) for flag in unparsed]),
                "judge": _mean([float(flag) for flag in judged]),
                "empty": _mean([compare.score("", gold, context) for gold in true]),
                "source": compare.source,
            }
        )
    return rows


def _mean(found: Sequence[Outcome]) -> float | None:
    scores = [score(outcome) for outcome in found if outcome is not None]
    return sum(scores) / len(scores) if scores else None
