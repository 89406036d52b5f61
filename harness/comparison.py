"""Two results of one task set against each other: what differs, by how much, and whether by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .comparable import NotComparable, Obstacle, cautions, obstacles, same_samples, what_differs
from .comparison_choice import Asked
from .comparison_flips import Flip, changes_of, flips_of, objects_of
from .comparison_runs import Opened, Pair, pairs_of
from .comparison_slices import SliceCompared, slices_of
from .comparison_unpaired import unpaired
from .contract import Figure
from .datasets.json_rows import unwatched
from .ledger import Ledger
from .metrics.better import figure_of
from .metrics.bootstrap import intervals
from .metrics.holm import holm
from .metrics.mcnemar import McNemar, mcnemar
from .metrics.paired import Difference
from .outcomes import Outcome, outcomes
from .plan import build_dialect, stored_task
from .result import Result
from .score import RESAMPLES, Run, Survey, survey
from .tiles import parent

ENOUGH = 80  # draws for each comparison of a family, so that Holm's least p-value is half of 0.05


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of both; `difference` is second minus first, `adjusted` its p-value after Holm.

    Values are fractions where `unit` is '%'. Of an undefined figure the difference is None.
    """

    figure: str
    unit: str
    higher_is_better: bool
    first: float | None
    second: float | None
    difference: Difference | None
    adjusted: float | None

    @property
    def gain(self) -> float | None:
        """How much better the second is: the difference, its sign turned where less is better."""
        if self.difference is None:
            return None
        return self.difference.value if self.higher_is_better else -self.difference.value


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two results say of each other.

    `shown` is the figure that slices and flips are of: the headline, or the first one asked for. `paired`:
    both were scored from their answers to the same samples; otherwise intervals of two reports were set
    against each other, and there are no slices and no flips. `groups` is the number of pictures drawn from,
    `draws` how often. `failed` and `unparsable` are counts of both sides, `changes` those of samples by their
    states before and after. `mcnemar` is there where the figure shown is the share of samples that are right.
    `objects`: how many objects both found, the first alone, the second alone, neither. `left_out`: figures
    that one side lacks. `differs`: name, first and second of the settings that are compared.
    """

    first: Result
    second: Result
    shown: str = ""
    samples: int = 0
    groups: int = 0
    paired: bool = False
    draws: int = 0
    figures: tuple[Compared, ...] = ()
    slices: tuple[SliceCompared, ...] = ()
    flips: tuple[Flip, ...] = ()
    changes: Mapping[tuple[str, str], int] | None = None
    objects: tuple[int, int, int, int] | None = None
    mcnemar: McNemar | None = None
    failed: tuple[int, int] = (0, 0)
    unparsable: tuple[int, int] = (0, 0)
    left_out: tuple[str, ...] = ()
    differs: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


def compare(
    first: Result,
    second: Result,
    figures: Sequence[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    details: bool = True,
    surveys: tuple[Survey, Survey] | None = None,
) -> Comparison:
    """The second result against the first: figures, slices and flipped samples.

    `figures` are names or patterns (*, ?, [ab]) of figures; the headline and those of the task's published
    table if None. Holm's correction is over the figures compared, and over the slices, each on their own.
    There are at least `resamples` draws of pictures, and 80 for each figure. Without `details` no slices and
    no flips. Results with their ledgers are scored again from the answers, unless `surveys` are what both
    were understood as already; the report of a ledger is
    believed in nothing but its labels and counts.

    Raises:
        NotComparable: with every reason.
        UsageError: a name or pattern that no figure has.
        DataError: a ledger is damaged.
    """
    found = obstacles(first, second)
    if found:
        raise NotComparable(first, second, found)
    with unwatched():
        return _compare(first, second, Asked(figures, resamples, seed, details), surveys)


def _compare(
    first: Result, second: Result, asked: Asked, surveys: tuple[Survey, Survey] | None
) -> Comparison:
    one, other = surveys or _surveys(first, second)
    unanswered = [*_unanswered(first, one), *_unanswered(second, other)]
    if unanswered:
        raise NotComparable(first, second, unanswered)
    base = Comparison(
        first,
        second,
        failed=(first.report.failed, second.report.failed),
        unparsable=(_unparsable(first, one), _unparsable(second, other)),
        differs=tuple(what_differs(first, second)),
        notes=tuple(cautions(first, second)),
    )
    if one and other:
        return _from_answers(base, (one, other), asked)
    return _from_intervals(base, (one, other), asked)


def _surveys(first: Result, second: Result) -> tuple[Survey | None, Survey | None]:
    """Both ledgers read and observed; samples that both share are read once."""
    one = Opened(first.ledger.folder) if first.ledger else None
    other = Opened(second.ledger.folder) if second.ledger else None
    if one and other and same_samples(one, other):
        other = Opened(other.folder, one.samples())
    return _survey(one), _survey(other)


def _survey(ledger: Ledger | None) -> Survey | None:
    return survey(ledger, stored_task(ledger), build_dialect(ledger.spec["dialect"])) if ledger else None


def _unanswered(result: Result, found: Survey | None) -> list[Obstacle]:
    """Answers that were lost since the report was made."""
    items = found.items if found else ()
    missing = sum(item.answer is None for item in items)
    if not missing:
        return []
    reason = f"{result.name} is incomplete: {missing} of {len(items)} questions have no answer."
    return [Obstacle(reason, "Its report does not say so: run it again, and its report is made again.")]


def _unparsable(result: Result, found: Survey | None) -> int:
    """Samples whose answer was not understood; of a picture in tiles, one tile is enough."""
    if found is None:
        return result.report.unparsable
    return len({parent(i.sample) for i in found.items if i.answer and i.answer.unparsable is not None})


def _from_answers(base: Comparison, surveys: tuple[Survey, Survey], asked: Asked) -> Comparison:
    """Both sides scored from their answers."""
    pairs = {name: pair for pair in pairs_of(*surveys) for name in pair.values}
    shown = [s.shown for s in surveys]
    names = asked.names(list(pairs), shown, base.first, base.second)
    draws = max(asked.resamples, ENOUGH * len(names))
    said: dict[str, Difference | None] = {}
    for pair in {id(pair): pair for pair in pairs.values()}.values():
        if own := [name for name in names if pairs[name] is pair]:
            said |= pair.differences(own, draws, asked.seed)
    values = {name: pairs[name].values[name] for name in names}
    leading = pairs[names[0]]
    base = replace(
        base,
        shown=names[0],
        samples=len(leading.groups),
        groups=len(set(leading.groups)),
        paired=True,
        draws=draws,
        figures=_compared(base, values, said),
        left_out=_left_out([{n for run in s.runs for n in _names(run)} for s in surveys]),
        notes=(*base.notes, *asked.notes(names[0], shown)),
    )
    return _with_details(base, leading, surveys, asked) if asked.details else base


def _with_details(
    base: Comparison, leading: Pair, surveys: tuple[Survey, Survey], asked: Asked
) -> Comparison:
    """Slices of the leading figure, and what became of every sample under it."""
    sides = [
        list(outcomes(replace(found, shown=base.shown, run=run)))
        for found, run in zip(surveys, (leading.first, leading.second), strict=True)
    ]
    return replace(
        base,
        slices=slices_of(leading, base.shown, asked.resamples, asked.seed),
        flips=tuple(flips_of(*sides)),
        changes=changes_of(*sides),
        objects=objects_of(*sides),
        mcnemar=None if leading.first.metric.confident else _mcnemar(sides, leading.values[base.shown]),
    )


def _mcnemar(sides: Sequence[Sequence[Outcome]], values: tuple[float | None, float | None]) -> McNemar | None:
    """The test of right and wrong, where the figure is the share of samples that are right."""
    right = [{o.sample.id: o.judgement.right for o in side} for side in sides]
    both = [name for name, value in right[0].items() if value is not None and right[1][name] is not None]
    said = [[bool(side[name]) for name in both] for side in right]
    for value, answers in zip(values, said, strict=True):
        if value is None or not answers or not math.isclose(value, sum(answers) / len(answers)):
            return None
    return mcnemar(*said)


def _from_intervals(base: Comparison, surveys: Sequence[Survey | None], asked: Asked) -> Comparison:
    """One side is a report alone: its figures and intervals against those of the other."""
    sides = [
        _figures_of(found, result) for found, result in zip(surveys, (base.first, base.second), strict=True)
    ]
    shown = [r.report.details.get("shown", r.report.headline.name) for r in (base.first, base.second)]
    names = asked.names([name for name in sides[0] if name in sides[1]], shown, base.first, base.second)
    stated = [
        {name: _stated(found, side[name], asked) for name in names}
        for found, side in zip(surveys, sides, strict=True)
    ]
    values = {name: (stated[0][name].value, stated[1][name].value) for name in names}
    said = {name: unpaired(stated[0][name], stated[1][name]) for name in names}
    answered = min(r.report.samples - r.report.failed for r in (base.first, base.second))
    return replace(
        base,
        shown=names[0],
        samples=answered,
        figures=_compared(base, values, said),
        left_out=_left_out([set(side) for side in sides]),
        notes=(*base.notes, *asked.notes(names[0], shown)),
    )


def _figures_of(found: Survey | None, result: Result) -> dict[str, Figure]:
    """The figures there are, by name: without intervals yet where they come from answers."""
    if found is None:
        return {figure.name: figure for figure in result.report.figures}
    return {name: figure_of(name, value) for run in found.runs for name, value in _names(run).items()}


def _stated(found: Survey | None, one: Figure, asked: Asked) -> Figure:
    """The figure with its interval."""
    if found is None:
        return one
    run = next(run for run in found.runs if one.name in _names(run))
    groups, only = run.groups(), run.own(one.name)
    limits = intervals(run.tally, len(groups), groups, asked.seed, asked.resamples, only=only).get(only)
    low, high = limits or (None, None)
    return replace(one, low=low, high=high)


def _names(run: Run) -> dict[str, float | None]:
    return {run.name(name): value for name, value in run.tally.figures().items()}


def _left_out(known: Sequence[set[str]]) -> tuple[str, ...]:
    return tuple(sorted(known[0] ^ known[1]))


def _compared(
    base: Comparison,
    values: Mapping[str, tuple[float | None, float | None]],
    said: Mapping[str, Difference | None],
) -> tuple[Compared, ...]:
    """The figures with Holm's correction over all that have a p-value."""
    stated = {f.name: f for f in (*base.second.report.figures, *base.first.report.figures)}
    known = [stated.get(name, figure_of(name, None)) for name in values]
    found = [said[name] for name in values]
    adjusted = holm([difference.p if difference else None for difference in found])
    return tuple(
        Compared(
            one.name,
            one.unit,
            one.higher_is_better,
            *values[one.name],
            difference,
            p,
        )
        for one, difference, p in zip(known, found, adjusted, strict=True)
    )
