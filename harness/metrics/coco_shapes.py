"""Regions that COCO's rule compares: horizontal boxes, oriented boxes, masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..geometry import Floats, Points, areas, overlaps
from .coco_columns import Candidates, Flags, Ints

_LIMIT = 1e100  # squares of larger numbers leave float64


@dataclass(frozen=True, slots=True)
class Boxes:
    """Horizontal boxes x1, y1, x2, y2 and their areas; what is no proper box is all zeros."""

    found: Floats  # (n, 4)
    found_area: Floats
    gold: Floats
    gold_area: Floats

    @classmethod
    def of(cls, found: Sequence[Points], gold: Sequence[Points]) -> Boxes:
        """From rows of four numbers."""
        return cls(*_corners(found), *_corners(gold))

    def candidates(
        self, found: Ints, gold: Ints, first: Ints, last: Ints, crowd: Flags, lowest: float
    ) -> Candidates:
        """See Shapes. The arithmetic is that of pycocotools, so that equal overlaps are equal there too."""
        from .coco_kernel import box_candidates

        return box_candidates(
            self.found[found], self.found_area[found], first, last,
            self.gold[gold], self.gold_area[gold], crowd, lowest,
        )  # fmt: skip


def _corners(rows: Sequence[Points]) -> tuple[Floats, Floats]:
    boxes = np.array(rows, float).reshape(-1, 4)
    proper = (np.abs(boxes) < _LIMIT).all(1) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    boxes = np.where(proper[:, None], boxes, 0.0)
    return boxes, (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


@dataclass(frozen=True, slots=True)
class Polygons:
    """Oriented boxes, convex quadrilaterals and boxes, clipped exactly."""

    found: Sequence[Points]
    gold: Sequence[Points]

    @property
    def found_area(self) -> Floats:
        """Square pixels."""
        return areas(self.found)

    @property
    def gold_area(self) -> Floats:
        """Square pixels."""
        return areas(self.gold)

    def candidates(
        self, found: Ints, gold: Ints, first: Ints, last: Ints, crowd: Flags, lowest: float
    ) -> Candidates:
        """See Shapes."""
        counts = np.zeros(len(found), np.int64)
        objects, values = [np.zeros(0, np.int64)], [np.zeros(0)]
        heads = np.flatnonzero(np.diff(first, prepend=-1) | np.diff(last, prepend=-1))
        for start, stop in pairwise([*heads, len(found)]):
            near = slice(first[start], last[start])
            pairs = overlaps([self.found[d] for d in found[start:stop]], [self.gold[g] for g in gold[near]])
            value = np.where(crowd[near], pairs.share_of_first(), pairs.iou())
            d, g = np.nonzero(value >= lowest)
            counts[start:stop] = np.bincount(d, minlength=stop - start)
            objects.append(g + near.start)
            values.append(value[d, g])
        starts = np.concatenate([[0], counts.cumsum()])
        return starts, np.concatenate(objects), np.concatenate(values)
