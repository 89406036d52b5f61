"""Candidates of masks against pycocotools' IoU of run lengths."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.coco_masks import Masks
from rsbench.harness.metrics.mask_codec import encode, runs_of
from rsbench.harness.metrics.mask_regions import Mask

# pycocotools' own conversion of its arrays
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.mark.parametrize("seed", range(5))
def test_overlaps(seed: int) -> None:
    reference = pytest.importorskip("pycocotools.mask")
    rng = np.random.default_rng(seed)
    sizes = [(20, 30)] * 18 + [(30, 20)] * 2
    pixels = [np.zeros(size, bool) for size in sizes]
    for mask in pixels[1:]:  # the first is clear
        y, x = rng.integers(0, 15, 2)
        mask[y : y + rng.integers(1, 20), x : x + rng.integers(1, 20)] = True
    masks = [Mask(*p.shape, runs_of(encode(p))) for p in pixels]
    packed = [reference.encode(np.asfortranarray(p, np.uint8)) for p in pixels]
    crowd = rng.random(len(masks)) < 0.3
    shapes = Masks.of(masks, [*masks[:-1], None])
    rows = np.arange(len(masks))
    first, last = np.zeros_like(rows), np.full_like(rows, len(masks))
    starts, chosen, values = shapes.candidates(rows, rows, first, last, crowd, 1e-9)
    table = np.zeros((len(masks), len(masks)))
    table[np.repeat(rows, np.diff(starts)), chosen] = values
    expected = np.maximum(reference.iou(packed, packed, crowd.tolist()), 0)  # -1 where sizes differ
    expected[:, -1] = 0
    assert table == pytest.approx(expected, abs=1e-12)
    assert (table > 0).sum() > 50
    assert shapes.found_area.tolist() == [p.sum() for p in pixels]
    assert shapes.gold_area[-1] == 0
