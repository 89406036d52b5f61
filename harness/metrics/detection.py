"""Average precision of horizontal or oriented boxes by the VOC rule, for several views of the classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import Answer, Evidence, Target
from ..judgement import Judgement, level_of
from .detection_judged import by_voc
from .detection_layout import observed
from .detection_rules import rule_of
from .detection_settings import Settings
from .detection_tally import DetectionTally
from .detection_view import View


class Detection:
    """AP and mAP at IoU thresholds, for one or more views of the classes.

    A view maps labels to classes: `{"one-class": {"A1": "airplane", ...}, "20 classes": {"A1": "A1", ...}}`.
    A label that a view does not map is outside it: such objects and detections do not exist there.

    Rule (matching.py): VOC's and mmrotate's `eval_rbbox_map` (v0.3.4), in float64. Per class, detections by
    falling score, each tied to the object it overlaps most in its image; true when the IoU reaches the
    threshold (`strict`: exceeds it) and the object is still free, false otherwise. Objects marked ignore or
    crowd ask for nothing: they are not counted, and a detection tied to one is neither true nor false. AP by
    11 points ("voc07"), area or 101 points ("coco101"); mAP is the mean over the classes that have objects.

    `rule` names what public scripts do otherwise (detection_rules.py): their IoU in float32, a threshold that
    must be exceeded, ignored objects that are forgotten, and, `inclusive`, a pixel added to both sides of a
    horizontal box. On the golden cases each is equal to its script; horizontal boxes under "exact" are equal
    to mmdetection's eval_map.

    `ties`: detections of equal score are taken in "order" of samples and answers (a stable sort; what the
    scripts print), or as one "group", a single point of the curve, in which order is of no account. "auto" is
    "group" where all scores of a tally are equal (a model without confidence) and "order" otherwise. A score
    that is missing or not finite ranks below every other. Where all scores are equal, AP without confidence
    is there in its three forms too: `VIEW/mAP_nc@0.50/voc07/` and `orders/mean`, `orders/sd`, `orders/min`,
    `orders/max` over 10 random orders of the detections (seeds 0 to 9), `group`, and `file-order`.

    `limit`: at most so many detections of an image count, the best first, or with `limit_by_class` of an
    image and class. `sizes`: edges of the size bins in details, in pixels of the side (the square root of the
    area); COCO's bins if None. `averaged`: the mean over IoU 0.50, 0.55 ... 0.95 is a figure,
    `VIEW/mAP@0.50:0.95/voc07`. `counted`: so are precision, recall, F1 (all classes together) and mF1 (its
    mean over the classes with objects; each detection finds one object at most) at every threshold, and AR,
    the mean recall over those ten.

    `oriented`: 8 numbers are compared as polygons; otherwise every region counts as its horizontal hull. What
    is no proper region (geometry.py) overlaps nothing: detected, it is false, and as an object, missed.

    >>> from rsbench.harness.contract import Region
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
        rule: str = "exact",
        limit: int | None = None,
        limit_by_class: bool = False,
        sizes: Sequence[float] | None = None,
        averaged: bool = False,
        counted: bool = False,
    ) -> None:
        self.views = {name: View(name, mapping) for name, mapping in views.items()}
        self.oriented = oriented
        self.settings = Settings(
            tuple(thresholds), tuple(interpolations), ties, rule_of(rule, oriented, strict, inclusive),
            limit, limit_by_class, sizes, averaged, counted,
        )  # fmt: skip

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Areas, scores and, for each view, the class of every box and the object it is tied to.

        `{"gold": {"area": [...], "ignored": [...]}, "found": {"area": [...], "score": [...]}, "views": {NAME:
        {"gold": [class], "found": [class], "match": [object], "iou": [...]}}}`; classes are numbers in the
        view's order, -1 outside it; objects are counted from 0, -1 for none; a score is a number or None.
        """
        return self.observe_all([target], [answer])[0]

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Sequence[Evidence]:
        """The evidence of every pair, in order, from one pass over the boxes of all of them."""
        views = list(self.views.values())
        return list(observed(targets, answers, views, self.oriented, self.settings.rule.iou))

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """Every box under the figure's view of the classes and its IoU threshold."""
        view = next((name for name in self.views if figure.startswith(f"{name}/")), next(iter(self.views)))
        return by_voc(evidence, view, level_of(figure), self.settings)

    def tally(self, evidence: Sequence[Evidence]) -> DetectionTally:
        """Rank all detections once; every figure is then a sweep over them."""
        return DetectionTally(evidence, list(self.views.values()), self.settings)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """Per view: a row per class, counts at each threshold, AP by size of object; see DetectionTally."""
        return self.tally(evidence).details()
