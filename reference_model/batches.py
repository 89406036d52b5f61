"""Batches for the encoders: scenes turned and mirrored exactly, recoloured, and made into targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .objectives import Targets, assign, oriented_of
from .preprocess import CLIP_MEAN, CLIP_STD
from .scenes import LEAST_VISIBLE, Shard

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

STRIDE = 8  # pixels between the cells of the proposal head
LEAST_SIDE = 0.042  # objects whose long side is a smaller share of the picture are not taught


@dataclass(frozen=True, slots=True)
class Batch:
    """Inputs and truths of one training step."""

    pixels: Tensor
    label: Tensor  # -1: not taught
    look: Tensor
    targets: Targets
    crops: Tensor
    crop_name: Tensor
    crop_type: Tensor


def turned(image: Array, turn: int) -> Array:
    """One of the eight symmetries of a square picture (height, width, ...): turn & 1, 2, 4 are the flips
    left-right and up-down and the exchange of the axes, in this order."""
    if turn & 1:
        image = image[:, ::-1]
    if turn & 2:
        image = image[::-1]
    return image.swapaxes(0, 1) if turn & 4 else image


def turned_points(points: Array, turn: int) -> Array:
    """Points (..., 2), fractions of the picture, under the same symmetry."""
    x, y = points[..., 0], points[..., 1]
    x, y = (1 - x if turn & 1 else x), (1 - y if turn & 2 else y)
    return np.stack([y, x] if turn & 4 else [x, y], -1)


def turned_boxes(boxes: Array, turn: int) -> Array:
    """Boxes (N, 4), fractions of the picture, under the same symmetry."""
    points = turned_points(boxes.reshape(-1, 2, 2), turn)
    return np.concatenate([points.min(1), points.max(1)], -1)


def batch(shard: Shard, scenes: Array, crops: Array, size: int, rng: np.random.Generator) -> Batch:
    """The training batch of the given scenes, shown at `size` pixels, and crops."""
    turns = rng.integers(8, size=len(scenes))
    images = np.stack([turned(shard.images[i], t) for i, t in zip(scenes, turns, strict=True)])
    cut = np.array([turned(shard.crops[i], int(rng.integers(8))) for i in crops], dtype=np.uint8)
    cut = cut.reshape(-1, *shard.crops.shape[1:])
    return Batch(
        pixels=shown(images, size, rng),
        label=torch.from_numpy(shard.label[scenes]),
        look=torch.from_numpy(shard.look[scenes]),
        targets=_targets(shard, scenes, turns, size // STRIDE),
        crops=shown(cut, cut.shape[1], rng),
        crop_name=torch.from_numpy(shard.crop_name[crops]),
        crop_type=torch.from_numpy(shard.crop_type[crops]),
    )


def resized(pixels: Tensor, size: int) -> Tensor:
    """Pictures (N, 3, S, S) at another size."""
    if pixels.shape[-1] == size:
        return pixels
    smaller = functional.interpolate(pixels, size=size, mode="bilinear", antialias=True)
    return smaller.contiguous(memory_format=torch.channels_last)


def recoloured(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """Pictures (N, 3, S, S), 0 to 255, under another light: gain, contrast and a colour cast each."""
    count = len(pixels)
    cast = rng.normal(1, 0.06, (count, 3, 1, 1)) * rng.normal(1, 0.12, (count, 1, 1, 1))
    contrast = np.exp(rng.normal(0, 0.15, (count, 1, 1, 1)))
    middle = pixels.mean((1, 2, 3), keepdim=True)
    scale, shift = (torch.from_numpy(v.astype(np.float32)) for v in (contrast, cast))
    return ((pixels - middle) * scale + middle * shift).clamp(0, 255)


def shown(images: Array, size: int, rng: np.random.Generator) -> Tensor:
    """uint8 pictures (N, S, S, 3) resized, recoloured and CLIP-normalised: (N, 3, size, size)."""
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    pixels = recoloured(resized(pixels, size), rng) / 255
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (CLIP_MEAN, CLIP_STD))
    return ((pixels - mean) / std).contiguous(memory_format=torch.channels_last)


def _targets(shard: Shard, scenes: Array, turns: Array, grid: int) -> Targets:
    cells, rows, boxes, corners = [], [], [], []
    known = 0
    for scene, turn in zip(scenes, turns, strict=True):
        part = np.arange(shard.offsets[scene], shard.offsets[scene + 1])
        box = turned_boxes(shard.box[part], turn)
        small = (box[:, 2:] - box[:, :2]).max(1, initial=0) < LEAST_SIDE
        cell = assign(box, small | (shard.visible[part] < LEAST_VISIBLE), grid)
        cells.append(np.where(cell >= 0, cell + known, cell))
        known += len(part)
        rows.append(part)
        boxes.append(box)
        corners.append(turned_points(shard.corners[part].reshape(-1, 4, 2), turn))
    row = np.concatenate(rows)
    return Targets(
        cell=torch.from_numpy(np.stack(cells)),
        name=torch.from_numpy(shard.name[row]),
        type=torch.from_numpy(shard.type[row]),
        box=torch.from_numpy(np.concatenate(boxes).astype(np.float32)),
        oriented=torch.from_numpy(oriented_of(np.concatenate(corners).reshape(-1, 8))),
    )
