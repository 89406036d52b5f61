"""What the encoders see, computed once: the same as seen on the spot, and objects with their proposals."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from rsbench.reference_model.batches import LEAST_SIDE, turned, turned_boxes
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.perceive import Perceived, perceive
from rsbench.reference_model.preprocess import normalised
from rsbench.reference_model.proposals import Dense, ProposalHead, Proposals
from rsbench.reference_model.scenes import LEAST_VISIBLE, Shard, read_shards
from rsbench.reference_model.vision import Features


@pytest.fixture(scope="module")
def shard(scenes_folder: Path) -> Shard:
    return read_shards(sorted(scenes_folder.glob("*.npz")))


@pytest.fixture(scope="module")
def seen(proposals_model: EarthGPT, shard: Shard) -> Perceived:
    return perceive(proposals_model, shard, np.random.default_rng(3), size=3)


@torch.no_grad()
def test_scenes_are_seen_as_on_the_spot(proposals_model: EarthGPT, shard: Shard, seen: Perceived) -> None:
    turns = np.random.default_rng(3).integers(8, size=8)
    images = np.stack([turned(image, turn) for image, turn in zip(shard.images, turns, strict=True)])
    expected = proposals_model.see(normalised(images))
    found = seen.prefix(proposals_model, torch.arange(8))
    torch.testing.assert_close(found, expected.tokens, atol=0.02, rtol=0)  # kept as float16
    some = seen.prefix(proposals_model, torch.tensor([5, 2]))
    torch.testing.assert_close(some, found[[5, 2]], atol=1e-4, rtol=0)
    assert expected.proposals is not None
    for scene in range(8):
        used = int(expected.proposals.valid[scene].sum())
        assert len(seen.slots(scene).boxes) == len(seen.slots(scene).corners) == used
        np.testing.assert_allclose(seen.slots(scene).boxes, expected.proposals.boxes[scene, :used], atol=1e-5)


class Knowing(ProposalHead):
    """A head that boxes the objects of a shard exactly, scene after scene."""

    shard: Shard
    turns: np.ndarray[tuple[int], np.dtype[np.int64]]
    done = 0

    def forward(self, features: Features) -> Dense:
        count, boxes = len(features.vit), torch.full((len(features.vit), 64, 4), 0.0)
        scores = torch.full((count, 64), -20.0)
        for place in range(count):
            scene = self.done + place
            rows = slice(*self.shard.offsets[scene : scene + 2])
            own = turned_boxes(self.shard.box[rows], int(self.turns[scene]))
            boxes[place, : len(own)] = torch.from_numpy(own)
            scores[place, : len(own)] = torch.linspace(3, 2, len(own))
        self.done += count
        zeros = torch.zeros(count, 64, 1)
        names, types = (
            zeros.expand(-1, -1, self.names.out_channels),
            zeros.expand(-1, -1, self.types.out_channels),
        )
        return Dense(scores, names, types, boxes, torch.zeros(count, 64, 6), zeros.expand(-1, -1, 8))


def knowing(model: EarthGPT, shard: Shard, seed: int, turn: int = 0) -> EarthGPT:
    """The model with a head that knows; `turn` more of the eight symmetries and it is misled."""
    copied = copy.deepcopy(model)
    copied.head = head = Knowing(model.config)
    head.shard, head.turns = shard, (np.random.default_rng(seed).integers(8, size=8) + turn) % 8
    return copied


def paired(seen: Perceived, shard: Shard, seed: int) -> Iterator[tuple[list[float], list[float], int]]:
    """Every pair: the proposal's box, the object's, and the object's row."""
    turns = np.random.default_rng(seed).integers(8, size=8)
    for scene, taken in enumerate(seen.objects):
        assert len({i for i, _ in taken}) == len({row for _, row in taken}) == len(taken)
        for index, row in taken:
            assert shard.offsets[scene] <= row < shard.offsets[scene + 1]
            truth = turned_boxes(shard.box[[row]], int(turns[scene]))[0]
            yield list(seen.slots(scene).boxes[index]), truth.tolist(), row


def test_objects_are_paired_with_the_proposals_on_them(proposals_model: EarthGPT, shard: Shard) -> None:
    seen = perceive(knowing(proposals_model, shard, 4), shard, np.random.default_rng(4), size=5)
    pairs = list(paired(seen, shard, 4))
    assert len(pairs) > 3
    for box, truth, row in pairs:
        assert box == pytest.approx(truth, abs=1e-6)
        assert shard.visible[row] >= LEAST_VISIBLE
        assert max(truth[2] - truth[0], truth[3] - truth[1]) >= LEAST_SIDE


def test_nothing_is_paired_that_lies_elsewhere(proposals_model: EarthGPT, shard: Shard) -> None:
    seen = perceive(knowing(proposals_model, shard, 4, turn=3), shard, np.random.default_rng(4))
    pairs = list(paired(seen, shard, 4))
    assert len(pairs) < len(shard.name)
    for a, b, _ in pairs:
        inner = max(min(a[2], b[2]) - max(a[0], b[0]), 0) * max(min(a[3], b[3]) - max(a[1], b[1]), 0)
        both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
        assert inner / (both - inner) >= 0.5 - 1e-6


def test_every_field_of_the_proposals_is_kept(seen: Perceived) -> None:
    for field in Proposals.__dataclass_fields__:
        assert len(getattr(seen.proposals, field)) == 8
