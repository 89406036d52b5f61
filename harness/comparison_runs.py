"""The runs of two surveys side by side: the same metric, confidence, samples and order in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from .contract import Sample
from .ledger import Ledger
from .metrics.paired import Difference, differences
from .score import Run, Survey
from .variants import unchanged

_FEW = 6  # figures of AP that cost less one by one than all there are


class Opened(Ledger):
    """A ledger whose samples are read once, or are those of another that has the same."""

    def __init__(self, folder: Path, samples: tuple[Sample, ...] | None = None) -> None:
        """Open the folder of an earlier run.

        Raises:
            DataError: no ledger there, not readable, or written by another format version.
        """
        super().__init__(folder)
        self._samples = samples

    def samples(self, changed: bool = True) -> tuple[Sample, ...]:
        """The samples of the run, targets included; those with changed pictures only if they are wanted."""
        if self._samples is None:
            self._samples = super().samples()
        return self._samples if changed else unchanged(self._samples)


@dataclass(frozen=True)
class Pair:
    """One metric under one source of confidence, observed on the same samples in the same order."""

    first: Run
    second: Run

    @cached_property
    def groups(self) -> list[str]:
        """The picture of every sample: questions about one are drawn together."""
        return self.first.groups()

    @cached_property
    def values(self) -> dict[str, tuple[float | None, float | None]]:
        """Every figure that both have, by its full name."""
        before, after = self.first.tally.figures(), self.second.tally.figures()
        return {self.first.name(name): (before[name], after[name]) for name in before if name in after}

    def differences(self, figures: Sequence[str], draws: int, seed: int) -> dict[str, Difference | None]:
        """Second minus first of figures by their full names."""
        # one figure of AP is a sweep of its own; what needs no ranking has all figures at the price of one
        single = len(figures) == 1 or (self.first.metric.confident and len(figures) <= _FEW)
        each = [self.first.own(name) for name in figures] if single else [None]
        found: dict[str, Difference | None] = {}
        for only in each:
            said = differences(
                self.first.tally, self.second.tally, len(self.groups), self.groups, seed, draws, only=only
            )
            found |= {self.first.name(name): difference for name, difference in said.items()}
        return {name: found.get(name) for name in figures}


def pairs_of(first: Survey, second: Survey) -> list[Pair]:
    """Every metric that both were observed with; the second's samples in the order of the first's."""
    others = {(run.metric.name, run.source): run for run in second.runs}
    return [
        Pair(run, _in_order_of(run, other))
        for run in first.runs
        if (other := others.get((run.metric.name, run.source))) is not None
    ]


def _in_order_of(first: Run, second: Run) -> Run:
    """The same run with its samples in another order."""
    order = [sample.id for sample in first.samples]
    if [sample.id for sample in second.samples] == order:
        return second
    place = {sample.id: i for i, sample in enumerate(second.samples)}
    rows = [place[name] for name in order]
    evidence = tuple(second.evidence[i] for i in rows)
    return replace(
        second,
        evidence=evidence,
        samples=tuple(second.samples[i] for i in rows),
        answers=tuple(second.answers[i] for i in rows),
        tally=second.metric.tally(evidence),
    )
