"""Captioning: sentences about an image, or about a region of it."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Sample, Text, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.registry import load
from ..harness.roles import Metric


class Captioning:
    """One question a sample, answered with a sentence; all references of a sample count.

    Card protocol: `headline`; `tokenizer`, "ptb" unless another is named (metrics/caption.py). What
    describes a region is compared besides by SS and S-IoU (Osprey, EarthGPT-X), and by whether it names the
    region's class and no other.
    """

    confidences: tuple[str, ...] = ()

    def __init__(self, card: Card, dataset: Dataset) -> None:
        self.name, self.version = card.name, card.version
        self.protocol = str(card.protocol.get("tokenizer", "ptb"))
        self.headline = str(card.protocol["headline"])
        caption = load("metrics", "caption")(self.protocol)
        self.metrics: tuple[Metric, ...] = (caption, load("metrics", "rouge")())
        if card.family == "region_captioning":
            named = load("metrics", "class_named")(dataset.classes)
            self.metrics = (*self.metrics, load("metrics", "semantic")(), named)
        self._samples = dataset.samples

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one question: the data's own, or none, and then it is the dialect's to word."""
        return None if history else Text(sample.question, sentences=True)


def build(card: Card, dataset: Dataset) -> Captioning:
    """The task of a card over a data set."""
    return Captioning(card, dataset)
