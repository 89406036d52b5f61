"""Proposals: a dense head on the encoders that boxes and names objects (`localisation: proposals`)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from .config import Config, ProposalConfig
from .vision import Features, stage_channels
from .walk import Step

BOX_FREQUENCIES = 6


@dataclass(frozen=True, slots=True)
class Dense:
    """The head's raw maps over the cells of the second CNN stage, each (batch, cells, ...), row by row."""

    objectness: Tensor  # (batch, cells) logits
    names: Tensor  # (batch, cells, names) logits
    types: Tensor  # (batch, cells, types) logits
    boxes: Tensor  # (batch, cells, 4): x1 y1 x2 y2, fractions of the square
    oriented: Tensor  # (batch, cells, 6): centre x, y, length, width (fractions), cos 2a, sin 2a
    features: Tensor  # (batch, cells, width)


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best boxes of each image: those that detection lists, then weaker ones; ordered by name, type, then
    top to bottom.

    `valid` (batch, count) marks the slots in use; they come first. `corners` are (batch, count, 8) fractions
    of the square, clockwise. `inputs` (batch, count, input size) is what the language model is shown.
    """

    valid: Tensor
    scores: Tensor
    boxes: Tensor
    corners: Tensor
    names: Tensor  # (batch, count) indices
    types: Tensor  # (batch, count) indices
    inputs: Tensor


class ProposalHead(nn.Module):
    """Sums the CNN's stages from stride 8 down and the ViT's last layer on one grid, then predicts per cell.

    Distances are regressed in units of a cell, as FCOS does (arXiv 1904.01355); objectness is trained towards
    the IoU of the cell's box (generalised focal loss, arXiv 2006.04388).
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        assert config.proposals is not None
        head, self._vit = config.proposals, config.vit.width
        dims = stage_channels(config)[1:]
        self.lateral = nn.ModuleList(nn.Conv2d(d, head.width, 1) for d in (*dims, config.vit.width))
        self.tower = nn.Sequential(*(_block(head.width) for _ in range(2)))
        self.objectness = nn.Conv2d(head.width, 1, 1)
        self.names = nn.Conv2d(head.width, len(head.names), 1)
        self.types = nn.Conv2d(head.width, len(head.types), 1)
        self.geometry = nn.Conv2d(head.width, 10, 1)
        assert self.objectness.bias is not None
        nn.init.constant_(self.objectness.bias, -3.0)  # objects are rare: start from a low probability

    def forward(self, features: Features) -> Dense:
        """Features of every stage of a batch to dense predictions."""
        base = features.stages[1]
        grid = base.shape[-1]
        x = self.lateral[0](base)
        for layer, stage in zip(self.lateral[1:-1], features.stages[2:], strict=True):
            x = x + functional.interpolate(layer(stage), size=grid, mode="bilinear", align_corners=False)
        patches = features.vit[:, 1:, -self._vit :]  # the last layer read
        side = math.isqrt(patches.shape[1])
        plane = patches.transpose(1, 2).view(len(patches), self._vit, side, side)
        x = x + functional.interpolate(
            self.lateral[-1](plane), size=grid, mode="bilinear", align_corners=False
        )
        x = self.tower(x)
        boxes, oriented = _geometry(_cells(self.geometry(x)), grid)
        return Dense(
            _cells(self.objectness(x))[..., 0],
            _cells(self.names(x)),
            _cells(self.types(x)),
            boxes,
            oriented,
            _cells(x),
        )


class ProposalTokens(nn.Module):
    """One visual token for each proposal: what is known of it, which ninth of the picture it is in, as
    phrases name it, and which slot, as the pointer to it does. An empty slot has all-zero inputs.

    Where a walk steps onto a proposal, it is shown again, by `step`: whether it is meant is decided there.
    """

    def __init__(self, head: ProposalConfig, width: int) -> None:
        super().__init__()
        self.proj, self.norm = nn.Linear(input_size(head), width), nn.LayerNorm(width)
        self.slots = nn.Parameter(torch.empty(head.count, width))
        self.places = nn.Linear(9, width, bias=False)
        self.step = Step(width)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Slots and places as far from each other as what the norm leaves is from its mean."""
        nn.init.normal_(self.slots)
        nn.init.normal_(self.places.weight)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, count, input size) to (batch, count, width)."""
        across, down = inputs[..., -6:-3], inputs[..., -3:]  # `thirds`
        ninths = (down[..., :, None] * across[..., None, :]).flatten(-2)
        shown: Tensor = self.norm(self.proj(inputs)) + self.places(ninths) + self.slots
        return shown


def input_size(head: ProposalConfig) -> int:
    """The length of what the language model is shown of one proposal."""
    return head.width + len(head.names) + len(head.types) + 1 + 8 * BOX_FREQUENCIES + 6


