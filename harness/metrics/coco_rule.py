"""What may be varied of COCO's detection rule: IoU thresholds, size bins, detections per image, classes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..errors import UsageError

LEVELS = tuple(np.linspace(0.5, 0.95, 10).tolist())
RECALLS = np.linspace(0.0, 1.0, 101)
# Both bounds belong to the bin, in square pixels (pycocotools' areaRng).
AREAS = {"all": (0.0, 1e10), "small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
KINDS = ("bbox", "segm", "obb")
_MOST_LEVELS = 62  # verdicts are bits of one signed number


@dataclass(frozen=True, slots=True)
class Rule:
    """COCO's own by default.

    `levels`: IoU thresholds. `areas`: size bins by name, (least, most) square pixels, both belonging to the
    bin; the first is called "all" and bounds everything that is asked for. `limits`: how many detections of
    an image and class are looked at, rising; the last limits AP. `agnostic`: labels are not compared
    (pycocotools' useCats=0). `kind`: what overlaps, horizontal boxes (bbox), masks (segm) or oriented boxes
    (obb).

    Raises:
        UsageError: thresholds outside (0, 1], more than 62 of them, bins or limits that are none, an unknown
            kind.
    """

    levels: tuple[float, ...] = LEVELS
    areas: Mapping[str, tuple[float, float]] = field(default_factory=lambda: dict(AREAS))
    limits: tuple[int, ...] = (1, 10, 100)
    agnostic: bool = False
    kind: str = "bbox"

    def __post_init__(self) -> None:
        if not 0 < len(self.levels) <= _MOST_LEVELS or not all(0 < v <= 1 for v in self.levels):
            raise UsageError(f"IoU thresholds are 1 to {_MOST_LEVELS} numbers in (0, 1], not {self.levels}.")
        if next(iter(self.areas), None) != "all":
            raise UsageError(f'The first size bin is "all", not one of {list(self.areas)}.')
        for name, (least, most) in self.areas.items():
            if not 0 <= least <= most or math.isinf(least):
                raise UsageError(f"The size bin {name} is no range: {least} to {most} square pixels.")
        if not self.limits or min(self.limits) < 1 or list(self.limits) != sorted(set(self.limits)):
            raise UsageError(f"Numbers of detections rise from 1 or more, unlike {self.limits}.")
        if self.kind not in KINDS:
            raise UsageError(f"There is no kind of overlap {self.kind!r}.", f"There are: {', '.join(KINDS)}.")

    def named_levels(self) -> dict[str, int]:
        """Suffix and place of the thresholds that have a figure: 50 and 75 of COCO's ten, else every one.

        >>> Rule().named_levels(), Rule(levels=(0.25, 0.5)).named_levels()
        ({'50': 0, '75': 5}, {'25': 0, '50': 1})
        """
        suffixes = {f"{100 * level:.10g}": k for k, level in enumerate(self.levels)}
        return {s: k for s, k in suffixes.items() if self.levels != LEVELS or s in ("50", "75")}
