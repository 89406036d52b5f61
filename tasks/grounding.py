"""Visual grounding: the box, or the boxes, that an expression refers to."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Boxes, Sample, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.registry import load
from ..harness.roles import Metric


class Grounding:
    """One expression a sample; the boxes are oriented where those of the data set are.

    Card protocol: `headline`.
    """

    confidences: tuple[str, ...] = ()

    def __init__(self, card: Card, dataset: Dataset) -> None:
        self._oriented = any(len(r.points) == 8 for s in dataset.samples for r in s.target.regions)
        self.name, self.version = card.name, card.version
        self.protocol = "obb" if self._oriented else "hbb"
        self.headline = str(card.protocol["headline"])
        self.metrics: tuple[Metric, ...] = (load("metrics", "grounding")(),)
        self._samples = dataset.samples

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one expression."""
        return None if history else Boxes((), oriented=self._oriented, phrase=sample.question)


def build(card: Card, dataset: Dataset) -> Grounding:
    """The task of a card over a data set."""
    return Grounding(card, dataset)
