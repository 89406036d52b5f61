"""Two runs, or two folders of runs, at the gate: paired by task, compared, judged under a file's rules."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .comparable import NotComparable, Obstacle, obstacles
from .comparison import Comparison, compare
from .comparison_unpaired import NORMAL, unpaired
from .contract import Figure
from .errors import DataError, unknown
from .gate import UNPARSABLE, Flip, Flips, Line, Observed, Refusal, Verdict, at_most, judged, resamples_for
from .gate_config import FigureRule, GateConfig
from .metrics.mcnemar import mcnemar
from .metrics.paired import Difference
from .outcomes import UNPARSABLE as NOT_UNDERSTOOD
from .result import Result, open_result

SHOWN = 50  # flipped samples of a task that a verdict names

Sides = tuple[Result, Result]
Chosen = dict[str, FigureRule]  # by figure


def gate(baseline: Path, current: Path, config: GateConfig) -> Verdict:
    """Is the current side worse than the baseline? Each is a run, a report, or a folder of several.

    What cannot be compared is in the verdict with its reason; the rest is judged nevertheless.

    Raises:
        UsageError: a rule for a figure or task that is not there; nothing is scored before that is known.
        DataError: neither run nor report in a place, one that is damaged or was changed, or two of one task.
    """
    befores, afters = runs_of(baseline), runs_of(current)
    sides = {task: (befores[task], afters[task]) for task in befores if task in afters}
    missing = [] if sides and config.missing == "allow" else list(_missing(befores, afters))
    chosen = _chosen(config, sides)
    draws = resamples_for(config, sum(len(figures) + 1 for figures in chosen.values()))
    parts = [_part(task, sides[task], figures, config, draws) for task, figures in chosen.items()]
    lines = judged([pair for part in parts for pair in part.pairs], config.significance)
    lines += [line for part in parts for line in part.limits]
    order = list(chosen)
    notes = [f"{task} has no run in the baseline: it is not judged." for task in afters if task not in sides]
    return Verdict(
        tuple(sorted(lines, key=lambda line: order.index(line.observed.task))),
        (*missing, *(refusal for part in parts for refusal in part.refusals)),
        tuple(flips for part in parts for flips in part.flips),
        (*notes, *(note for part in parts for note in part.notes)),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of one task before anything is judged: `pairs` are judged together with all others."""

    pairs: tuple[tuple[Observed, FigureRule], ...] = ()
    limits: tuple[Line, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    flips: tuple[Flips, ...] = ()
    notes: tuple[str, ...] = ()


def _part(task: str, sides: Sides, figures: Chosen, config: GateConfig, draws: int) -> _Part:
    if not figures:
        return _Part(notes=(f"No rule is for a figure of {task}: it is not judged.",))
    found = _compared(sides, figures, config, draws)
    if not isinstance(found, Comparison):
        return _Part(refusals=tuple(replace(refusal, task=task) for refusal in found))
    return _Part(
        tuple(_pairs(task, found, figures, config)),
        tuple(_limits(task, found, config)),
        tuple(_undefined(task, one.figure) for one in found.figures if one.difference is None),
        (_flips(task, found),) if found.paired else (),
        tuple(f"{task}: {note}" for note in found.notes),
    )


def runs_of(place: Path) -> dict[str, Result]:
    """The results in a place, by task: one run or report, or those in a folder.

    Raises:
        DataError: none, one that is damaged or was changed, or two of one task.
    """
    found: dict[str, Result] = {}
    for path in _places(place):
        ledger = (path / "spec.json").is_file()
        result = open_result(path if ledger or path.is_file() else path / "report.json")
        task = result.report.task
        if task in found:
            raise DataError(
                f"{place} holds two results of {task}: {found[task].name} and {path}.",
                "Give the folder of one of them, or leave one result of each task there.",
            )
        found[task] = replace(result, name=str(path))
    return found


def _places(place: Path) -> list[Path]:
    if place.is_file() or _is_run(place):
        return [place]
    inside = sorted(place.iterdir()) if place.is_dir() else []
    found = [path for path in inside if _is_run(path) or path.suffix == ".json"]
    if not found:
        raise DataError(
            f"There is neither a run nor a report in {place}.",
            "Give the folder of a run, a report.json, or a folder in which several lie (--output of a run).",
        )
    return found


def _is_run(path: Path) -> bool:
    return (path / "spec.json").is_file() or (path / "report.json").is_file()


def _missing(befores: Mapping[str, Result], afters: Mapping[str, Result]) -> Iterator[Refusal]:
    for task in befores:
        if task not in afters:
            yield Refusal(
                task,
                f"The current side has no run of it; it has {', '.join(afters)}.",
                f"Run {task} too, or write `missing: allow` in the gate file.",
            )


def _chosen(config: GateConfig, sides: Mapping[str, Sides]) -> dict[str, Chosen]:
    """By task, the figures that are judged and the first rule that names each.

    Raises:
        UsageError: a rule that is for no task there is, or names no figure of one.
    """
    chosen: dict[str, Chosen] = {task: {} for task in sides}
    for rule in config.figures if sides else ():
        tasks = [task for task in sides if rule.covers(task)]
        if not tasks:
            raise unknown("task", ", ".join(rule.tasks), sides)
        named = {task: rule.names(_figures(sides[task]), _headline(sides[task])) for task in tasks}
        if not any(named.values()):
            raise unknown("figure", rule.figure, {name for task in tasks for name in _figures(sides[task])})
        for task, names in named.items():
            for name in names:
                chosen[task].setdefault(name, rule)
    return chosen


def _figures(sides: Sides) -> dict[str, float | None]:
    """Every figure of either report; undefined where it is so on both sides."""
    found: dict[str, float | None] = {}
    for figure in (*sides[0].report.figures, *sides[1].report.figures):
        if found.get(figure.name) is None:
            found[figure.name] = figure.value
    return found


def _headline(sides: Sides) -> str:
    """The figure that stands for the task, of a detection under a confidence that both sides have."""
    shown = [str(side.report.details.get("shown", side.report.headline.name)) for side in sides]
    names = [{figure.name for figure in side.report.figures} for side in sides]
    return next((name for name in shown if name in names[0] & names[1]), shown[0])


def _compared(sides: Sides, figures: Chosen, config: GateConfig, draws: int) -> Comparison | list[Refusal]:
    """The comparison, or every reason why there is none."""
    alone = [side.name for side in sides if side.ledger is None]
    if alone and config.paired:
        unpaired_only = Refusal(
            "",
            f"Only the report of {' and '.join(alone)} is at hand, not the answers.",
            "Give the folders of both runs, or write `paired: false` in the gate file: intervals are "
            "then set against each other, and small drops are not seen.",
        )
        return [unpaired_only, *_refused(obstacles(*sides))]
    if lacking := list(_lacking(sides, figures)):
        return lacking
    try:
        found = compare(*sides, figures=list(figures), resamples=draws)
    except NotComparable as error:
        return _refused(error.obstacles)
    except DataError as error:  # a damaged run: the other tasks are judged nevertheless
        return [Refusal("", error.message, error.hint or "")]
    if found.samples < config.samples:
        return [
            Refusal(
                "",
                f"{found.samples} samples are too few: the gate file asks for {config.samples:,}.",
                "Run more samples, or lower `samples` in the gate file.",
            )
        ]
    return found


def _refused(found: Sequence[Obstacle]) -> list[Refusal]:
    return [Refusal("", obstacle.reason, obstacle.remedy) for obstacle in found]


def _lacking(sides: Sides, figures: Chosen) -> Iterator[Refusal]:
    """Figures that one report does not have at all, such as those of another confidence."""
    known = [{figure.name for figure in side.report.figures} for side in sides]
    for name in figures:
        if sum(name in names for names in known) == 1:
            here, there = sides if name in known[0] else sides[::-1]
            yield Refusal(
                "",
                f"{name} is in {here.name} and not in {there.name}.",
                "Give the boxes of both the same confidence, or name a figure that both have.",
            )


def _undefined(task: str, figure: str) -> Refusal:
    return Refusal(
        task,
        f"{figure} is undefined in one of the two, or has no interval there.",
        "Look at both reports for what it needs, or name another figure in the gate file.",
    )


def _pairs(
    task: str, found: Comparison, figures: Chosen, config: GateConfig
) -> Iterator[tuple[Observed, FigureRule]]:
    """What is judged by the rule of drop and chance."""
    for one in found.figures:
        if one.first is not None and one.second is not None and one.difference is not None:
            values = one.first, one.second, one.difference
            observed = Observed(task, one.figure, *values, found.samples, one.higher_is_better)
            yield observed, figures[one.figure]
    if config.unparsable_rise is not None:
        shares = [count / found.samples for count in found.unparsable]
        name, samples = f"{UNPARSABLE}, rise", found.samples
        rise = Observed(task, name, shares[0], shares[1], _rise(found), samples, higher_is_better=False)
        yield rise, FigureRule(UNPARSABLE, ("*",), config.unparsable_rise, None, True)


def _limits(task: str, found: Comparison, config: GateConfig) -> Iterator[Line]:
    if config.unparsable_most is not None:
        before, after = (count / found.samples for count in found.unparsable)
        yield at_most(task, after, config.unparsable_most, found.samples, before)


def _rise(found: Comparison) -> Difference | None:
    """The difference of the shares that were not understood.

    None where no answer changed in that: no test could find anything, and Holm's correction passes it by
    (R. Tarone: A modified Bonferroni method for discrete data, Biometrics 46, 1990). Paired, a picture is one
    observation, for several questions may be about it: the p-value is McNemar's over pictures with more of
    them against pictures with fewer, the interval that of a sum over pictures.
    """
    if not found.paired:
        shares = [_share(count, found.samples) for count in found.unparsable]
        said = unpaired(*shares)
        assert said is not None, "both have an interval"
        return said
    moves: Counter[str] = Counter()
    for flip in found.flips:
        picture = flip.first.sample.images[0].name
        moves[picture] += (flip.second.state == NOT_UNDERSTOOD) - (flip.first.state == NOT_UNDERSTOOD)
    up, down = sum(m > 0 for m in moves.values()), sum(m < 0 for m in moves.values())
    if not up and not down:
        return None
    test = mcnemar([0] * up + [1] * down, [1] * up + [0] * down)
    value = (found.unparsable[1] - found.unparsable[0]) / found.samples
    around = NORMAL * math.sqrt(sum(m * m for m in moves.values())) / found.samples
    return Difference(value, value - around, value + around, test.p if test else 1.0)


def _share(count: int, samples: int) -> Figure:
    share = count / samples
    around = NORMAL * math.sqrt(share * (1 - share) / samples)
    return Figure(UNPARSABLE, share, share - around, share + around)


def _flips(task: str, found: Comparison) -> Flips:
    """The samples that are worth less than before, the greatest loss first."""
    less = sorted((flip for flip in found.flips if flip.gain < 0), key=lambda flip: flip.gain)
    worst = [Flip(flip.sample, *flip.change, flip.lost, flip.won) for flip in less[:SHOWN]]
    more = sum(flip.gain > 0 for flip in found.flips)
    return Flips(task, Path(found.second.name).name, found.shown, len(less), more, tuple(worst))
