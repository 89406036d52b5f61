"""A detector with scores beside models without: only boxes above a score that validation data chose."""

from __future__ import annotations

from typing import Any

from .contract import Report
from .errors import UsageError
from .ledger import Ledger
from .metrics.detection import Detection
from .metrics.detection_sweep import apply, choose
from .rating import GIVEN
from .roles import Dialect, Task
from .score import Run, observed


def swept(
    report: Report, test: Ledger, validation: Ledger, task: Task, dialect: Dialect | None
) -> dict[str, Any]:
    """The figures without confidence of the boxes above a cut, JSON-able, to stand in `Report.details`.

    The cut is the one under which the report's headline is best on the validation run (protocol of RSCoVLM
    and LMMRotate, but for their choosing on the test set). `tried` is that figure at every score tried.

    Raises:
        UsageError: runs of different tasks or splits that overlap, or answers without scores of their own.
    """
    if test.spec["task"] != validation.spec["task"]:
        raise UsageError(
            f"The validation run is of {validation.spec['task']}, not of {test.spec['task']}.",
            "Run the same task on another split: rsbench run --split val.",
        )
    here, there = (_given(ledger, task, dialect) for ledger in (test, validation))
    assert isinstance(here.metric, Detection)
    figure = report.headline.name.rpartition("/")[0]
    cut = choose(here.metric, there.evidence, figure)
    figures = apply(cut, here.metric, here.evidence)
    tried = {f"{score:g}": value for score, value in cut.values.items()}
    return {"score": cut.score, "figure": figure, "tried": tried, "figures": dict(figures)}


def _given(ledger: Ledger, task: Task, dialect: Dialect | None) -> Run:
    for run in observed(ledger, task, dialect):
        if run.source == GIVEN and isinstance(run.metric, Detection):
            return run
    raise UsageError(
        f"{ledger.folder.name} has no boxes with scores of their own, of a task scored by the VOC rule.",
        "A cut is for detectors; models without scores need none.",
    )
