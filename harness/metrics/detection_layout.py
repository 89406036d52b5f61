"""The evidence of detection: made from objects and answers, and stacked again for counting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Evidence, Region, Target
from ..geometry import Points, box
from .average_precision import Indices
from .detection_view import View
from .matching import Found, Gold, best_of_each, ranking_score
from .pairs import Pairs


def observed(
    targets: Sequence[Target], answers: Sequence[Answer], views: Sequence[View], oriented: bool, iou: str
) -> Iterator[Evidence]:
    """The evidence of every sample, as `Detection.observe` describes it, from one pass over all of them."""
    golds, finds = [t.regions for t in targets], [a.regions for a in answers]
    gold, found = list(chain.from_iterable(golds)), list(chain.from_iterable(finds))
    pairs = Pairs(_points(found, oriented), _points(gold, oriented), _samples(finds), _samples(golds), iou)
    areas = [a if r.area is None else r.area for r, a in zip(gold, pairs.gold.areas.tolist(), strict=True)]
    ignored = [int(r.ignore or r.crowd) for r in gold]
    found_areas, scores = pairs.found.areas.tolist(), [ranking_score(r.score) for r in found]
    read = [(view.name, *_read(view, pairs, gold, found, golds, finds)) for view in views]
    g = f = 0
    for wanted, said in zip(golds, finds, strict=True):
        here, there = slice(g, g := g + len(wanted)), slice(f, f := f + len(said))
        yield {
            "gold": {"area": areas[here], "ignored": ignored[here]},
            "found": {"area": found_areas[there], "score": scores[there]},
            "views": {
                name: {"gold": a[here], "found": b[there], "match": match[there], "iou": overlap[there]}
                for name, a, b, match, overlap in read
            },
        }


def _read(
    view: View,
    pairs: Pairs,
    gold: Sequence[Region],
    found: Sequence[Region],
    golds: Sequence[Sequence[Region]],
    finds: Sequence[Sequence[Region]],
) -> tuple[list[int], list[int], list[int], list[float]]:
    """Classes of objects and detections in a view, the object of its image each is tied to, and their IoU."""
    wanted, said = view.classes_of(gold), view.classes_of(found)
    match, overlap = pairs.nearest(said, wanted)
    first = np.repeat(_starts(golds), [len(rows) for rows in finds])
    inside = np.where(match >= 0, match - first, -1)
    return wanted.tolist(), said.tolist(), inside.tolist(), overlap.tolist()


def laid_out(
    evidence: Sequence[Evidence], view: str, limit: int | None = None, by_class: bool = False
) -> tuple[Gold, Found]:
    """Stack the rows of all samples that lie in a view; objects are then numbered throughout.

    `limit`: only so many best detections of a sample are kept, or with `by_class` of a sample and class.
    """
    views = [e["views"][view] for e in evidence]
    golds, finds = [e["gold"] for e in evidence], [e["found"] for e in evidence]
    wanted, said = [v["gold"] for v in views], [v["found"] for v in views]
    label = _column(wanted, np.intp)
    inside = label >= 0
    gold = Gold(
        sample=_samples(wanted)[inside],
        label=label[inside],
        area=_column([g["area"] for g in golds], float)[inside],
        ignored=_column([g["ignored"] for g in golds], bool)[inside],
    )
    match = _column([v["match"] for v in views], np.intp)
    first = np.repeat(_starts(wanted), [len(rows) for rows in said])
    row = np.append(np.cumsum(inside) - 1, -1)  # the last place answers for "none"
    match = row[np.where(match >= 0, match + first, -1)]
    sample, label = _samples(said), _column(said, np.intp)
    score = _column([[-np.inf if s is None else s for s in f["score"]] for f in finds], float)
    here = label >= 0
    if limit is not None:
        here[here] = best_of_each(sample[here], label[here] if by_class else None, score[here], limit)
    area = _column([f["area"] for f in finds], float)
    overlap = _column([v["iou"] for v in views], float)
    return gold, Found.ranked(sample[here], label[here], area[here], score[here], match[here], overlap[here])


def all_equal(evidence: Sequence[Evidence]) -> bool:
    """Whether no detection ranks above another by its score: a model without confidence."""
    return len({score for e in evidence for score in e["found"]["score"]}) <= 1


def _points(regions: Sequence[Region], oriented: bool) -> list[Points]:
    return [r.points if oriented else box(r.points) for r in regions]


def _samples(rows: Sequence[Sequence[Any]]) -> Indices:
    """The sample of every row when those of all samples are laid end to end."""
    return np.repeat(np.arange(len(rows)), [len(row) for row in rows])


def _starts(rows: Sequence[Sequence[Any]]) -> Indices:
    """Where the rows of each sample begin when those of all samples are laid end to end."""
    return np.cumsum([0, *(len(row) for row in rows)])[:-1].astype(np.intp)


def _column(rows: Sequence[Sequence[Any]], dtype: type) -> NDArray[Any]:
    return np.array(list(chain.from_iterable(rows)), dtype)
