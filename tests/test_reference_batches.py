"""Training batches: symmetries that move pictures, boxes and corners alike, and what becomes a target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rsbench.reference_model.batches import (
    LEAST_SIDE,
    batch,
    recoloured,
    resized,
    turned,
    turned_boxes,
    turned_points,
)
from rsbench.reference_model.objectives import IGNORED, NOBODY, oriented_of
from rsbench.reference_model.scenes import CROP_SIZE, LEAST_VISIBLE, Shard, read_shards

TURNS = range(8)


@pytest.fixture(scope="module")
def shard(scenes_folder: Path) -> Shard:
    return read_shards(sorted(scenes_folder.glob("*.npz")))


@pytest.mark.parametrize("turn", TURNS)
def test_a_box_moves_with_its_pixels(turn: int) -> None:
    rng = np.random.default_rng(turn)
    for _ in range(20):
        x1, y1 = rng.integers(0, 30, 2)
        x2, y2 = x1 + 1 + rng.integers(31 - x1), y1 + 1 + rng.integers(31 - y1)
        image = np.zeros((32, 32, 3), np.uint8)
        image[y1:y2, x1:x2] = 255
        ys, xs = np.nonzero(turned(image, turn)[..., 0])
        expected = np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]) / 32
        assert np.array_equal(turned_boxes(np.array([[x1, y1, x2, y2]]) / 32, turn)[0], expected)


@pytest.mark.parametrize("turn", TURNS)
def test_points_keep_their_order(turn: int) -> None:
    points = np.array([[0.25, 0.5], [0.75, 0.125]])
    image = np.zeros((8, 8), int)
    image[4, 2], image[1, 6] = 1, 2  # pixels whose near corner the points are
    found = turned_points(points + 1 / 16, turn) * 8 - 0.5
    for mark, (x, y) in zip((1, 2), found, strict=True):
        assert turned(image, turn)[int(y), int(x)] == mark


def test_the_eight_symmetries_differ() -> None:
    image = np.arange(9).reshape(3, 3)
    assert len({turned(image, turn).tobytes() for turn in TURNS}) == 8


def test_recolouring_is_another_light_on_the_same_picture() -> None:
    pixels = torch.rand(3, 3, 8, 8) * 100 + 80
    changed = recoloured(pixels, np.random.default_rng(0))
    for before, after in zip(pixels.flatten(2).flatten(0, 1), changed.flatten(2).flatten(0, 1), strict=True):
        assert torch.corrcoef(torch.stack([before, after]))[0, 1] > 0.9999
    assert (changed - pixels).abs().amax((1, 2, 3)).min() > 1  # every picture of its own
    assert torch.equal(changed, recoloured(pixels, np.random.default_rng(0)))
    extreme = recoloured(torch.full((20, 3, 2, 2), 250.0), np.random.default_rng(0))
    assert extreme.min() >= 0 and extreme.max() == 255


def test_resizing_averages() -> None:
    pixels = torch.tensor([[0.0, 2.0], [4.0, 6.0]]).repeat_interleave(4, 0).repeat_interleave(4, 1)
    assert resized(pixels.expand(1, 3, 8, 8), 8).data_ptr() == pixels.data_ptr()
    assert (resized(torch.full((1, 3, 8, 8), 7.0), 4) == 7).all()
    assert resized(pixels.expand(1, 3, 8, 8), 4).mean() == pytest.approx(3)


def test_a_batch_holds_what_the_shard_holds(shard: Shard) -> None:
    scenes, crops = np.arange(8)[::-1], np.array([3, 0])
    made = batch(shard, scenes, crops, 64, np.random.default_rng(5))
    assert made.pixels.shape == (8, 3, 64, 64) and made.crops.shape == (2, 3, 64, 64)
    assert made.label.tolist() == shard.label[scenes].tolist()
    assert made.crop_name.tolist() == shard.crop_name[crops].tolist()
    rows = np.concatenate([np.arange(shard.offsets[i], shard.offsets[i + 1]) for i in scenes])
    assert made.targets.name.tolist() == shard.name[rows].tolist()
    turns = np.random.default_rng(5).integers(8, size=8)
    turn = np.repeat(turns, np.diff(shard.offsets)[scenes])
    for place, row in enumerate(rows):
        box = turned_boxes(shard.box[[row]], turn[place])
        np.testing.assert_allclose(made.targets.box[place].numpy(), box[0], atol=1e-6)
        corners = turned_points(shard.corners[row].reshape(4, 2), turn[place])
        expected = oriented_of(corners.reshape(1, 8))[0]
        np.testing.assert_allclose(made.targets.oriented[place].numpy(), expected, atol=1e-6)


def test_cells_answer_for_objects_of_their_own_scene(shard: Shard) -> None:
    scenes = np.arange(8)
    targets = batch(shard, scenes, np.array([0]), 64, np.random.default_rng(1)).targets
    assert targets.cell.shape == (8, 64)
    for scene in scenes:
        taken = {int(v) for v in targets.cell[scene] if v not in (NOBODY, IGNORED)}
        own = range(shard.offsets[scene], shard.offsets[scene + 1])
        sides = shard.box[own][:, 2:] - shard.box[own][:, :2]
        taught = (sides.max(1, initial=0) >= LEAST_SIDE) & (shard.visible[own] >= LEAST_VISIBLE)
        assert taken <= {row for row, teach in zip(own, taught, strict=True) if teach}
    assert (targets.cell >= 0).any()


def test_scenes_without_crops_make_a_batch(scenes_folder: Path) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    none = batch(shard, np.arange(3), np.array([], dtype=int), 64, np.random.default_rng(0))
    assert none.crops.shape == (0, 3, CROP_SIZE, CROP_SIZE) and len(none.crop_name) == 0
