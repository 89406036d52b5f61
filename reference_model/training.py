"""What every training stage shares: optimiser, learning rate, and state that survives a stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

BETAS = (0.9, 0.95)  # V-A


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up over a share of the steps, then half a cosine down to 0 (V-A: minimum 0)."""

    peak: float
    warm_up: float
    steps: int

    def at(self, step: int) -> float:
        """The learning rate of a step, counted from 0.

        >>> Schedule(1.0, 0.1, 100).at(9), round(Schedule(1.0, 0.1, 100).at(55), 3)
        (1.0, 0.5)
        """
        warm = max(1, round(self.warm_up * self.steps))
        if step < warm:
            return self.peak * (step + 1) / warm
        return self.peak * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.steps - warm)))

    def apply(self, adam: torch.optim.Optimizer, step: int) -> None:
        """Set the learning rate for this step."""
        for group in adam.param_groups:
            group["lr"] = self.at(step)


def in_cycle(cycles: Sequence[Schedule], adam: torch.optim.Optimizer, step: int) -> None:
    """Set the learning rate of a training that warms up and decays several times."""
    for cycle in cycles:
        if step < cycle.steps:
            break
        step -= cycle.steps
    cycle.apply(adam, step)


def optimizer(model: nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """AdamW; gains, biases and other vectors are not decayed."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=BETAS, fused=True)


def save_state(path: Path, model: nn.Module, adam: torch.optim.Optimizer, step: int, minutes: float) -> None:
    """Write the state whole or not at all."""
    part = path.with_suffix(".part")
    state: dict[str, Any] = {"model": model.state_dict(), "adam": adam.state_dict()}
    torch.save(state | {"step": step, "minutes": minutes}, part)
    part.replace(path)


def load_state(path: Path, model: nn.Module, adam: torch.optim.Optimizer | None) -> tuple[int, float]:
    """Restore what `save_state` wrote: (steps done, minutes spent); (0, 0.0) where there is nothing."""
    if not path.is_file():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    if adam is not None:
        adam.load_state_dict(state["adam"])
    return int(state["step"]), float(state["minutes"])
