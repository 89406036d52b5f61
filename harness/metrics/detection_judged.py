"""Which boxes of one answer are true: by VOC's rule from evidence, by COCO's from what overlaps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..contract import Evidence
from ..judgement import FALSE, FOUND, IGNORED, MISSED, NEUTRAL, TRUE, Judgement, of_boxes
from .coco_columns import Reach
from .detection_settings import Settings


def by_voc(evidence: Evidence, view: str, threshold: float, settings: Settings) -> Judgement:
    """The verdicts of matching.py on one sample: in the order of falling scores, one detection an object.

    What is beyond the limit of detections is neutral.
    """
    rule = settings.rule
    labels = evidence["views"][view]
    ignored, scores = evidence["gold"]["ignored"], evidence["found"]["score"]
    level = float(rule.levels([threshold])[0])
    asked = any(label >= 0 and not gone for label, gone in zip(labels["gold"], ignored, strict=True))
    found, taken = [NEUTRAL] * len(scores), set()
    looked_at: Counter[int] = Counter()
    for place in sorted(range(len(scores)), key=lambda i: -_rank(scores[i])):
        label = labels["found"][place]
        group = label if settings.limit_by_class else 0
        if label < 0 or (settings.limit is not None and looked_at[group] >= settings.limit):
            continue
        looked_at[group] += 1
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


def by_coco(at: Reach, place: int, said: Sequence[bool], gold: Sequence[bool]) -> Judgement:
    """COCO's rule on one sample at the threshold of a place among the levels, objects of every size.

    Each detection in turn takes the free object it overlaps most, one that is asked for before an ignored
    one (coco_kernel.assign). `said` and `gold` are of all boxes of the answer and all objects of the target:
    whether each is of a class that counts, and so has a row.
    """
    boxes, objects = (np.flatnonzero(counts).tolist() for counts in (said, gold))
    starts, reached, overlaps = at.near
    ignored = at.ignored[0]
    found = [NEUTRAL] * len(said)
    taken: set[int] = set()
    for row, detection in enumerate(at.found.tolist()):
        near = [
            (overlaps[k], k)
            for k in range(starts[row], starts[row + 1])
            if overlaps[k] >= at.levels[place] and (at.crowd[reached[k]] or int(reached[k]) not in taken)
        ]
        asked = [pair for pair in near if not ignored[reached[pair[1]]]]
        if near:  # of equals the last, as pycocotools has it
            taken.add(int(reached[max(asked or near)[1]]))
        if asked or not (near or at.outside[0, row]):
            found[boxes[detection]] = TRUE if asked else FALSE
    verdicts = [IGNORED] * len(gold)
    for row, thing in enumerate(at.gold.tolist()):
        if not ignored[row]:
            verdicts[objects[thing]] = FOUND if row in taken else MISSED
    return of_boxes(tuple(found), tuple(verdicts))


def _rank(score: float | None) -> float:
    return -math.inf if score is None or not math.isfinite(score) else score
