"""What became of every sample of a run: for the error browser, and for what differs between two runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .contract import Answer, Evidence, Sample
from .judgement import Judgement
from .roles import Judging
from .score import Item, Run, Survey
from .tiles import parent, whole

RIGHT, WRONG, RATED = "right", "wrong", "rated"
UNPARSABLE, FAILED = "unparsable", "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sample at the end of a run, of a picture in tiles the whole picture.

    `state`: right, wrong, unparsable (counted as wrong), failed (no answer came), or rated where the figure
    shown knows no right and wrong, as of captions. `sample` and `answer` are in pixels of the whole picture;
    `items` are what was asked of the model for it, several where it was cut into tiles. `evidence` is that of
    the metric shown, None where the sample failed.
    """

    sample: Sample
    state: str
    judgement: Judgement
    answer: Answer | None
    evidence: Evidence | None
    items: tuple[Item, ...]


def outcomes(survey: Survey) -> Iterator[Outcome]:
    """The outcome of every sample, in the order of the data."""
    asked: dict[str, list[Item]] = {}
    for item in survey.items:
        asked.setdefault(parent(item.sample), []).append(item)
    run = survey.run
    judge = judge_of(run, survey.shown) if run else None
    rows = {sample.id: i for i, sample in enumerate(run.samples)} if run else {}
    for name, items in asked.items():
        row = rows.get(name)
        if run is None or judge is None or row is None:
            yield _unjudged(whole(name, [item.sample for item in items]), items)
            continue
        judgement = judge(row)
        state = UNPARSABLE if _unparsable(items) else _STATES[judgement.right]
        yield Outcome(run.samples[row], state, judgement, run.answers[row], run.evidence[row], tuple(items))


def _unjudged(sample: Sample, items: Sequence[Item]) -> Outcome:
    """Of a sample without an answer; or with answers of which nothing could be computed."""
    last = items[-1].answer if len(items) == 1 else None
    failed = any(item.answer is None for item in items)
    state = FAILED if failed else UNPARSABLE if _unparsable(items) else RATED
    return Outcome(sample, state, Judgement(None), last, None, tuple(items))


def _unparsable(items: Sequence[Item]) -> bool:
    for item in items:  # `any` of as many samples as there may be takes twice as long
        if item.answer is not None and item.answer.unparsable is not None:
            return True
    return False


def judge_of(run: Run, shown: str) -> Callable[[int], Judgement]:
    """The judgement on one sample; of a metric that knows none, the figure over this sample alone."""
    figure = run.own(shown)
    metric = run.metric
    if isinstance(metric, Judging):  # asked once: of a protocol that costs more than most judgements
        judged = metric.judged
        return lambda row: judged(run.samples[row].target, run.answers[row], run.evidence[row], figure)
    return lambda row: Judgement(metric.tally([run.evidence[row]]).figures(only=figure).get(figure))


_STATES = {True: RIGHT, False: WRONG, None: RATED}
