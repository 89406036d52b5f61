"""Gives every predicted box of a run a confidence, once per source, and keeps it in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from .contract import Answer, Request, Response, digest
from .ledger import Appender, Ledger


class Confidence(Protocol):
    """A source of confidence: costs a model, so its results are kept."""

    name: str
    digest: str
    needs_images: bool

    def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
        """One score per region of the answer, higher is surer; None where the source has nothing to say."""
        ...


def rate(
    source: Confidence,
    items: Iterable[tuple[Request, Response, Answer]],
    ledger: Ledger,
    watch: Callable[[], None],
) -> None:
    """Append the scores of every answer that has boxes and no scores from this source yet."""
    known = ledger.confidences()
    with Appender(ledger, "confidence.jsonl") as appender:
        for request, response, answer in items:
            mark = box_mark(answer)
            row = known.get((response.key, source.name))
            if answer.regions and (row is None or (row["boxes"], row["digest"]) != (mark, source.digest)):
                scores = source.scores(request, response, answer)
                row = {"key": response.key, "source": source.name, "digest": source.digest}
                appender.add({**row, "boxes": mark, "scores": scores})
            watch()


def with_scores(answer: Answer, scores: Sequence[float | None]) -> Answer:
    """The answer, its boxes carrying these scores."""
    pairs = zip(answer.regions, scores, strict=True)
    return replace(answer, regions=tuple(replace(region, score=score) for region, score in pairs))


def box_mark(answer: Answer) -> str:
    """Names the boxes that were rated, so that another parse of the same text is rated anew."""
    return digest([[region.label, *region.points] for region in answer.regions])[:16]
