"""The roles of a run, as Protocols of one to three methods: task, dialect, adapter, engine, metric."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from .contract import Answer, Evidence, Frame, Request, Response, Sample, Target, Turn, Wants
from .judgement import Judgement


class Task(Protocol):
    """States what is asked of every sample, never how a model family wants it worded."""

    name: str
    version: int
    metrics: tuple[Metric, ...]
    headline: str  # the name of the Figure that stands for the task

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split, in a stable order with unique ids."""
        ...

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """What to ask next, given the turns so far; None when the conversation is over."""
        ...


class Dialect(Protocol):
    """How one model family is spoken to: wording, box notation, coordinate convention, clean-up."""

    name: str
    version: int

    def render(self, request: Request) -> str:
        """The literal prompt for the last turn."""
        ...

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        """Understand any text; never raises. Boxes come back in pixels of the original image."""
        ...

    def express(self, target: Target, wants: Wants, frame: Frame | None) -> str:
        """The answer a perfect model of this family would give: for training data and the oracle."""
        ...


@runtime_checkable
class Instructing(Protocol):
    """A dialect whose model is told something before the conversation."""

    def system(self, request: Request) -> str | None:
        """The literal system prompt of a request; None leaves it to the model's own template."""
        ...


@runtime_checkable
class Seeing(Protocol):
    """A dialect that declares what its models see of a picture, for answers whose adapter does not say it."""

    def frame(self, size: tuple[int, int]) -> Frame:
        """How a picture of (width, height) pixels lies in front of the model.

        Raises:
            DataError: no model of the family takes such a picture.
        """
        ...


@runtime_checkable
class Adapter(Protocol):
    """The only door to a model, made as `Class(arguments: Mapping[str, str], runtime: Runtime)`.

    `dialect` is None for models that answer with boxes or labels themselves.
    """

    name: str
    dialect: str | None
    checkpoint: str | None  # digest of the weights, None where there are none

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        """One Response per Request, same order; a failure of one is a Response with `error`."""
        ...


@runtime_checkable
class Ahead(Protocol):
    """An adapter that can prepare a batch, such as its pictures, while it answers the one before."""

    def ahead(self, requests: Sequence[Request]) -> None:
        """Called with the next batch before `generate` of the current one; returns at once.

        A picture that cannot be read is no matter here: `generate` says so when it is asked.
        """
        ...


@runtime_checkable
class Informed(Protocol):
    """An adapter that is shown the truth: the oracle. Never a model."""

    def inform(self, request: Request, target: Target) -> None:
        """Called before `generate` sees the request."""
        ...


class Engine(Protocol):
    """Moves requests through an adapter and yields responses as they come."""

    def run(self, adapter: Adapter, batches: Iterable[Sequence[Request]]) -> Iterator[Response]:
        """Yield the responses of each batch in turn."""
        ...


class Tally(Protocol):
    """Evidence laid out for counting: many reductions of the same samples cost little each."""

    def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
        """Figures by name. `weights`: array (samples,) of how often each sample counts, all 1 if None.
        `only`: the figure that is wanted; others may then be left out.

        Of nothing, every figure is None; the order of samples does not matter beyond ties.
        """
        ...


class Metric(Protocol):
    """Two pure halves: what one sample proves, and what many prove together.

    `name` keys the evidence in the ledger. `confident` metrics are evaluated once per confidence source:
    they read `Region.score`. Figure names are paths, such as `one-class/AP@0.50/voc07`.
    """

    name: str
    confident: bool

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Sufficient statistics of one sample, JSON-able."""
        ...

    def tally(self, evidence: Sequence[Evidence]) -> Tally:
        """Lay the evidence of many samples out for counting."""
        ...

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """What a report shows besides figures, JSON-able: per-class table, confusion matrix, size slices."""
        ...


@runtime_checkable
class Bulk(Protocol):
    """A metric that observes many samples at less cost than one by one, with the same evidence."""

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Sequence[Evidence]:
        """The evidence of every pair, in order."""
        ...


@runtime_checkable
class Judging(Protocol):
    """A metric that can say of one sample whether it is right, and which of its boxes are."""

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """The judgement under a figure of this metric, by its name without the source of confidence."""
        ...


@runtime_checkable
class Partial(Protocol):
    """A metric that cannot compute all of its figures here."""

    def absent(self) -> Mapping[str, str]:
        """Figure -> what it needs ("needs Java"). Such a figure is None, never 0."""
        ...


@runtime_checkable
class Resampling(Protocol):
    """A tally that counts many weightings of its samples at once."""

    def resampled(self, weights: Any, only: str | None = None) -> Mapping[str, Any]:
        """Figures by name, each (draws,) float64 with NaN where undefined. `weights`: (draws, samples)."""
        ...


@runtime_checkable
class Curved(Protocol):
    """A tally of ranked boxes, whose precision can be followed while recall rises."""

    def curves(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """By view, class and IoU threshold ("0.50"): `recall` and `precision`, arrays (points,) in [0, 1]."""
        ...
