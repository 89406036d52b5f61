"""Batches for the encoders: scenes turned and mirrored exactly, recoloured, and made into targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .objectives import Targets, assign, oriented_of
from .preprocess import normalised
from .scenes import LEAST_VISIBLE, Shard

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

LEAST_SIDE = 0.025  # objects whose long side is a smaller share of the picture are not taught


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


def batch(shard: Shard, scenes: Array, crops: Array, grid: int, rng: np.random.Generator) -> Batch:
    """The training batch of the given scenes and crops."""
    turns = rng.integers(8, size=len(scenes))
    images = np.stack([turned(shard.images[i], t) for i, t in zip(scenes, turns, strict=True)])
    cut = np.stack([turned(shard.crops[i], int(rng.integers(8))) for i in crops])
    return Batch(
        pixels=normalised(recoloured(images, rng)),
        label=torch.from_numpy(shard.label[scenes]),
        look=torch.from_numpy(shard.look[scenes]),
        targets=_targets(shard, scenes, turns, grid),
        crops=normalised(recoloured(cut, rng)),
        crop_name=torch.from_numpy(shard.crop_name[crops]),
        crop_type=torch.from_numpy(shard.crop_type[crops]),
    )


def recoloured(images: Array, rng: np.random.Generator) -> Array:
    """uint8 (N, H, W, 3) under another light: gain, contrast and a colour cast a picture."""
    count = len(images)
    cast = rng.normal(1, 0.06, (count, 1, 1, 3)) * rng.normal(1, 0.12, (count, 1, 1, 1))
    contrast = np.exp(rng.normal(0, 0.15, (count, 1, 1, 1)))
    middle = images.mean(axis=(1, 2), keepdims=True)
    changed = (images - middle) * contrast.astype(np.float32) + middle * cast.astype(np.float32)
    return np.clip(changed, 0, 255).astype(np.uint8)


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
