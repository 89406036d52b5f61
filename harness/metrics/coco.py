"""COCO's detection figures: AP over ten IoU thresholds, by object size, and average recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Region, Target
from ..geometry import box
from ..judgement import Judgement
from .coco_columns import Detections, Objects, Verdicts, judge, reach
from .coco_masks import Masks
from .coco_rule import AREAS, LEVELS, Rule
from .coco_shapes import Boxes, Polygons
from .coco_tally import CocoTally
from .detection_judged import by_coco
from .mask_regions import answered, asked, canvas
from .matching import ranking_score

Rows = tuple[list[int], list[int], list[Region]]  # sample, class, region


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

    def __init__(
        self,
        classes: Sequence[str],
        limit: int | Sequence[int] = (1, 10, 100),
        honour_ignore: bool = False,
        thresholds: Sequence[float] = LEVELS,
        areas: Mapping[str, tuple[float, float]] | None = None,
        agnostic: bool = False,
        kind: str = "bbox",
    ) -> None:
        """`limit`: the most detections of an image and class, or the rising numbers that recall is read at.

        `thresholds`: IoU levels; those other than COCO's ten each have a figure. `areas`: size bins (least,
        most square pixels) besides "all". `agnostic`: labels are not compared. `kind`: bbox, segm or obb.

        Raises:
            UsageError: an option outside its range.
        """
        self.classes = tuple(classes)
        self.honour_ignore = honour_ignore
        limits = (*(n for n in (1, 10) if n < limit), limit) if isinstance(limit, int) else tuple(limit)
        bins = AREAS if areas is None else {"all": AREAS["all"], **areas}
        self.rule = Rule(tuple(float(v) for v in thresholds), bins, limits, agnostic, kind)

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Objects asked for by class and size; detections by class and rank, each with its verdicts.

        `{"gold": [[class, all, small, medium, large], ...], "found": [[class, rank, score, taken, neutral],
        ...]}`: `taken` and `neutral` have one number per size bin, bit k for threshold k.
        """
        return self.observe_all([target], [answer])[0]

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> list[Evidence]:
        """The evidence of every pair, in order, found in one pass."""
        return self.judge(targets, answers).evidence(len(targets))

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """Every box at the figure's IoU threshold, the least of them for means over thresholds.

        What is beyond the limit of detections, or of another class, is neutral.
        """
        gold, found, shapes = self._columns([target], [answer])
        named = {f"AP{suffix}": place for suffix, place in self.rule.named_levels().items()}
        place = named.get(figure, self.rule.levels.index(min(self.rule.levels)))
        within = reach(gold, found, shapes, self.rule)
        boxes, objects = ([r.label in self.classes for r in part.regions] for part in (answer, target))
        return by_coco(within, place, boxes, objects)

    def judge(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Verdicts:
        """The verdicts on many samples, without the detour over evidence."""
        return judge(*self._columns(targets, answers), self.rule)

    def _columns(
        self, targets: Sequence[Target], answers: Sequence[Answer]
    ) -> tuple[Objects, Detections, Boxes | Polygons | Masks]:
        gold_rows = self._rows([t.regions for t in targets])
        found_rows = self._rows([a.regions for a in answers])
        shapes = self._shapes(found_rows, gold_rows, targets, answers)
        sample, label, regions = gold_rows
        given = np.array([np.nan if r.area is None else r.area for r in regions], float)
        gold = Objects(
            np.array(sample, np.int64),
            np.array(label, np.int64),
            np.where(np.isnan(given), shapes.gold_area, given),
            np.array([r.crowd for r in regions], bool),
            np.array([self.honour_ignore and r.ignore for r in regions], bool),
        )
        sample, label, regions = found_rows
        scores = [ranking_score(r.score) for r in regions]
        found = Detections(
            np.array(sample, np.int64),
            np.array(label, np.int64),
            shapes.found_area,
            np.array([-np.inf if s is None else s for s in scores], float),
        )
        return gold, found, shapes

    def tally(self, evidence: Sequence[Evidence]) -> CocoTally:
        """Rank all detections once; every figure is then a sweep over them."""
        verdicts = Verdicts.of(evidence, len(self.rule.areas))
        return CocoTally(verdicts, self.classes, len(evidence), self.rule)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`classes`: objects, detections, AP and AP50 of each class."""
        return {"classes": self.tally(evidence).by_class()}

    def _rows(self, samples: Sequence[Sequence[Region]]) -> Rows:
        """The regions of the classes, in order."""
        number = {name: k for k, name in enumerate(self.classes)}
        rows = [(i, r) for i, regions in enumerate(samples) for r in regions if r.label in number]
        return [i for i, _ in rows], [number[r.label] for _, r in rows], [r for _, r in rows]

    def _shapes(
        self, found: Rows, gold: Rows, targets: Sequence[Target], answers: Sequence[Answer]
    ) -> Boxes | Polygons | Masks:
        if self.rule.kind == "segm":
            sizes = [canvas(t, a) for t, a in zip(targets, answers, strict=True)]
            here = [asked(r, sizes[i]) for i, _, r in zip(*gold, strict=True)]
            return Masks.of([answered(r, sizes[i]) for i, _, r in zip(*found, strict=True)], here)
        if self.rule.kind == "obb":
            return Polygons([r.points for r in found[2]], [r.points for r in gold[2]])
        return Boxes.of([box(r.points) for r in found[2]], [box(r.points) for r in gold[2]])
