"""The rules by which public scripts decide that a detection is true, by name; `exact` is ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import UsageError, unknown
from ..geometry import Floats


@dataclass(frozen=True, slots=True)
class Rule:
    """What overlap is, and when it is enough; how detections are tied to objects is common (matching.py).

    `iou`: "exact" (geometry.py), "plus1" (one pixel is added to both sides of a horizontal box), or "mmcv"
    (float32, oriented boxes; legacy_iou.py). `strict`: IoU must exceed the threshold, not merely reach it.
    `single`: thresholds are rounded to float32 too, so that a float32 IoU of 0.7 reaches 0.7.
    `forgets_ignored`: the ignored objects of an image that has no others do not exist, and what is found
    there is false.

    A class without objects has no AP and is left out of the mean under every rule. mmrotate and mmdetection
    print 0 for the mean over no class at all, DOTA_devkit divides by zero.
    """

    iou: str = "exact"
    strict: bool = False
    single: bool = False
    forgets_ignored: bool = False

    def levels(self, thresholds: Sequence[float]) -> Floats:
        """The numbers that IoU is compared with."""
        levels = np.asarray(thresholds, float)
        return levels.astype(np.float32).astype(float) if self.single else levels


# Sources: mmrotate v0.3.4 core/evaluation/eval_map.py and 1.x evaluation/functional/mean_ap.py with NumPy 2,
# which compares a float32 IoU with the threshold in float32, and ("numpy-1") NumPy 1, which compares in
# float64 (golden case obb 20); CAPTAIN-WHU/DOTA_devkit dota_evaluation_task1.py and dota_evaluation_task2.py.
_LEGACY = "mmrotate-0.3"
RULES: Mapping[str, Rule] = {
    "exact": Rule(),
    "legacy": Rule(),  # by the kind of boxes: see rule_of
    "mmrotate-0.3": Rule("mmcv", single=True),
    "mmrotate-0.3/numpy-1": Rule("mmcv"),
    "mmrotate-1": Rule("mmcv", single=True, forgets_ignored=True),
    "mmrotate-1/numpy-1": Rule("mmcv", forgets_ignored=True),
    "dota-devkit": Rule(strict=True),
    "dota-devkit-task2": Rule("plus1", strict=True),
}


def rule_of(name: str, oriented: bool, strict: bool = False, inclusive: bool = False) -> Rule:
    """The rule of a name, its comparison made `strict` or its boxes `inclusive` of their last pixel.

    "legacy" is what most published tables were computed with: mmrotate-0.3 for oriented boxes, and
    mmdetection's eval_map for horizontal ones, which is exact.

    Raises:
        UsageError: a name that is not in the table, or a rule for the other kind of boxes.
    """
    if name == "legacy" and oriented:
        name = _LEGACY
    if name not in RULES:
        raise unknown("detection rule", name, RULES)
    rule = RULES[name]
    rule = replace(rule, strict=rule.strict or strict, iou="plus1" if inclusive else rule.iou)
    if oriented and rule.iou == "plus1":
        raise UsageError("The inclusive pixel rule is for horizontal boxes only.")
    if not oriented and rule.iou == "mmcv":
        raise UsageError(f"The rule {name} is for oriented boxes only.")
    return rule
