"""Gives every predicted box of a run a confidence, once per source, and keeps it in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from .contract import Answer, Request, Response, digest
from .errors import DataError
from .ledger import Appender, Ledger

GIVEN = "given"  # the source of confidence of answers that carry their own scores


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
    """Append the scores of every answer that has boxes and no scores from this source yet.

    A picture that cannot be read leaves its boxes without scores; it is tried again by the next run.
    """
    known = ledger.confidences()
    with Appender(ledger, "confidence.jsonl") as appender:
        for request, response, answer in items:
            mark = box_mark(answer)
            row = known.get((response.key, source.name))
            if answer.regions and not _holds(row, mark, source):
                row = {"key": response.key, "source": source.name, "digest": source.digest, "boxes": mark}
                try:
                    row["scores"] = source.scores(request, response, answer)
                except DataError as error:
                    row |= {"scores": [None] * len(answer.regions), "error": error.message}
                appender.add(row)
            watch()


def _holds(row: Mapping[str, Any] | None, mark: str, source: Confidence) -> bool:
    """Whether an earlier rating is of these boxes, by this source, and no error."""
    return row is not None and (row["boxes"], row["digest"], "error" in row) == (mark, source.digest, False)


def with_scores(answer: Answer, scores: Sequence[float | None]) -> Answer:
    """The answer, its boxes carrying these scores."""
    pairs = zip(answer.regions, scores, strict=True)
    return replace(answer, regions=tuple(replace(region, score=score) for region, score in pairs))


def box_mark(answer: Answer) -> str:
    """Names the boxes that were rated, so that another parse of the same text is rated anew."""
    return digest([[region.label, *region.points] for region in answer.regions])[:16]
