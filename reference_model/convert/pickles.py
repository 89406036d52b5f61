"""Tensors of a torch.save file, never code: mapped from the disk, read when they are asked for."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from ...harness.errors import ModelError
from ..lazy import Lazy, lazy
from ..weight_files import read_file

_NESTS = ("model", "state_dict")  # where trainers put the weights beside their own state


def read_tensors(path: Path) -> dict[str, Lazy]:
    """The tensors of a .safetensors file, or of a torch.save file (.pth, .pt, .bin).

    Raises:
        ModelError: the file is missing or damaged, would run code, or holds something that is no tensor.
    """
    if path.suffix == ".safetensors":
        return read_file(path)
    loaded = _loaded(path)
    for nest in _NESTS:
        if isinstance(loaded, dict) and isinstance(loaded.get(nest), dict):
            loaded = loaded[nest]
    if not isinstance(loaded, dict) or not loaded:
        raise ModelError(f"{path} holds no named tensors.", "Give a file with a state dict.")
    strange = [name for name, value in loaded.items() if not isinstance(value, Tensor)]
    if strange:
        raise ModelError(f"{strange[0]!r} in {path} is no tensor.", "Give a file with a state dict.")
    return {str(name).removeprefix("module."): lazy(value) for name, value in loaded.items()}


def _loaded(path: Path) -> Any:
    try:
        return torch.load(str(path), map_location="cpu", weights_only=True, mmap=True)
    except FileNotFoundError as error:
        raise ModelError(f"There is no {path}.") from error
    except UnpicklingError as error:
        raise ModelError(
            f"{path} holds more than tensors: loading it would run code of whoever made it.",
            "Only weights are read. Ask its author for a state dict, or for safetensors.",
        ) from error
    except (RuntimeError, EOFError, ValueError) as error:
        raise ModelError(
            f"{path} cannot be read: {str(error).splitlines()[0]}",
            "It is damaged, or was saved by a torch older than 1.6. Copy it again, or save it anew.",
        ) from error
