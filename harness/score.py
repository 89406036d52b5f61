"""Responses to evidence to a Report: pure, repeatable, needs the ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Figure, Report, Response, Slice
from .datasets.json_rows import unwatched
from .ledger import Ledger
from .metrics.better import figure_of
from .metrics.bootstrap import intervals, subset
from .observation import Item as Item
from .observation import Run as Run
from .observation import changed_run, items, observe, ratings_of, runs, tallied
from .rating import GIVEN
from .robustness import Change, robustness
from .roles import Dialect, Metric, Partial, Task
from .variants import change_of

RESAMPLES = 1000


def score(
    ledger: Ledger,
    task: Task,
    dialect: Dialect | None,
    resamples: int = RESAMPLES,
    rule: str | None = None,
) -> Report:
    """Score a ledger as it stands, write its evidence, and say what it proves.

    With `rule`, the task was built under another rule than its card's: the report is labelled with it, and
    the evidence of the run stays that of its own.
    """
    with unwatched():
        found = survey(ledger, task, dialect)
        run, shown = found.run, found.shown
        changed = list(_changes(ledger, task, found)) if run else []
    if rule is None:
        ledger.write_rows("evidence.jsonl", _rows(found.runs, changed))
    seed = int(ledger.spec["seed"])
    figures = tuple(figure for each in found.runs for figure in _figures(each, seed, resamples))
    asked, failed, unparsable = tallied(task, found.items)
    said = _details(found.runs, run, shown) if run else {}
    if run:
        said |= robustness(run, changed, found.items, asked, shown, ledger.spec, resamples)
    return Report(
        task=task.name,
        spec=ledger.spec,
        headline=_headline(task.headline, figures),
        figures=figures,
        slices=tuple(_slices(run, shown, seed, resamples)) if run else (),
        samples=asked,
        failed=failed,
        unparsable=unparsable,
        problems=ledger.problems(),
        labels=(*_labels(ledger.spec, asked, failed), *([f"rule {rule}"] if rule else [])),
        details=said | _first_turn(task, found.items) | _counts(ledger, task, found),
        versions=ledger.head["versions"],
    )


@dataclass(frozen=True, slots=True)
class Survey:
    """A ledger, understood and observed: what a report is made of, before anything is counted.

    `shown` is the figure that slices and details are of (the headline where it could be computed), `run` the
    run it is of, None where there is none. All are of the pictures as they are; what was asked about changed
    ones is in `changed`, by the change, in pixels of the turned picture.
    """

    items: tuple[Item, ...]
    runs: tuple[Run, ...]
    shown: str
    run: Run | None
    changed: Mapping[str, tuple[Item, ...]]


def survey(ledger: Ledger, task: Task, dialect: Dialect | None) -> Survey:
    """Every sample and every metric of a task under every source of confidence, from the ledger alone."""
    scored: dict[str, list[Item]] = {"": []}
    for item in items(ledger, task, dialect):
        scored.setdefault(change_of(item.sample), []).append(item)
    asked = tuple(scored.pop(""))
    seen = tuple(runs(ledger, task, asked))
    figures = [Figure(run.name(name), value) for run in seen for name, value in run.tally.figures().items()]
    shown = _shown(_headline(task.headline, figures).name, figures)
    changed = {change: tuple(held) for change, held in scored.items()}
    return Survey(asked, seen, shown, _run_of(seen, figures, shown), changed)


def observed(ledger: Ledger, task: Task, dialect: Dialect | None) -> list[Run]:
    """Every metric of a task under every source of confidence, observed on a ledger."""
    return list(survey(ledger, task, dialect).runs)


def _changes(ledger: Ledger, task: Task, found: Survey) -> Iterator[Change]:
    """What every change of the pictures made of the figure that is shown."""
    own = {item.sample.id: item.sample for item in found.items}
    ratings = ratings_of(ledger)
    assert found.run is not None
    for name, held in found.changed.items():
        yield Change(name, changed_run(task, held, own, found.run, ratings), *tallied(task, held))


def _rows(observed: Sequence[Run], changed: Sequence[Change]) -> Iterator[dict[str, Any]]:
    """The evidence of every metric; of changed pictures, under their ids, that of the metric shown."""
    for end, run in (*(("", run) for run in observed), *((f"~{c.name}", c.run) for c in changed if c.run)):
        said = {"metric": run.metric.name, "source": run.source}
        for sample, evidence in zip(run.samples, run.evidence, strict=True):
            yield {"sample": sample.id + end, **said, "evidence": evidence}


def _figures(
    run: Run, seed: int, resamples: int, only: str | None = None, rows: Sequence[int] | None = None
) -> Iterator[Figure]:
    """The figures of a run with their intervals: all, or `only` one; over all samples, or over `rows`."""
    count = len(run.evidence)
    groups = run.groups()
    limits = intervals(run.tally, count, groups, seed, resamples, only=only, rows=rows)
    for name, value in run.tally.figures(subset(count, rows), only).items():
        low, high = limits.get(name) or (None, None)
        yield figure_of(run.name(name), value, low, high)


def _headline(name: str, figures: Sequence[Figure]) -> Figure:
    """The task's headline; a detector's own scores stand in for a source it makes needless."""
    by_name = {figure.name: figure for figure in figures}
    given = f"{name.rpartition('/')[0]}/{GIVEN}"
    return by_name.get(given) or by_name.get(name) or Figure(name, None)


def _shown(headline: str, figures: Sequence[Figure]) -> str:
    """The figure that slices and details are of: the headline, or the same one under a source there is."""
    names = [figure.name for figure in figures]
    stem = headline.rpartition("/")[0]
    return next((n for n in (headline, *names) if n in names and n.rpartition("/")[0] == stem), headline)


def _slices(run: Run, shown: str, seed: int, resamples: int) -> Iterator[Slice]:
    """The figure that is shown over the samples of every tag value, where a tag has two values or more."""
    for tag in sorted({tag for sample in run.samples for tag in sample.tags} - {"class"}):
        counts = Counter(sample.tags.get(tag, "") for sample in run.samples)
        if not 2 <= len(counts) <= 12:
            continue
        for value, count in sorted(counts.items()):
            rows = [i for i, sample in enumerate(run.samples) if sample.tags.get(tag, "") == value]
            for figure in _figures(run, seed, resamples, run.own(shown), rows):
                if figure.name == shown:
                    yield Slice(tag, value or "not known", count, figure)


def _run_of(runs: Sequence[Run], figures: Sequence[Figure], shown: str) -> Run | None:
    """The run that a figure is of, if it is among those there are."""
    if shown not in {figure.name for figure in figures}:
        return None
    return next(run for run in runs if any(run.name(name) == shown for name in run.tally.figures()))


def _labels(spec: Mapping[str, Any], asked: int, failed: int) -> tuple[str, ...]:
    labels = []
    if (kind := str(spec["source"]["kind"])) != "official":
        labels.append("own data" if kind == "folder" else kind)
    if spec["limit"] is not None:
        labels.append(f"limited to {asked} of {spec['source']['items']}")
    if prompting := spec.get("prompting"):
        labels.append(f"prompting {prompting}")
    if failed:
        labels.append(f"incomplete: {failed} of {asked} without an answer")
    return tuple(labels)


def _details(runs: Sequence[Run], run: Run, shown: str) -> dict[str, Any]:
    """What the metric of the figure shown says besides, and every metric that needs no confidence."""
    said = [run, *(other for other in runs if other.source is None and other is not run)]
    return {"shown": shown} | {r.metric.name: dict(r.metric.details(r.evidence)) for r in said}


def _first_turn(task: Task, scored: Sequence[Item]) -> dict[str, Any]:
    """What the answers to a question that came first are worth: shown, in no figure."""
    heard = [(item.sample, item.earlier[0]) for item in scored if item.answer and item.earlier]
    if not heard:
        return {}
    unparsable = sum(answer.unparsable is not None for _, answer in heard)
    found: dict[str, Any] = {"answers": len(heard), "unparsable": unparsable}
    metric: Metric | None = getattr(task, "first_turn", None)
    if metric is not None:
        run = observe(metric, None, tuple(s for s, _ in heard), [answer for _, answer in heard])
        found |= {name: value for name, value in run.tally.figures().items() if value is not None}
        found["errors"] = metric.details(run.evidence).get("errors", {})
    return {"first turn": found}


def _counts(ledger: Ledger, task: Task, found: Survey) -> dict[str, Any]:
    """What went wrong, by reason, the commonest first."""
    scored, runs = found.items, found.runs
    answers = [item.answer for item in scored if item.answer]
    unanswered = [item.response for item in scored if not item.answer]
    used = {run.source for run in runs}
    confident = any(metric.confident for metric in task.metrics)
    missing = set(ledger.spec["confidences"]) - used if confident else set()
    return {
        "unparsable": _common(answer.unparsable for answer in answers if answer.unparsable),
        "errors": _common((r.error or "no answer") if r else "not asked yet" for r in unanswered),
        "unrated": _common(_unrated(ledger, found)),
        "not computed": [] if GIVEN in used else sorted(missing),
        "absent": _absent(task.metrics),
        "raters": {r["source"]: r["digest"] for r in ratings_of(ledger).values() if r["source"] in used},
        "note": ledger.head.get("note"),
        "tokens": _tokens(item.response for item in scored if item.response),
    }


def _tokens(responses: Iterable[Response]) -> dict[str, int]:
    """How many tokens the questions and the answers have that ended each conversation."""
    pairs = [(response.tokens_in, response.tokens_out) for response in responses]
    return {"in": sum(asked for asked, _ in pairs), "out": sum(said for _, said in pairs)}


def _unrated(ledger: Ledger, found: Survey) -> Iterator[str]:
    """Why a source of confidence had nothing to say; answers about changed pictures are left out."""
    changed = {i.response.key for held in found.changed.values() for i in held if i.response}
    for (key, _), row in ledger.confidences().items():
        if "error" in row and key not in changed:
            yield row["error"]


def _absent(metrics: Sequence[Metric]) -> dict[str, str]:
    """Figures that cannot be computed here, and what they need."""
    return {name: why for m in metrics if isinstance(m, Partial) for name, why in m.absent().items()}


def _common(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(reasons).most_common(20))
