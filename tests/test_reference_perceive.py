"""What the encoders see, computed once: the same as seen on the spot, and what proposals are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rsbench.reference_model.batches import shown, turned
from rsbench.reference_model.instructions import NOUN
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.perceive import Perceived, perceive
from rsbench.reference_model.preprocess import normalised
from rsbench.reference_model.proposals import Proposals
from rsbench.reference_model.scenes import Shard, read_shards


@pytest.fixture(scope="module")
def shard(scenes_folder: Path) -> Shard:
    return read_shards(sorted(scenes_folder.glob("*.npz")))


@pytest.fixture(scope="module")
def seen(proposals_model: EarthGPT, shard: Shard) -> Perceived:
    return perceive(proposals_model, shard.images, np.random.default_rng(3), size=3)


def prefix(model: EarthGPT, seen: Perceived, scenes: Sequence[int]) -> torch.Tensor:
    """The visual tokens of some scenes, put together one by one."""
    ones: list[Any] = [seen.one(scene) for scene in scenes]
    fields = Proposals.__dataclass_fields__
    chosen = Proposals(*(torch.stack([getattr(one.proposals, f) for one in ones]) for f in fields))
    maps = tuple(torch.stack(rows).float() for rows in zip(*(one.maps for one in ones), strict=True))
    return model.prefix(torch.stack([one.vit for one in ones]).float(), maps, chosen)


@torch.no_grad()
def test_scenes_are_seen_as_on_the_spot(proposals_model: EarthGPT, shard: Shard, seen: Perceived) -> None:
    rng = np.random.default_rng(3)
    turns = rng.integers(8, size=8)
    images = np.stack([turned(image, turn) for image, turn in zip(shard.images, turns, strict=True)])
    side = proposals_model.config.image_size
    lit = torch.cat([shown(images[i : i + 3], side, rng) for i in (0, 3, 6)])
    expected = proposals_model.see(lit)
    found = prefix(proposals_model, seen, range(8))
    torch.testing.assert_close(found, expected.tokens, atol=0.02, rtol=0)  # kept as float16
    some = prefix(proposals_model, seen, (5, 2))
    torch.testing.assert_close(some, found[[5, 2]], atol=1e-4, rtol=0)
    assert expected.proposals is not None
    for scene in range(8):
        used = int(expected.proposals.valid[scene].sum())
        assert len(seen.slots(scene).boxes) == len(seen.slots(scene).corners) == used
        np.testing.assert_allclose(seen.slots(scene).boxes, expected.proposals.boxes[scene, :used], atol=1e-5)


def test_proposals_are_called_what_the_head_takes_them_for(
    proposals_model: EarthGPT, seen: Perceived
) -> None:
    head = proposals_model.config.proposals
    assert head is not None
    said = [noun for scene in range(8) for noun in seen.nouns(scene, head)]
    assert len(said) == int(seen.proposals.valid.sum()) > 0
    assert set(said) <= {*head.names, *(f"{t} {NOUN}" for t in head.types)} - {NOUN}
    typed = replace(seen.proposals, names=torch.full_like(seen.proposals.names, head.names.index(NOUN)))
    shown = replace(seen, proposals=typed).nouns(0, head)
    assert shown == [f"{head.types[i]} {NOUN}" for i in seen.proposals.types[0, : len(shown)].tolist()]


def test_detection_lists_what_the_head_is_sure_of(proposals_model: EarthGPT, seen: Perceived) -> None:
    head = proposals_model.config.proposals
    assert head is not None
    whole = seen.found(0, head, oriented=False)
    assert len(whole) == int(seen.proposals.valid[0].sum()) > 1
    scores = torch.linspace(0.9, 0.1, seen.proposals.scores.shape[1]).expand_as(seen.proposals.scores)
    sure = replace(seen, proposals=replace(seen.proposals, scores=scores))
    listed = sure.found(0, replace(head, listed=float(scores[0, 1])), oriented=False)
    assert listed == whole[:2]


@torch.no_grad()
def test_light_changes_what_is_seen_and_repeats(
    proposals_model: EarthGPT, shard: Shard, seen: Perceived
) -> None:
    again = perceive(proposals_model, shard.images, np.random.default_rng(3), size=3)
    turns = np.random.default_rng(3).integers(8, size=8)
    images = np.stack([turned(image, turn) for image, turn in zip(shard.images, turns, strict=True)])
    unlit = proposals_model.encoders(normalised(images)).vit.half()
    assert torch.equal(again.vit, seen.vit) and not torch.allclose(unlit, seen.vit, atol=0.02)


def test_every_field_of_the_proposals_is_kept(seen: Perceived) -> None:
    for field in Proposals.__dataclass_fields__:
        assert len(getattr(seen.proposals, field)) == 8
