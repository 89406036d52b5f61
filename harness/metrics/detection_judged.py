"""Which boxes of one answer are true: by VOC's rule from evidence, by COCO's from the boxes themselves."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np

from ..contract import Evidence, Region
from ..geometry import Floats, box, overlaps
from ..judgement import FALSE, FOUND, IGNORED, MISSED, NEUTRAL, TRUE, Judgement, of_boxes
from .detection_rules import Rule


def by_voc(evidence: Evidence, view: str, threshold: float, rule: Rule) -> Judgement:
    """The verdicts of matching.py on one sample: in the order of falling scores, one detection an object."""
    labels = evidence["views"][view]
    ignored, scores = evidence["gold"]["ignored"], evidence["found"]["score"]
    level = float(rule.levels([threshold])[0])
    asked = any(label >= 0 and not gone for label, gone in zip(labels["gold"], ignored, strict=True))
    found, taken = [NEUTRAL] * len(scores), set()
    for place in sorted(range(len(scores)), key=lambda i: -_rank(scores[i])):
        if labels["found"][place] < 0:
            continue
        match, overlap = labels["match"][place], labels["iou"][place]
        near = match >= 0 and (overlap > level if rule.strict else overlap >= level)
        if rule.forgets_ignored and not asked:
            near = False
        if near and ignored[match]:
            continue
        found[place] = TRUE if near and match not in taken else FALSE
        taken |= {match} if near else set()
    objects = [
        IGNORED if gone or label < 0 else FOUND if place in taken else MISSED
        for place, (gone, label) in enumerate(zip(ignored, labels["gold"], strict=True))
    ]
    return of_boxes(tuple(found), tuple(objects))


def by_coco(
    said: Sequence[Region], gold: Sequence[Region], classes: Container[str], level: float, honour_ignore: bool
) -> Judgement:
    """COCO's rule for horizontal boxes: each detection takes the free object of its class it overlaps most.

    Ignored objects (crowds, with `honour_ignore` all that are marked) are taken only where no other is near;
    crowds by the share of the detection that lies inside (pycocotools, COCOeval.evaluateImg).
    """
    shared = _overlap(said, gold)
    ignored = [region.crowd or honour_ignore and region.ignore for region in gold]
    found, taken = [NEUTRAL] * len(said), set()
    for place in sorted(range(len(said)), key=lambda i: -_rank(said[i].score)):
        if said[place].label not in classes:
            continue
        near = [
            k
            for k, region in enumerate(gold)
            if region.label == said[place].label
            and shared[place, k] >= min(level, 1 - 1e-10)
            and (k not in taken or region.crowd)
        ]
        asked = [k for k in near if not ignored[k]]
        if not near:
            found[place] = FALSE
        else:  # the last of equals, as pycocotools has it
            best = max(asked or near, key=lambda k: (shared[place, k], k))
            taken.add(best)
            found[place] = TRUE if asked else NEUTRAL
    objects = [
        IGNORED if ignored[k] or region.label not in classes else FOUND if k in taken else MISSED
        for k, region in enumerate(gold)
    ]
    return of_boxes(tuple(found), tuple(objects))


def _overlap(said: Sequence[Region], gold: Sequence[Region]) -> Floats:
    """IoU (detections, objects); of a crowd, the share of the detection that it covers."""
    if not said or not gold:
        return np.zeros((len(said), len(gold)))
    pairs = overlaps([box(r.points) for r in said], [box(r.points) for r in gold])
    return np.where([r.crowd for r in gold], pairs.share_of_first(), pairs.iou())


def _rank(score: float | None) -> float:
    return -np.inf if score is None or not np.isfinite(score) else score
