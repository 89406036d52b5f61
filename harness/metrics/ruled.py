"""What metrics of answers in words share: two readings of an answer, its outcome under a rule, reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from ..contract import Answer, Evidence
from ..judgement import Judgement
from ..rules.rule import EMPTY, JUDGE, UNPARSED, Context, Outcome, Rule

_LEFT_OUT = float("nan")


def literal(answer: Answer) -> str:
    """The text as the model gave it; of a model that answers with labels, the label."""
    return _first(answer.raw, answer.text, answer.label)


def cleaned(answer: Answer) -> str | None:
    """The text that the dialect left, or the label; None where it understood nothing."""
    if answer.unparsable is not None:
        return None
    return _first(answer.text, answer.label, answer.raw)


def _first(*texts: str | None) -> str:
    """The first text that there is, empty where there is none."""
    for text in texts:
        if text is not None:
            return text
    return ""


def outcome(rule: Rule, said: str, understood: str | None, gold: str | None, context: Context) -> Outcome:
    """What a rule says of an answer: `understood` is what our own rules read, `said` what all others do.

    Without a gold answer there is nothing to score: None.
    """
    if gold is None:
        return None
    if not rule.ours:
        return rule.score(said, gold, context)
    if understood is None:
        return UNPARSED if said.strip() else EMPTY
    return rule.score(understood, gold, context)


def score(found: Outcome) -> float:
    """An outcome as a number: a reason is 0, what is left out NaN."""
    if found is None:
        return _LEFT_OUT
    return 0.0 if isinstance(found, str) else float(found)


@lru_cache(maxsize=1024)  # asked for every sample of a run
def of_score(found: Outcome) -> Judgement:
    """An outcome as a judgement: right from a score of one half on, neither where it is left out."""
    value = score(found)
    return Judgement(value, value >= 0.5) if value == value else Judgement(None)


@lru_cache(maxsize=64)  # asked for every sample of a run
def rule_of(figure: str, rules: tuple[str, ...]) -> str:
    """The rule that a figure is under, the longest whose name it begins with; the first where none does."""
    under = [rule for rule in rules if figure.startswith(f"{rule}/")]
    return max(under, key=len) if under else rules[0]


def distinct(evidence: Sequence[Evidence]) -> tuple[list[Evidence], list[int]]:
    """Evidence with scores of its own, and which of it every sample has.

    Equal answers to equal questions share their scores (VQA.observe_all), and with them their kind.
    """
    known = {id(e["scores"]): e for e in evidence}
    number = {place: i for i, place in enumerate(known)}
    return list(known.values()), [number[id(e["scores"])] for e in evidence]


def columns(evidence: Sequence[Evidence], rules: Iterable[str]) -> dict[str, list[float]]:
    """Prefix of the figures' names -> scores of all samples, of every rule."""
    return {f"{rule}/": [score(e["scores"].get(rule)) for e in evidence] for rule in rules}


def for_a_judge(evidence: Sequence[Evidence], rules: Iterable[str]) -> dict[str, list[float]]:
    """Figure -> 1 where a rule leaves the answer to a judge, of the rules that ever do."""
    left = [e["scores"] for e in evidence if JUDGE in e["scores"].values()]
    ever = [rule for rule in rules if any(scores.get(rule) == JUDGE for scores in left)]
    return {f"{rule}/{JUDGE}": [float(e["scores"].get(rule) == JUDGE) for e in evidence] for rule in ever}


def reasons(outcomes: Iterable[Mapping[str, Outcome]]) -> dict[str, dict[str, int]]:
    """Rule -> why answers have no score -> how many, the commonest first."""
    counts: dict[str, Counter[str]] = {}
    for found in outcomes:
        for rule, why in found.items():
            if isinstance(why, str):
                counts.setdefault(rule, Counter())[why] += 1
    return {rule: dict(sorted(c.items(), key=lambda item: (-item[1], item[0]))) for rule, c in counts.items()}
