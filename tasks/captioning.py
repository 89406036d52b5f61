"""Captioning: sentences about an image, or about a region that the question names."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Sample, Text, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.registry import load
from ..harness.roles import Metric

_QUESTION = "Describe this image in one sentence."  # where the data set asks nothing itself


class Captioning:
    """One question a sample, answered with a sentence; all references of a sample count.

    Card protocol: `headline`. Regions are described besides by SS and S-IoU (Osprey, EarthGPT-X).
    """

    confidences: tuple[str, ...] = ()

    def __init__(self, card: Card, dataset: Dataset) -> None:
        self.name, self.version = card.name, card.version
        self.protocol = "ptb"
        self.headline = str(card.protocol["headline"])
        kinds = ["caption", "rouge", *(["semantic"] if card.family == "region_captioning" else [])]
        self.metrics: tuple[Metric, ...] = tuple(load("metrics", kind)() for kind in kinds)
        self._samples = dataset.samples

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one question."""
        return None if history else Text(sample.question or _QUESTION, sentences=True)


def build(card: Card, dataset: Dataset) -> Captioning:
    """The task of a card over a data set."""
    return Captioning(card, dataset)
