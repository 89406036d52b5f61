"""The last stage of a training: one checkpoint folder from the states of the stages before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from .checkpoint import save
from .config import Config
from .tokenizer import Tokenizer
from .train_language import with_encoders


def export(config: Config, tokenizer: Tokenizer, folder: Path, recipe: Mapping[str, Any]) -> Path:
    """Write `folder/checkpoint` and say what it cost."""
    model = with_encoders(config, folder)
    state = torch.load(folder / "language.pt", weights_only=True)
    model.load_state_dict(state["model"])
    save(folder / "checkpoint", model, tokenizer)
    spent = {name: torch.load(folder / f"{name}.pt", weights_only=True) for name in ("encoders", "language")}
    for name, stage in spent.items():
        print(f"{name}: {stage['step']} steps, {stage['minutes']:.1f} minutes")
    return folder / "checkpoint"
