"""Responses to evidence to a Report: pure, repeatable, needs the ledger alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Answer, Evidence, Figure, Report, Response, Sample, Slice, Wants
from .conversation import next_request, with_answer
from .errors import DataError
from .ledger import Ledger
from .metrics.bootstrap import intervals, subset
from .rating import GIVEN, box_mark, with_scores
from .roles import Bulk, Dialect, Metric, Partial, Tally, Task
from .tiles import Tiling, parent
from .understand import understand

RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """A sample, what was asked of it at last, and what came back; `earlier`: the answers before that."""

    sample: Sample
    wants: Wants
    response: Response | None
    answer: Answer | None  # None where the sample failed or was not reached
    earlier: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One metric under one confidence source, observed on every answered sample."""

    metric: Metric
    source: str | None
    evidence: tuple[Evidence, ...]
    samples: tuple[Sample, ...]
    answers: tuple[Answer, ...]
    tally: Tally

    def name(self, figure: str) -> str:
        """The figure's full name."""
        return f"{figure}/{self.source}" if self.source else figure


def items(ledger: Ledger, task: Task, dialect: Dialect | None) -> list[Item]:
    """Every sample of the ledger with the response that ends its conversation, understood."""
    said: dict[str, list[Response]] = {}
    for response in ledger.responses().values():
        said.setdefault(response.sample_id, []).append(response)
    return [_item(sample, said.get(sample.id, []), task, dialect) for sample in ledger.samples()]


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
    scored = items(ledger, task, dialect)
    runs = list(_runs(ledger, task, scored))
    if rule is None:
        ledger.write_rows("evidence.jsonl", _rows(runs))
    seed = int(ledger.spec["seed"])
    figures = tuple(figure for run in runs for figure in _figures(run, seed, resamples))
    headline = _headline(task.headline, figures)
    shown = _shown(headline.name, figures)
    run = _run_of(runs, figures, shown)
    asked, failed, unparsable = _tallied(task, scored)
    return Report(
        task=task.name,
        spec=ledger.spec,
        headline=headline,
        figures=figures,
        slices=tuple(_slices(run, shown, seed, resamples)) if run else (),
        samples=asked,
        failed=failed,
        unparsable=unparsable,
        problems=ledger.problems(),
        labels=(*_labels(ledger.spec, asked, failed), *([f"rule {rule}"] if rule else [])),
        details=(_details(runs, run, shown) if run else {})
        | _first_turn(task, scored)
        | _counts(ledger, task, scored, runs),
        versions=ledger.head["versions"],
    )


@dataclass(frozen=True, slots=True)
class Survey:
    """A ledger, understood and observed: what a report is made of, before anything is counted.

    `shown` is the figure that slices and details are of (the headline where it could be computed), `run` the
    run it is of, None where there is none.
    """

    items: tuple[Item, ...]
    runs: tuple[Run, ...]
    shown: str
    run: Run | None


def survey(ledger: Ledger, task: Task, dialect: Dialect | None) -> Survey:
    """Every sample and every metric of a task under every source of confidence, from the ledger alone."""
    scored = items(ledger, task, dialect)
    runs = tuple(_runs(ledger, task, scored))
    figures = [Figure(run.name(name), value) for run in runs for name, value in run.tally.figures().items()]
    shown = _shown(_headline(task.headline, figures).name, figures)
    return Survey(tuple(scored), runs, shown, _run_of(runs, figures, shown))


def observed(ledger: Ledger, task: Task, dialect: Dialect | None) -> list[Run]:
    """Every metric of a task under every source of confidence, observed on a ledger."""
    return list(survey(ledger, task, dialect).runs)


def _item(sample: Sample, said: Sequence[Response], task: Task, dialect: Dialect | None) -> Item:
    """The conversation as it went: an error in any turn, or a turn not reached, leaves no answer."""
    request = next_request(task, dialect, sample, ())
    assert request is not None, "a task asks at least once"
    earlier: tuple[Answer, ...] = ()
    for response in said:
        if response.error is not None:
            return Item(sample, request.wants, response, None, earlier)
        answer = understand(response, request.wants, dialect, sample.images[0])
        following = next_request(task, dialect, sample, with_answer(request, response))
        if following is None:
            return Item(sample, request.wants, response, answer, earlier)
        request, earlier = following, (*earlier, answer)
    return Item(sample, request.wants, None, None, earlier)


def _tallied(task: Task, scored: Sequence[Item]) -> tuple[int, int, int]:
    """How many samples there are, failed and unparsable; of a picture in tiles, one tile is enough."""
    name = parent if _tiling(task) else (lambda sample: sample.id)
    asked = {name(item.sample) for item in scored}
    failed = {name(item.sample) for item in scored if item.answer is None}
    unparsable = {name(i.sample) for i in scored if i.answer and i.answer.unparsable is not None}
    return len(asked), len(failed), len(unparsable - failed)


def _tiling(task: Task) -> Tiling | None:
    tiling: Tiling | None = getattr(task, "tiles", None)
    return tiling


def _runs(ledger: Ledger, task: Task, scored: Sequence[Item]) -> Iterator[Run]:
    answered = [item for item in scored if item.answer is not None]
    tiling = _tiling(task)
    if tiling:  # a picture counts when all its tiles were answered
        broken = {parent(item.sample) for item in scored if item.answer is None}
        answered = [item for item in answered if parent(item.sample) not in broken]
    samples = tuple(item.sample for item in answered)
    for metric in task.metrics:
        if not metric.confident:
            answers = [item.answer for item in answered if item.answer]
            yield _observed(metric, None, samples, answers, tiling)
            continue
        for source, scored_answers in _confident(ledger, answered):
            yield _observed(metric, source, samples, scored_answers, tiling)


