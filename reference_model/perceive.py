"""What the frozen encoders see of the training scenes, computed once and kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .batches import LEAST_SIDE, resized, turned, turned_boxes
from .model import EarthGPT
from .pointers import Slots
from .preprocess import normalised
from .proposals import Proposals, select
from .scenes import LEAST_VISIBLE, Shard
from .vision import on_grid

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

MATCH = 0.5  # IoU from which a proposal stands for an object


@dataclass(frozen=True, slots=True)
class Perceived:
    """Scenes as the language model meets them, each under one of the eight symmetries.

    `objects`: for each scene the (proposal, object row) pairs that the answer lists.
    """

    vit: Tensor  # (scenes, tokens, channels) float16
    maps: tuple[Tensor, ...]  # (scenes, grid^2, channels) float16 each
    proposals: Proposals
    objects: tuple[tuple[tuple[int, int], ...], ...]

    def slots(self, scene: int) -> Slots:
        """The proposals of a scene."""
        used = int(self.proposals.valid[scene].sum())
        boxes, corners = self.proposals.boxes[scene, :used], self.proposals.corners[scene, :used]
        return Slots(boxes.tolist(), corners.tolist())

    def prefix(self, model: EarthGPT, scenes: Tensor) -> Tensor:
        """The visual tokens of some scenes; gradients reach the projections."""
        chosen = Proposals(*(getattr(self.proposals, f)[scenes] for f in Proposals.__dataclass_fields__))
        return model.prefix(self.vit[scenes].float(), tuple(m[scenes].float() for m in self.maps), chosen)


@torch.no_grad()
def perceive(model: EarthGPT, shard: Shard, rng: np.random.Generator, size: int = 50) -> Perceived:
    """Run the encoders over all scenes of a shard."""
    assert model.head is not None and model.config.proposals is not None
    turns = rng.integers(8, size=len(shard.images))
    vits, maps, found, objects = [], [], [], []
    for start in range(0, len(turns), size):
        rows = range(start, min(start + size, len(turns)))
        images = np.stack([turned(shard.images[i], int(turns[i])) for i in rows])
        features = model.encoders(resized(normalised(images), model.config.image_size))
        proposals = select(model.head(features), model.config.proposals)
        vits.append(features.vit.half())
        maps.append([m.half() for m in on_grid(features.stages, model.config.vit.grid)])
        found.append(proposals)
        objects += [_matched(shard, i, int(turns[i]), proposals, i - start) for i in rows]
    fields = Proposals.__dataclass_fields__
    return Perceived(
        torch.cat(vits),
        tuple(torch.cat(parts) for parts in zip(*maps, strict=True)),
        Proposals(*(torch.cat([getattr(p, f) for p in found]) for f in fields)),
        tuple(objects),
    )


def _matched(
    shard: Shard, scene: int, turn: int, proposals: Proposals, place: int
) -> tuple[tuple[int, int], ...]:
    """(proposal, object row) pairs, best overlaps first, each of both at most once."""
    rows = np.arange(shard.offsets[scene], shard.offsets[scene + 1])
    boxes = turned_boxes(shard.box[rows], turn)
    taught = ((boxes[:, 2:] - boxes[:, :2]).max(1, initial=0) >= LEAST_SIDE) & (
        shard.visible[rows] >= LEAST_VISIBLE
    )
    overlap = _iou(proposals.boxes[place][proposals.valid[place]].numpy(), boxes)
    overlap[:, ~taught] = 0
    pairs = []
    while overlap.size and overlap.max() >= MATCH:
        i, j = np.unravel_index(overlap.argmax(), overlap.shape)
        pairs.append((int(i), int(rows[j])))
        overlap[i, :] = overlap[:, j] = 0
    return tuple(pairs)


def _iou(a: Array, b: Array) -> Array:
    inner = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    shared = np.clip(inner, 0, None).prod(-1)
    both = (a[:, 2:] - a[:, :2]).prod(-1)[:, None] + (b[:, 2:] - b[:, :2]).prod(-1)[None]
    return np.asarray(shared / np.maximum(both - shared, 1e-9))
