"""Visual question answering: free answers of a few words, or the letter of one of several options."""

from __future__ import annotations

from collections.abc import Sequence

from ..harness.contract import Sample, Text, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.errors import DataError
from ..harness.registry import load
from ..harness.roles import Metric

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class QuestionAnswering:
    """One question a sample. Questions with options are asked with the options, a letter each.

    Card protocol: `rule` (of harness/rules/table.py) and `others` shown beside it, `excluded` kinds of
    question (figures "without count"), `buckets` (RSVQA's ranges: lr or hr), `headline`.
    """

    confidences: tuple[str, ...] = ()
    turns = 1

    def __init__(self, card: Card, dataset: Dataset) -> None:
        protocol = card.protocol
        self.name, self.version = card.name, card.version
        self.protocol = str(protocol["rule"])
        others = tuple(protocol.get("others", ()))
        picked = self.protocol.startswith("choice/")
        self.metrics: tuple[Metric, ...]
        if picked:
            self.metrics = (load("metrics", "multiple_choice")(self.protocol, others),)
        else:
            excluded, buckets = tuple(protocol.get("excluded", ())), str(protocol.get("buckets", ""))
            self.metrics = (load("metrics", "vqa")(self.protocol, others, excluded, buckets),)
        self.headline = str(protocol["headline"])
        self._samples = dataset.samples

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one question, with its options."""
        if history:
            return None
        if not sample.target.choices:  # the quick way: there may be a million
            return Text(sample.question)
        options = zip(_LETTERS, sample.target.choices, strict=False)
        lines = [sample.question, *(f"{letter}. {text}" for letter, text in options)]
        return Text("\n".join(lines))


def build(card: Card, dataset: Dataset) -> QuestionAnswering:
    """The task of a card over a data set.

    Raises:
        DataError: questions with options under a rule for free answers, or the other way round.
    """
    picked = str(card.protocol["rule"]).startswith("choice/")
    wrong = [s.id for s in dataset.samples if bool(s.target.choices) != picked]
    if wrong:
        has, other = ("no options", "vqa") if picked else ("options", "choices")
        raise DataError(
            f"{card.name} cannot score {len(wrong)} of {len(dataset.samples)} samples, such as {wrong[0]!r}: "
            f"the question has {has}.",
            f"Give those samples a file of their own: --task {other}",
        )
    return QuestionAnswering(card, dataset)
