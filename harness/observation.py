"""Responses understood, and observed by every metric: what a report is made of before it counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .contract import Answer, Evidence, Response, Sample, Wants
from .conversation import next_request, with_answer
from .errors import DataError
from .ledger import Ledger
from .rating import GIVEN, box_mark, with_scores
from .roles import Bulk, Dialect, Metric, Tally, Task
from .tiles import Tiling, parent
from .understand import understand
from .variants import restored

Ratings = Mapping[tuple[str, str], Mapping[str, Any]]


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

    def own(self, shown: str) -> str:
        """The figure's name within the metric, given the full one."""
        return shown.removesuffix(f"/{self.source}") if self.source else shown

    def groups(self) -> list[str]:
        """The picture of every sample: a bootstrap draws what is asked about one together."""
        return [sample.images[0].name for sample in self.samples]


def items(ledger: Ledger, task: Task, dialect: Dialect | None) -> list[Item]:
    """Every sample of the ledger with the response that ends its conversation, understood."""
    said: dict[str, list[Response]] = {}
    for response in ledger.responses().values():
        said.setdefault(response.sample_id, []).append(response)
    return [_item(sample, said.get(sample.id, []), task, dialect) for sample in ledger.samples()]


def runs(ledger: Ledger, task: Task, scored: Sequence[Item]) -> Iterator[Run]:
    """Every metric of a task under every source of confidence that rated all boxes."""
    answered = _answered(task, scored)
    samples = tuple(item.sample for item in answered)
    ratings = ratings_of(ledger)
    for metric in task.metrics:
        if not metric.confident:
            yield observe(metric, None, samples, _of(answered), tiling_of(task))
            continue
        for source in (GIVEN, *ledger.spec["confidences"]):
            if source == GIVEN and not any(r.score is not None for a in _of(answered) for r in a.regions):
                continue
            if scores := _ranked(answered, source, ratings):
                yield observe(metric, source, samples, scores, tiling_of(task))


def changed_run(
    task: Task, changed: Sequence[Item], own: Mapping[str, Sample], like: Run, ratings: Ratings
) -> Run | None:
    """The metric and source of a run, observed on the same samples with changed pictures.

    What was answered is turned back first, so that it is held against the samples as they are (`own`, by
    id). None where the source did not rate all boxes.
    """
    answered = _answered(task, changed)
    answers = _ranked(answered, like.source, ratings)
    if answers is None:
        return None
    pairs = [restored(i.sample, a, own) for i, a in zip(answered, answers, strict=True)]
    samples = tuple(sample for sample, _ in pairs)
    return observe(like.metric, like.source, samples, [a for _, a in pairs], tiling_of(task))


def observe(
    metric: Metric,
    source: str | None,
    samples: tuple[Sample, ...],
    answers: Sequence[Answer],
    tiling: Tiling | None = None,
) -> Run:
    """A metric on samples and their answers; of tiles, on the whole pictures."""
    read = [_wrong_if_unparsable(answer) for answer in answers]
    if tiling:
        samples, read = tiling.merged(samples, read)
    targets = [sample.target for sample in samples]
    if isinstance(metric, Bulk):
        evidence = tuple(metric.observe_all(targets, read))
    else:
        evidence = tuple(_one(metric, *each) for each in zip(samples, read, strict=True))
    return Run(metric, source, evidence, samples, tuple(read), metric.tally(evidence))


def tallied(task: Task, scored: Sequence[Item]) -> tuple[int, int, int]:
    """How many samples there are, failed and unparsable; of a picture in tiles, one tile is enough."""
    name = parent if tiling_of(task) else (lambda sample: sample.id)
    asked = {name(item.sample) for item in scored}
    failed = {name(item.sample) for item in scored if item.answer is None}
    unparsable = {name(i.sample) for i in scored if i.answer and i.answer.unparsable is not None}
    return len(asked), len(failed), len(unparsable - failed)


def ratings_of(ledger: Ledger) -> Ratings:
    """The ratings of every source by the weights it used last: one set of scores is of one model."""
    ratings = ledger.confidences()
    last = {source: row["digest"] for (_, source), row in ratings.items()}
    return {key: row for key, row in ratings.items() if row["digest"] == last[key[1]]}


def tiling_of(task: Task) -> Tiling | None:
    """How the pictures of a task are cut, if they are."""
    tiling: Tiling | None = getattr(task, "tiles", None)
    return tiling


def _item(sample: Sample, said: Sequence[Response], task: Task, dialect: Dialect | None) -> Item:
    """The conversation as it went: an error in any turn, or a turn not reached, leaves no answer."""
    if getattr(task, "turns", None) == 1:  # prompts are worded again only where one more may follow
        return _only(sample, said, task, dialect)
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


def _only(sample: Sample, said: Sequence[Response], task: Task, dialect: Dialect | None) -> Item:
    """The same where a task asks once."""
    wants = task.request(sample, ())
    assert wants is not None, "a task asks at least once"
    if not said:
        return Item(sample, wants, None, None)
    failed = said[0].error is not None
    return Item(
        sample, wants, said[0], None if failed else understand(said[0], wants, dialect, sample.images[0])
    )


def _answered(task: Task, scored: Sequence[Item]) -> list[Item]:
    """What was answered; a picture in tiles counts when all its tiles were."""
    answered = [item for item in scored if item.answer is not None]
    if tiling_of(task):
        broken = {parent(item.sample) for item in scored if item.answer is None}
        answered = [item for item in answered if parent(item.sample) not in broken]
    return answered


def _of(answered: Sequence[Item]) -> list[Answer]:
    return [item.answer for item in answered if item.answer]


def _ranked(answered: Sequence[Item], source: str | None, ratings: Ratings) -> list[Answer] | None:
    """The answers under a source of confidence; None unless it rated all of their boxes."""
    if source in (None, GIVEN):
        return _of(answered)
    rated = [
        _rated(item, ratings.get((item.response.key, str(source)))) for item in answered if item.response
    ]
    complete = [answer for answer in rated if answer is not None]
    return complete if len(complete) == len(rated) else None


def _rated(item: Item, row: Mapping[str, Any] | None) -> Answer | None:
    assert item.answer is not None
    if not item.answer.regions:
        return item.answer
    if row is None or row["boxes"] != box_mark(item.answer) or None in row["scores"]:
        return None
    return with_scores(item.answer, row["scores"])


def _one(metric: Metric, sample: Sample, answer: Answer) -> Evidence:
    try:
        return metric.observe(sample.target, answer)
    except DataError as error:
        raise DataError(f"Sample {sample.id}: {error.message}", error.hint) from error


def _wrong_if_unparsable(answer: Answer) -> Answer:
    if not answer.unparsable:
        return answer
    return Answer(unparsable=answer.unparsable, raw=answer.raw, confidence=answer.confidence)
