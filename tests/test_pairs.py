"""Pairs: images and classes keep apart, under every overlap."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.geometry import corners, iou
from rsbench.harness.legacy_iou import mmcv_iou
from rsbench.harness.metrics.pairs import Pairs
from rsbench.harness.rotated import Convention


def scene(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    gold_sample = np.sort(rng.integers(0, 6, 40))
    found_sample = rng.integers(0, 8, 60)  # two images without objects
    boxes = np.concatenate(
        [rng.uniform(0, 40, (100, 2)), rng.uniform(8, 30, (100, 2)), rng.uniform(-3, 3, (100, 1))], 1
    )
    return boxes[:60], boxes[60:], found_sample, gold_sample, rng.integers(-1, 3, 60), rng.integers(-1, 3, 40)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("how", ["exact", "mmcv", "plus1"])
def test_equals_all_pairs(seed: int, how: str) -> None:
    found, gold, found_sample, gold_sample, said, wanted = scene(seed)
    corners_of = Convention().corners
    if how == "mmcv":
        every = mmcv_iou(found, gold)
    else:
        found, gold = corners_of(found), corners_of(gold)
        if how == "plus1":
            found, gold = (
                np.concatenate([q.reshape(-1, 4, 2).min(1), q.reshape(-1, 4, 2).max(1)], 1)
                for q in (found, gold)
            )
            every = iou((found + (0, 0, 1, 1)).tolist(), (gold + (0, 0, 1, 1)).tolist())
        else:
            every = iou(found.tolist(), gold.tolist())
    together = (found_sample[:, None] == gold_sample) & (said[:, None] == wanted) & (wanted >= 0)
    every = np.where(together, every, 0.0)
    match, overlap = Pairs(found, gold, found_sample, gold_sample, how).nearest(said, wanted)
    assert (overlap == every.max(1)).all() and (overlap > 0).any()
    assert (match == np.where(every.max(1) > 0, every.argmax(1), -1)).all()


def test_sequences_and_arrays_are_the_same() -> None:
    box, broken = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0)
    nobody = np.zeros(2, int)
    match, overlap = Pairs([box, broken], [corners(box), broken], nobody, nobody).nearest(nobody, nobody)
    assert match.tolist() == [0, -1] and overlap.tolist() == [1.0, 0.0]


def test_nothing_on_either_side() -> None:
    none, one = np.zeros(0, int), np.zeros(1, int)
    box = [(0.0, 0.0, 10.0, 10.0)]
    for how in ("exact", "mmcv", "plus1"):
        assert Pairs(box, [], one, none, how).nearest(one, none)[0].tolist() == [-1]
        assert Pairs([], box, none, one, how).nearest(none, one)[0].tolist() == []
