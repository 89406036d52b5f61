"""Masks that COCO's rule compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Floats
from .coco_columns import Candidates, Flags, Ints
from .mask_codec import Runs
from .mask_regions import Mask


@dataclass(frozen=True, slots=True)
class Masks:
    """Runs of all masks in a row, and of each: start, stop, height, width, area, first and last pixel."""

    found_runs: Runs
    found_spans: Ints  # (n, 7)
    gold_runs: Runs
    gold_spans: Ints

    @classmethod
    def of(cls, found: Sequence[Mask | None], gold: Sequence[Mask | None]) -> Masks:
        """None is no mask: it has no pixels and overlaps nothing."""
        return cls(*_spans(found), *_spans(gold))

    @property
    def found_area(self) -> Floats:
        """Pixels."""
        return self.found_spans[:, 4].astype(float)

    @property
    def gold_area(self) -> Floats:
        """Pixels."""
        return self.gold_spans[:, 4].astype(float)

    def candidates(
        self, found: Ints, gold: Ints, first: Ints, last: Ints, crowd: Flags, lowest: float
    ) -> Candidates:
        """See Shapes."""
        from .mask_kernel import mask_candidates

        return mask_candidates(
            self.found_runs, self.found_spans[found], first, last,
            self.gold_runs, self.gold_spans[gold], crowd, lowest,
        )  # fmt: skip


def _spans(masks: Iterable[Mask | None]) -> tuple[Runs, Ints]:
    rows, parts, start = [], [np.zeros(0, np.int64)], 0
    for mask in masks:
        height, width, runs = mask or Mask(0, 0, parts[0])
        clear = int(runs[0]) if len(runs) else 0
        trailing = int(runs[-1]) if len(runs) % 2 else 0
        rows.append(
            (
                start,
                start + len(runs),
                height,
                width,
                int(runs[1::2].sum()),
                clear,
                height * width - trailing - 1,
            )
        )
        parts.append(runs)
        start += len(runs)
    return np.concatenate(parts), np.array(rows, np.int64).reshape(-1, 7)
