"""What the frozen encoders see of the training scenes, computed once and kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ..harness.contract import Region
from .batches import shown, turned
from .config import ProposalConfig
from .instructions import NOUN
from .model import EarthGPT
from .pointers import Slots
from .proposals import Proposals, select
from .trainer.example import Cached
from .vision import on_grid

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]


_FIELDS = tuple(Proposals.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Perceived:
    """Scenes as the language model meets them. `turns` are the symmetries they were seen under."""

    vit: Tensor  # (scenes, tokens, channels) float16
    maps: tuple[Tensor, ...]  # (scenes, grid^2, channels) float16 each
    proposals: Proposals
    turns: Tensor  # (scenes,)

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

    def one(self, scene: int) -> Cached:
        """What was seen of a scene, without the dimension of the batch."""
        return Cached(
            self.vit[scene],
            tuple(m[scene] for m in self.maps),
            Proposals(*(getattr(self.proposals, f)[scene] for f in _FIELDS)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Tensors alone, for `torch.save`; `from_dict` reads them back."""
        own = {f: getattr(self.proposals, f) for f in _FIELDS}
        return {"vit": self.vit, "maps": list(self.maps), "proposals": own, "turns": self.turns}

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Perceived:
        """What `to_dict` wrote."""
        return cls(raw["vit"], tuple(raw["maps"]), Proposals(**raw["proposals"]), raw["turns"])

    def found(self, scene: int, head: ProposalConfig, oriented: bool) -> list[Region]:
        """What detection lists of a scene, in parts of the square: the first proposals, under their names."""
        slots, scores = self.slots(scene), self.proposals.scores[scene]
        listed = int((self.proposals.valid[scene] & (scores >= head.listed)).sum())
        shapes = (slots.corners if oriented else slots.boxes)[:listed]
        nouns = self.nouns(scene, head)[:listed]
        return [Region(tuple(shape), noun) for shape, noun in zip(shapes, nouns, strict=True)]


@torch.no_grad()
def perceive(
    model: EarthGPT, pictures: Array, rng: np.random.Generator, size: int = 50, turns: Array | None = None
) -> Perceived:
    """Run the encoders over pictures (scenes, side, side, 3), `size` at a time.

    Each is seen under one of the eight symmetries, `turns` or a random one, and recoloured, as the encoders'
    batches are.
    """
    assert model.head is not None and model.config.proposals is not None
    turns = rng.integers(8, size=len(pictures)) if turns is None else turns
    vits, maps, found = [], [], []
    for start in range(0, len(turns), size):
        rows = range(start, min(start + size, len(turns)))
        images = np.stack([turned(pictures[i], int(turns[i])) for i in rows])
        features = model.encoders(shown(images, model.config.image_size, rng))
        vits.append(features.vit.half())
        maps.append([m.half() for m in on_grid(features.stages, model.config.vit.grid)])
        found.append(select(model.head(features), model.config.proposals))
    return Perceived(
        torch.cat(vits),
        tuple(torch.cat(parts) for parts in zip(*maps, strict=True)),
        Proposals(*(torch.cat([getattr(p, f) for p in found]) for f in _FIELDS)),
        torch.from_numpy(turns),
    )
