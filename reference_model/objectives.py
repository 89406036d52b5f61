"""What the encoders are taught: which cell answers for which object, and the losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .proposals import Dense

if TYPE_CHECKING:
    import numpy.typing as npt

NOBODY, IGNORED = -1, -2


@dataclass(frozen=True, slots=True)
class Targets:
    """The objects of a batch; `cell` (batch, cells) is the row a cell answers for, or a mark."""

    cell: Tensor
    name: Tensor
    type: Tensor  # -1: none
    box: Tensor  # (objects, 4) fractions
    oriented: Tensor  # (objects, 6) as in `Dense.oriented`


def assign(boxes: npt.NDArray[Any], ignored: npt.NDArray[np.bool_], grid: int) -> npt.NDArray[np.int64]:
    """The object each cell answers for: (grid^2,) rows of `boxes` (N, 4), NOBODY or IGNORED.

    A cell belongs to the smallest object whose middle half (per axis) holds its centre; every object gets at
    least the cell under its middle. Cells touched by an ignored object are neither object nor background.
    """
    line = (np.arange(grid) + 0.5) / grid
    centres = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    cell = np.full(grid * grid, NOBODY, dtype=np.int64)
    middle, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    largest_first = np.argsort(-size.prod(1), kind="stable")
    for row in largest_first:
        share = 1.0 if ignored[row] else 0.5
        inside = (np.abs(centres - middle[row]) <= size[row] * share / 2).all(1)
        column, line_number = np.clip((middle[row] * grid).astype(int), 0, grid - 1)
        inside[line_number * grid + column] = True
        cell[inside] = IGNORED if ignored[row] else row
    return cell


def oriented_of(corners: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """(N, 8) corners from the front left on to (N, 6): centre, length, width, cos 2a, sin 2a."""
    points = corners.reshape(-1, 4, 2)
    ahead = (points[:, 0] + points[:, 1] - points[:, 2] - points[:, 3]) / 2
    across = (points[:, 1] + points[:, 2] - points[:, 0] - points[:, 3]) / 2
    angle = 2 * np.arctan2(ahead[:, 1], ahead[:, 0])
    return np.column_stack(
        [
            points.mean(1),
            np.hypot(*ahead.T),
            np.hypot(*across.T),
            np.cos(angle),
            np.sin(angle),
        ]
    ).astype(np.float32)


def dense_losses(dense: Dense, targets: Targets) -> dict[str, Tensor]:
    """Objectness (quality focal loss), names, types, boxes (1 - generalised IoU) and oriented boxes (L1)."""
    from torchvision.ops import generalized_box_iou_loss

    taken = targets.cell >= 0
    row = targets.cell[taken]
    count = max(int(taken.sum()), 1)
    boxes, oriented = dense.boxes[taken], dense.oriented[taken]
    truth = targets.box[row]
    quality = torch.zeros_like(dense.objectness)
    # The floor keeps "there is something" alive while boxes are still bad.
    quality[taken] = _iou(boxes.detach(), truth).clamp(min=0.2)
    typed = targets.type[row] >= 0
    return {
        "object": _quality_focal(dense.objectness, quality)[targets.cell != IGNORED].sum() / count,
        "name": functional.cross_entropy(dense.names[taken], targets.name[row], reduction="sum") / count,
        "type": functional.cross_entropy(dense.types[taken][typed], targets.type[row][typed], reduction="sum")
        / max(int(typed.sum()), 1),
        "box": generalized_box_iou_loss(boxes, truth, reduction="sum") / count,
        "oriented": _oriented_loss(oriented, targets.oriented[row]) / count,
    }


def _quality_focal(logits: Tensor, quality: Tensor) -> Tensor:
    return (quality - logits.detach().sigmoid()).square() * functional.binary_cross_entropy_with_logits(
        logits, quality, reduction="none"
    )


def _oriented_loss(predicted: Tensor, truth: Tensor) -> Tensor:
    size = truth[:, 2:4].clamp(min=1e-3)
    middle = ((predicted[:, :2] - truth[:, :2]) / size.amax(1, keepdim=True)).abs().sum()
    sides = (predicted[:, 2:4].clamp(min=1e-4) / size).log().abs().sum()
    turn = (predicted[:, 4:] - truth[:, 4:]).abs().sum()
    return 2 * middle + sides + 0.5 * turn


def _iou(a: Tensor, b: Tensor) -> Tensor:
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    both = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1)
    return inner / (both - inner).clamp(min=1e-9)
