"""AP of all classes and thresholds at once against one list at a time."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.average_precision import (
    COCO_RECALLS,
    INTERPOLATIONS,
    VOC07_RECALLS,
    average_precision,
)
from rsbench.harness.metrics.matching_kernel import NEUTRAL, TRUE, precisions


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("grouped", [False, True])
def test_equals_one_list_at_a_time(seed: int, grouped: bool) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(0, 12, 4)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    verdict = rng.integers(0, 3, (3, int(ends[-1]))).astype(np.int8)
    score = np.concatenate([np.sort(rng.integers(0, 5, n))[::-1] for n in sizes]).astype(float)
    positives = (rng.integers(0, 3, 4) * 12).astype(float)
    out = np.empty((3, 4, 3))
    precisions(verdict, score, ends, positives, grouped, VOC07_RECALLS, COCO_RECALLS, out)
    for t in range(3):
        for c in range(4):
            part = slice(ends[c], ends[c + 1])
            counted = verdict[t, part] != NEUTRAL
            hits = (verdict[t, part] == TRUE)[counted]
            for k, how in enumerate(INTERPOLATIONS):
                expected = average_precision(score[part][counted], hits, int(positives[c]), how, grouped)
                ours = out[t, c, k]
                assert np.isnan(ours) if expected is None else ours == pytest.approx(expected, abs=1e-12)


def test_the_order_of_interpolations() -> None:
    assert list(INTERPOLATIONS) == ["voc07", "area", "coco101"]
