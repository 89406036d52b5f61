"""Referring segmentation: the pixels that an expression refers to."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Mask, Sample, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.registry import load
from ..harness.roles import Metric


class Segmentation:
    """One expression a sample. Card protocol: `headline`."""

    confidences: tuple[str, ...] = ()

    def __init__(self, card: Card, dataset: Dataset) -> None:
        self.name, self.version = card.name, card.version
        self.protocol = "pixels"
        self.headline = str(card.protocol["headline"])
        self.metrics: tuple[Metric, ...] = (load("metrics", "mask")(),)
        self._samples = dataset.samples

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one expression."""
        return None if history else Mask(sample.question)


def build(card: Card, dataset: Dataset) -> Segmentation:
    """The task of a card over a data set."""
    return Segmentation(card, dataset)