def _confident(ledger: Ledger, answered: Sequence[Item]) -> Iterator[tuple[str, list[Answer]]]:
    """The answers under every confidence source that rated all of their boxes."""
    answers = [item.answer for item in answered if item.answer]
    if any(region.score is not None for answer in answers for region in answer.regions):
        yield GIVEN, answers
    ratings = _ratings(ledger)
    for source in ledger.spec["confidences"]:
        rated = [_rated(item, ratings.get((item.response.key, source))) for item in answered if item.response]
        if complete := [answer for answer in rated if answer is not None]:
            if len(complete) == len(rated):
                yield source, complete


def _rated(item: Item, row: Mapping[str, Any] | None) -> Answer | None:
    assert item.answer is not None
    if not item.answer.regions:
        return item.answer
    if row is None or row["boxes"] != box_mark(item.answer) or None in row["scores"]:
        return None
    return with_scores(item.answer, row["scores"])


def _observed(
    metric: Metric,
    source: str | None,
    samples: tuple[Sample, ...],
    answers: Sequence[Answer],
    tiling: Tiling | None = None,
) -> Run:
    read = [_wrong_if_unparsable(answer) for answer in answers]
    if tiling:
        samples, read = tiling.merged(samples, read)
    targets = [sample.target for sample in samples]
    if isinstance(metric, Bulk):
        evidence = tuple(metric.observe_all(targets, read))
    else:
        evidence = tuple(_one(metric, *each) for each in zip(samples, read, strict=True))
    return Run(metric, source, evidence, samples, tuple(read), metric.tally(evidence))


def _one(metric: Metric, sample: Sample, answer: Answer) -> Evidence:
    try:
        return metric.observe(sample.target, answer)
    except DataError as error:
        raise DataError(f"Sample {sample.id}: {error.message}", error.hint) from error


def _wrong_if_unparsable(answer: Answer) -> Answer:
    if not answer.unparsable:
        return answer
    return Answer(unparsable=answer.unparsable, raw=answer.raw, confidence=answer.confidence)


def _rows(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    for run in runs:
        for sample, evidence in zip(run.samples, run.evidence, strict=True):
            yield {"sample": sample.id, "metric": run.metric.name, "source": run.source, "evidence": evidence}


def _figures(
    run: Run, seed: int, resamples: int, only: str | None = None, rows: Sequence[int] | None = None
) -> Iterator[Figure]:
    """The figures of a run with their intervals: all, or `only` one; over all samples, or over `rows`."""
    count = len(run.evidence)
    groups = [sample.images[0].name for sample in run.samples]
    limits = intervals(run.tally, count, groups, seed, resamples, only=only, rows=rows)
    for name, value in run.tally.figures(subset(count, rows), only).items():
        low, high = limits.get(name) or (None, None)
        yield Figure(run.name(name), value, low, high)


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
            only = shown.removesuffix(f"/{run.source}")
            for figure in _figures(run, seed, resamples, only, rows):
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
        run = _observed(metric, None, tuple(s for s, _ in heard), [answer for _, answer in heard])
        found |= {name: value for name, value in run.tally.figures().items() if value is not None}
        found["errors"] = metric.details(run.evidence).get("errors", {})
    return {"first turn": found}


def _counts(ledger: Ledger, task: Task, scored: Sequence[Item], runs: Sequence[Run]) -> dict[str, Any]:
    """What went wrong, by reason, the commonest first."""
    answers = [item.answer for item in scored if item.answer]
    unanswered = [item.response for item in scored if not item.answer]
    confident = any(metric.confident for metric in task.metrics)
    missing = set(ledger.spec["confidences"]) - {run.source for run in runs} if confident else set()
    given = any(run.source == GIVEN for run in runs)
    return {
        "unparsable": _common(answer.unparsable for answer in answers if answer.unparsable),
        "errors": _common((r.error or "no answer") if r else "not asked yet" for r in unanswered),
        "unrated": _common(row["error"] for row in ledger.confidences().values() if "error" in row),
        "not computed": [] if given else sorted(missing),
        "absent": _absent(task.metrics),
        "raters": _raters(ledger, {run.source for run in runs}),
        "note": ledger.head.get("note"),
        "tokens": _tokens(item.response for item in scored if item.response),
    }


def _tokens(responses: Iterable[Response]) -> dict[str, int]:
    """How many tokens the questions and the answers have that ended each conversation."""
    pairs = [(response.tokens_in, response.tokens_out) for response in responses]
    return {"in": sum(asked for asked, _ in pairs), "out": sum(said for _, said in pairs)}


def _raters(ledger: Ledger, sources: set[str | None]) -> dict[str, str]:
    """What gave the confidences: the digest of every source, which names the weights it rates with."""
    return {row["source"]: row["digest"] for row in _ratings(ledger).values() if row["source"] in sources}


def _ratings(ledger: Ledger) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The ratings of every source by the weights it used last: one set of scores is of one model."""
    ratings = ledger.confidences()
    last = {source: row["digest"] for (_, source), row in ratings.items()}
    return {key: row for key, row in ratings.items() if row["digest"] == last[key[1]]}


def _absent(metrics: Sequence[Metric]) -> dict[str, str]:
    """Figures that cannot be computed here, and what they need."""
    return {name: why for m in metrics if isinstance(m, Partial) for name, why in m.absent().items()}


def _common(reasons: Iterable[str]) -> dict[str, int]:
    return dict(Counter(reasons).most_common(20))
