"""What the frozen encoders see of the training scenes, computed once and kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .batches import shown, turned
from .config import ProposalConfig
from .instructions import NOUN
from .model import EarthGPT
from .pointers import Slots
from .proposals import Proposals, select
from .vision import on_grid

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Perceived:
    """Scenes as the language model meets them."""

    vit: Tensor  # (scenes, tokens, channels) float16
    maps: tuple[Tensor, ...]  # (scenes, grid^2, channels) float16 each
    proposals: Proposals

    def slots(self, scene: int) -> Slots:
        """The proposals of a scene."""
        used = int(self.proposals.valid[scene].sum())
        boxes, corners = self.proposals.boxes[scene, :used], self.proposals.corners[scene, :used]
        return Slots(boxes.tolist(), corners.tolist())

    def nouns(self, scene: int, head: ProposalConfig) -> list[str]:
        """What the head takes each proposal of a scene for; an airplane is named with its type."""
        used = int(self.proposals.valid[scene].sum())
        names = [head.names[i] for i in self.proposals.names[scene, :used].tolist()]
        types = [head.types[i] for i in self.proposals.types[scene, :used].tolist()]
        return [f"{t} {n}" if n == NOUN else n for n, t in zip(names, types, strict=True)]

    def prefix(self, model: EarthGPT, scenes: Tensor) -> Tensor:
        """The visual tokens of some scenes; gradients reach the projections."""
        chosen = Proposals(*(getattr(self.proposals, f)[scenes] for f in Proposals.__dataclass_fields__))
        return model.prefix(self.vit[scenes].float(), tuple(m[scenes].float() for m in self.maps), chosen)


@torch.no_grad()
def perceive(model: EarthGPT, pictures: Array, rng: np.random.Generator, size: int = 50) -> Perceived:
    """Run the encoders over pictures (scenes, side, side, 3), `size` at a time.

    Each is seen under one of the eight symmetries and recoloured, as the encoders' batches are.
    """
    assert model.head is not None and model.config.proposals is not None
    turns = rng.integers(8, size=len(pictures))
    vits, maps, found = [], [], []
    for start in range(0, len(turns), size):
        rows = range(start, min(start + size, len(turns)))
        images = np.stack([turned(pictures[i], int(turns[i])) for i in rows])
        features = model.encoders(shown(images, model.config.image_size, rng))
        vits.append(features.vit.half())
        maps.append([m.half() for m in on_grid(features.stages, model.config.vit.grid)])
        found.append(select(model.head(features), model.config.proposals))
    fields = Proposals.__dataclass_fields__
    return Perceived(
        torch.cat(vits),
        tuple(torch.cat(parts) for parts in zip(*maps, strict=True)),
        Proposals(*(torch.cat([getattr(p, f) for p in found]) for f in fields)),
    )
