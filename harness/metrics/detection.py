"""Average precision of horizontal or oriented boxes by the VOC rule, for several views of the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import Answer, Evidence, Region, Target
from ..errors import UsageError, unknown
from ..geometry import box, overlaps
from .average_precision import INTERPOLATIONS
from .detection_tally import DetectionTally, View
from .matching import nearest, ranking_score

TIES = ("auto", "order", "group")


class Detection:
    """AP and mAP at IoU thresholds, for one or more views of the classes.

    A view maps labels to classes: `{"one-class": {"A1": "airplane", ...}, "20 classes": {"A1": "A1", ...}}`.
    A label that a view does not map is outside it: such objects and detections do not exist there.

    Rule (matching.py): VOC's and mmrotate's `eval_rbbox_map` (v0.3.4), in float64. Per class, detections by
    falling score, each tied to the object it overlaps most in its image; true when the IoU reaches the
    threshold (`strict`: exceeds it) and the object is still free, false otherwise. Objects marked ignore or
    crowd ask for nothing: they are not counted, and a detection tied to one is neither true nor false. AP by
    11 points ("voc07") or area; mAP is the mean over the classes that have objects.

    Equal to public scripts on the golden cases: oriented, to mmrotate v0.3.4 where its float32 IoU holds
    (1.x differs: it forgets ignored objects of images that have no others) and, with `strict`, to
    DOTA_devkit's dota_evaluation_task1; horizontal, to mmdetection's eval_map and, with `strict` and
    `inclusive`, to dota_evaluation_task2, which adds one pixel to both sides of a box.

    `ties`: detections of equal score are taken in "order" of samples and answers (a stable sort; what the
    scripts print), or as one "group", a single point of the curve, in which order is of no account. "auto" is
    "group" where all scores of a tally are equal (a model without confidence: the order-free AP_nc) and
    "order" otherwise. A score that is missing or not finite ranks below every other.

    `oriented`: 8 numbers are compared as polygons; otherwise every region counts as its horizontal hull. What
    is no proper region (geometry.py) overlaps nothing: detected, it is false, and as an object, missed.

    >>> metric = Detection({"ships": {"ship": "ship"}}, thresholds=(0.5,))
    >>> gold = Target(regions=(Region((0, 0, 10, 10), "ship"), Region((50, 0, 60, 10), "ship")))
    >>> said = Answer(regions=(Region((0, 0, 10, 9), "ship", 0.9), Region((90, 0, 99, 9), "ship", 0.5)))
    >>> figures = metric.tally([metric.observe(gold, said)]).figures()
    >>> {name: round(value, 4) for name, value in figures.items()}
    {'ships/AP@0.50/voc07': 0.5455, 'ships/AP@0.50/area': 0.5}
    """

    name = "detection"
    confident = True

    def __init__(
        self,
        views: Mapping[str, Mapping[str, str]],
        thresholds: Sequence[float] = (0.40, 0.50),
        oriented: bool = False,
        interpolations: Sequence[str] = ("voc07", "area"),
        ties: str = "auto",
        strict: bool = False,
        inclusive: bool = False,
    ) -> None:
        if ties not in TIES:
            raise unknown("tie rule", ties, TIES)
        for how in interpolations:
            if how not in INTERPOLATIONS:
                raise unknown("interpolation", how, INTERPOLATIONS)
        if oriented and inclusive:
            raise UsageError("The inclusive pixel rule is for horizontal boxes only.")
        self.views = {name: View(name, mapping) for name, mapping in views.items()}
        self.thresholds = tuple(thresholds)
        self.interpolations = tuple(interpolations)
        self.oriented, self.inclusive = oriented, inclusive
        self.ties, self.strict = ties, strict

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Areas, scores and, for each view, the class of every box and the object it is tied to.

        `{"gold": {"area": [...], "ignored": [...]}, "found": {"area": [...], "score": [...]}, "views": {NAME:
        {"gold": [class], "found": [class], "match": [object], "iou": [...]}}}`; classes are numbers in the
        view's order, -1 outside it; objects are counted from 0, -1 for none; a score is a number or None.
        """
        gold, found = target.regions, answer.regions
        gold_points, found_points = self._points(gold), self._points(found)
        pairs = overlaps(found_points, gold_points)
        overlap, gold_areas = pairs.iou(), pairs.second.tolist()
        views = {}
        for view in self.views.values():
            wanted, said = view.classes_of(gold), view.classes_of(found)
            match, best = nearest(overlap, said, wanted)
            views[view.name] = {"gold": wanted, "found": said, "match": match, "iou": best}
        return {
            "gold": {
                "area": [a if r.area is None else r.area for r, a in zip(gold, gold_areas, strict=True)],
                "ignored": [int(r.ignore or r.crowd) for r in gold],
            },
            "found": {"area": pairs.first.tolist(), "score": [ranking_score(r.score) for r in found]},
            "views": views,
        }

    def tally(self, evidence: Sequence[Evidence]) -> DetectionTally:
        """Rank all detections once; every figure is then a sweep over them."""
        views = list(self.views.values())
        return DetectionTally(evidence, views, self.thresholds, self.interpolations, self.ties, self.strict)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """Per view: a row per class, counts at each threshold, AP by size of object; see DetectionTally."""
        return self.tally(evidence).details()

    def _points(self, regions: Sequence[Region]) -> list[tuple[float, ...]]:
        if self.oriented:
            return [r.points for r in regions]
        boxes = [box(r.points) for r in regions]
        if self.inclusive:
            return [(x1, y1, x2 + 1, y2 + 1) for x1, y1, x2, y2 in boxes]
        return boxes