@torch.no_grad()
def select(dense: Dense, head: ProposalConfig) -> Proposals:
    """The proposals worth showing: above the threshold, none overlapping a better one, `count` at most."""
    batch = [_select_one(dense, index, head) for index in range(len(dense.objectness))]
    return Proposals(*(torch.stack(parts) for parts in zip(*batch, strict=True)))


def _select_one(dense: Dense, index: int, head: ProposalConfig) -> tuple[Tensor, ...]:
    from torchvision.ops import nms

    scores = dense.objectness[index].float().sigmoid()
    boxes = dense.boxes[index]
    kept = nms(boxes, scores, head.overlap)
    kept = kept[scores[kept] >= head.threshold][: head.count]
    names, types = dense.names[index].softmax(-1), dense.types[index].softmax(-1)
    kept = kept[_reading_order(scores[kept] < head.listed, names[kept], types[kept], boxes[kept])]
    inputs = torch.cat(
        [dense.features[index], names, types, scores[:, None], fourier(boxes), thirds(boxes)],
        dim=-1,
    ).to(dense.features.dtype)
    rows = (
        torch.ones_like(scores, dtype=torch.bool),
        scores,
        boxes.clamp(0, 1),
        corners(dense.oriented[index]).clamp(0, 1),
        names.argmax(-1),
        types.argmax(-1),
        inputs,
    )
    return tuple(_padded(row[kept], head.count) for row in rows)


def _reading_order(weak: Tensor, names: Tensor, types: Tensor, boxes: Tensor) -> Tensor:
    # An answer lists objects name by name, so this order makes writing it a walk along the proposals.
    keys = [
        (bool(w), int(n), int(t), float(b[1]), float(b[0]))
        for w, n, t, b in zip(weak, names.argmax(-1), types.argmax(-1), boxes, strict=True)
    ]
    return torch.tensor(sorted(range(len(keys)), key=keys.__getitem__), dtype=torch.long, device=boxes.device)


def corners(oriented: Tensor) -> Tensor:
    """(..., 6) centre, length, width, cos 2a, sin 2a to (..., 8) corners, clockwise on screen (y down)."""
    x, y, length, width, cos2, sin2 = oriented.unbind(-1)
    angle = torch.atan2(sin2, cos2) / 2
    ahead = torch.stack([angle.cos(), angle.sin()], -1)
    right = torch.stack([-angle.sin(), angle.cos()], -1)
    centre = torch.stack([x, y], -1)
    signs = ((1, -1), (1, 1), (-1, 1), (-1, -1))
    points = [centre + a / 2 * length[..., None] * ahead + b / 2 * width[..., None] * right for a, b in signs]
    return torch.cat(points, -1)


def fourier(boxes: Tensor) -> Tensor:
    """(..., 4) fractions to (..., 8 * BOX_FREQUENCIES) sines and cosines at doubling frequencies."""
    scale = 2.0 ** torch.arange(BOX_FREQUENCIES, device=boxes.device, dtype=boxes.dtype) * torch.pi
    phase = (boxes[..., None] * scale).flatten(-2)
    return torch.cat([phase.sin(), phase.cos()], -1)


def thirds(boxes: Tensor) -> Tensor:
    """(..., 4) fractions to (..., 6): which third of the picture the middle of a box is in, from the left,
    then from the top. Words tell places so: a phrase of a place is learned like one of a class."""
    middle = (boxes.clamp(0, 1).reshape(*boxes.shape[:-1], 2, 2).mean(-2) * 3).long().clamp(0, 2)
    return functional.one_hot(middle, 3).flatten(-2).to(boxes.dtype)


def cell_centres(grid: int, device: torch.device) -> Tensor:
    """The centres (cells, 2) of a grid x grid of cells, row by row, as fractions of the square."""
    line = (torch.arange(grid, device=device) + 0.5) / grid
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], -1)


def _geometry(raw: Tensor, grid: int) -> tuple[Tensor, Tensor]:
    raw = raw.float()  # places and overlaps keep full precision in a model of half
    centres = cell_centres(grid, raw.device)
    reach = raw[..., :4].clamp(-4, 4).exp() / grid
    boxes = torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], -1)
    middle = centres + raw[..., 4:6] / grid
    size = raw[..., 6:8].clamp(-4, 4).exp() / grid
    return boxes, torch.cat([middle, size, raw[..., 8:10]], -1)


def _block(width: int) -> nn.Module:
    return nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.GroupNorm(8, width), nn.GELU())


def _cells(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)


def _padded(rows: Tensor, count: int) -> Tensor:
    padded = rows.new_zeros((count, *rows.shape[1:]))
    padded[: len(rows)] = rows
    return padded
