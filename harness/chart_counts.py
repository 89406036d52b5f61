"""Charts of what answers cost: seconds and tokens."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from .chart_values import Axis, Histogram, round_up
from .contract import Response
from .score import Item

_BINS = 24


def costs(items: Sequence[Item]) -> Iterator[Histogram]:
    """How long answers took, and how many tokens they and their questions have, where that is known."""
    answered = [item.response for item in items if item.response and item.response.error is None]
    seconds = [response.seconds for response in answered if _known(response)]
    if any(seconds):
        note = (
            "An answer of a batch counts its share of the batch's time; of a conversation, the last answer."
        )
        yield _histogram("seconds", "Time per answer", "seconds", seconds, _told(seconds, " s", note))
    for name, title, tokens in (
        ("tokens", "Tokens per answer", [response.tokens_out for response in answered]),
        ("tokens asked", "Tokens per question, pictures included", [r.tokens_in for r in answered]),
    ):
        if any(tokens):
            yield _histogram(name, title, "tokens", tokens, _told(tokens, "", ""), whole=True)


def _known(response: Response) -> bool:
    return math.isfinite(response.seconds) and response.seconds >= 0


def _histogram(
    name: str, title: str, unit: str, values: Sequence[float], note: str, whole: bool = False
) -> Histogram:
    """Equally wide bins from round edges; of whole numbers, bins of whole width."""
    import numpy as np

    low, high = min(values), max(values)
    width = (high - low) / _BINS
    width = max(1.0, math.ceil(width)) if whole else round_up(width or abs(high) or 1.0)
    first = math.floor(low / width) * width
    count = max(1, math.floor((high - first) / width) + 1)
    edges = first + width * np.arange(count + 1)
    counts = np.histogram(values, edges)[0]
    axis = Axis(unit, float(edges[0]), float(edges[-1]), percent=False, whole=whole)
    return Histogram(name, title, axis, tuple(edges.tolist()), tuple(counts.tolist()), note)


def _told(values: Sequence[float], unit: str, note: str) -> str:
    """Median, 95th percentile and sum of what is drawn."""
    import numpy as np

    median, most = np.percentile(values, [50, 95])
    told = f"Median {median:.4g}{unit}, 95 % are at most {most:.4g}{unit}, {sum(values):,.6g}{unit} in all."
    return f"{told} A bar holds its lower edge, not its upper one. {note}".strip()
