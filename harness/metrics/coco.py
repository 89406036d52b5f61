"""COCO's detection figures: AP over ten IoU thresholds, by object size, and average recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Answer, Evidence, Region, Target
from ..geometry import Floats, box, overlaps
from .coco_tally import AREAS, LEVELS, CocoTally
from .matching import Flags, ranking_score

_BITS = 1 << np.arange(len(LEVELS))


class CocoDetection:
    """AP, AP50, AP75, AP by size, AR1, AR10, AR100, AR by size: pycocotools' `bbox` figures.

    Rule (pycocotools' COCOeval; T.-Y. Lin et al., ECCV 2014): per image and class, the best `limit`
    detections in turn take the free object they overlap most (of equals the last) if the IoU reaches the
    threshold; objects that are asked for come before ignored ones. Ignored are crowds and, in a size bin,
    what lies outside it; a detection that takes an ignored object, or takes nothing and lies outside the bin,
    does not count. A crowd may be taken many times, and overlap with it is the share of the detection that
    lies inside. Precision is read at 101 recalls, and the mean taken over thresholds and over the classes
    that have objects. Equal scores keep their order.

    Where this differs from running pycocotools: no detections at all score 0 instead of crashing; an
    undefined figure is None, not -1; AP is right for a `limit` other than 100, where pycocotools prints -1.
    As there, `Region.ignore` without `Region.crowd` has no effect, unless `honour_ignore`.

    Regions are horizontal boxes, or count as their hull; `Region.area` decides the size of an object, its box
    where there is none. Labels outside `classes` are left out. A score that is missing or not finite ranks
    last; what is no proper box overlaps nothing.

    >>> metric = CocoDetection(("ship",))
    >>> gold = Target(regions=(Region((0, 0, 40, 40), "ship"), Region((60, 0, 100, 40), "ship")))
    >>> said = Answer(regions=(Region((0, 0, 40, 30), "ship", 0.9),))
    >>> figures = metric.tally([metric.observe(gold, said)]).figures()
    >>> [figures[name] and round(figures[name], 4) for name in ("AP", "AP50", "AP75", "AP small", "AR100")]
    [0.303, 0.505, 0.505, None, 0.3]
    """

    name = "coco"
    confident = True

    def __init__(self, classes: Sequence[str], limit: int = 100, honour_ignore: bool = False) -> None:
        self.classes = tuple(classes)
        self.limit = limit
        self.honour_ignore = honour_ignore

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Objects asked for by class and size; detections by class and rank, each with its verdicts.

        `{"gold": [[class, all, small, medium, large], ...], "found": [[class, rank, score, taken, neutral],
        ...]}`: `taken` and `neutral` have one number per size bin, bit k for threshold k.
        """
        gold_rows: list[list[int]] = []
        found_rows: list[list[Any]] = []
        for number, label in enumerate(self.classes):
            gold = [r for r in target.regions if r.label == label]
            found = sorted((r for r in answer.regions if r.label == label), key=_rank)[: self.limit]
            if not gold and not found:
                continue
            pairs = overlaps([box(r.points) for r in found], [box(r.points) for r in gold])
            crowd = np.array([r.crowd for r in gold], bool)
            overlap = np.where(crowd, pairs.share_of_first(), pairs.iou())
            given = [r.area for r in gold]
            sizes = np.array([s if a is None else a for a, s in zip(given, pairs.second, strict=True)], float)
            ignored = crowd | np.array([self.honour_ignore and r.ignore for r in gold], bool)
            ignored = ignored | _outside(sizes)
            taken, neutral = assign(overlap, crowd, ignored)
            neutral |= ~taken & _outside(pairs.first)[:, None, :]
            if gold:
                gold_rows.append([number, *(~ignored).sum(1).tolist()])
            for rank, region in enumerate(found):
                bits = [(flags[:, :, rank] @ _BITS).tolist() for flags in (taken, neutral)]
                found_rows.append([number, rank, ranking_score(region.score), *bits])
        return {"gold": gold_rows, "found": found_rows}

    def tally(self, evidence: Sequence[Evidence]) -> CocoTally:
        """Rank all detections once; every figure is then a sweep over them."""
        return CocoTally(evidence, self.classes, self.limit)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`classes`: objects, detections, AP and AP50 of each class."""
        return {"classes": self.tally(evidence).by_class()}


def assign(overlap: Floats, crowd: Flags, ignored: Flags) -> tuple[Flags, Flags]:
    """Which detections of one image and class take an object, and which of them an ignored one.

    `overlap` (detections by rank, objects), `crowd` (objects,), `ignored` (size bins, objects); the answers
    are (size bins, thresholds, detections).
    """
    found, objects = overlap.shape
    taken = np.zeros((len(ignored), len(LEVELS), found), bool)
    neutral = np.zeros_like(taken)
    if not objects:
        return taken, neutral
    free = np.ones((len(ignored), len(LEVELS), objects), bool)
    levels = np.minimum(LEVELS, 1 - 1e-10)[:, None]
    for d in np.flatnonzero((overlap >= levels[0]).any(1)):
        near = free & (overlap[d] >= levels)
        asked, with_asked = _last_best(near & ~ignored[:, None], overlap[d])
        spare, with_spare = _last_best(near & ignored[:, None], overlap[d])
        taken[:, :, d] = with_asked | with_spare
        neutral[:, :, d] = with_spare & ~with_asked
        bins, steps = np.nonzero(taken[:, :, d])
        chosen = np.where(with_asked, asked, spare)[bins, steps]
        free[bins, steps, chosen] = crowd[chosen]
    return taken, neutral


def _last_best(allowed: Flags, overlap: Floats) -> tuple[NDArray[np.intp], Flags]:
    """The allowed object of largest overlap, of equals the last, and whether there is one: (bins, levels)."""
    values = np.where(allowed, overlap, -1.0)
    return len(overlap) - 1 - values[..., ::-1].argmax(-1), np.asarray(allowed.any(-1))


def _outside(sizes: Floats) -> Flags:
    """(size bins, n): what a bin does not ask for."""
    return np.stack([(sizes < low) | (sizes > high) for low, high in AREAS.values()])


def _rank(region: Region) -> float:
    score = ranking_score(region.score)
    return np.inf if score is None else -score
