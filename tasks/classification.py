"""Scene classification: one of the class names is asked for, all of them are in the question."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Label, Sample, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.datasets.names import aliases
from ..harness.registry import load
from ..harness.roles import Metric
from ..harness.rules.table import CLASSIFICATION


class Classification:
    """One question a sample, with the classes in the benchmark's order.

    Card protocol: `rule` and `headline`. The same answers are shown under every public rule besides.
    """

    confidences: tuple[str, ...] = ()

    def __init__(self, card: Card, dataset: Dataset) -> None:
        self.name, self.version = card.name, card.version
        self.protocol = str(card.protocol["rule"])
        self.headline = str(card.protocol["headline"])
        known = (*aliases(card, dataset.classes), *dataset.aliases)
        others = [rule for rule in CLASSIFICATION if rule != self.protocol]
        self.metrics: tuple[Metric, ...] = (load("metrics", "choice")(dataset.classes, others, known),)
        self._samples = dataset.samples
        self._wants = Label(dataset.classes, aliases=known)

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one question."""
        return None if history else self._wants


def build(card: Card, dataset: Dataset) -> Classification:
    """The task of a card over a data set."""
    return Classification(card, dataset)
