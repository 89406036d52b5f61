"""Candidates of boxes and polygons against geometry's overlaps."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.geometry import overlaps
from rsbench.harness.metrics.coco_shapes import Boxes, Polygons


@pytest.mark.parametrize("kind", [Boxes, Polygons])
def test_candidates(kind: type[Boxes] | type[Polygons]) -> None:
    rng = np.random.default_rng(3)
    low = rng.uniform(0, 40, (60, 2))
    boxes = [tuple(row) for row in np.concatenate([low, low + rng.uniform(-1, 30, (60, 2))], 1).tolist()]
    found, gold = boxes[:40], boxes[40:]
    shapes = kind.of(found, gold) if issubclass(kind, Boxes) else kind(found, gold)
    order, objects = rng.permutation(40), rng.permutation(20)
    first = np.repeat([0, 5, 5, 12], 10)  # the second and third group share their objects
    last = np.repeat([5, 12, 12, 20], 10)
    crowd = rng.random(20) < 0.3
    starts, chosen, values = shapes.candidates(order, objects, first, last, crowd, 0.1)
    pairs = overlaps([found[d] for d in order], [gold[g] for g in objects])
    expected = np.where(crowd, pairs.share_of_first(), pairs.iou())
    assert starts[-1] == len(chosen) > 40
    for d in range(40):
        near = [g for g in range(first[d], last[d]) if expected[d, g] >= 0.1]
        assert chosen[starts[d] : starts[d + 1]].tolist() == near
        assert values[starts[d] : starts[d + 1]] == pytest.approx(expected[d, near], abs=1e-12)
    assert shapes.found_area == pytest.approx(overlaps(found, gold).first)
    assert shapes.gold_area == pytest.approx(overlaps(found, gold).second)


def test_many_candidates_fit() -> None:
    """Hundreds of copies of one box: the room for candidates grows."""
    boxes = [(0.0, 0.0, 9.0, 9.0)] * 90
    rows = np.arange(90)
    first, last = np.zeros(90, np.int64), np.full(90, 90)
    starts, chosen, values = Boxes.of(boxes, boxes).candidates(rows, rows, first, last, rows < 0, 0.5)
    assert chosen.tolist() == list(range(90)) * 90
    assert set(values.tolist()) == {1.0}
    assert starts[-1] == 8100
