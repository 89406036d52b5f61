"""A model on disk: a folder with config.json, tokenizer.json and model.safetensors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..harness.errors import ModelError, missing_extra
from .config import Config, from_dict
from .tokenizer import FILE as TOKENIZER
from .tokenizer import Tokenizer

if TYPE_CHECKING:
    from .model import EarthGPT

CONFIG, WEIGHTS = "config.json", "model.safetensors"
SHIPPED = Path(__file__).parent / "weights"
_NAMED = 5  # tensors an error names


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A loaded model in evaluation mode; `digest` is the SHA-256 of its three files."""

    model: EarthGPT
    tokenizer: Tokenizer
    config: Config
    digest: str


def save(folder: Path, model: EarthGPT, tokenizer: Tokenizer) -> None:
    """Write the three files, weights as float16; a tied output head is left out."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.half().contiguous() for k, v in model.state_dict().items() if k not in _tied(model)}
    save_file(tensors, folder / WEIGHTS)
    text = json.dumps(model.config.to_dict(), indent=1) + "\n"
    (folder / CONFIG).write_text(text, encoding="utf-8")
    tokenizer.write(folder)


def load(folder: Path, device: str = "cpu", dtype: str = "float32") -> Checkpoint:
    """Read a model for inference.

    Raises:
        ModelError: a file is missing or damaged, torch is not installed, the device or dtype cannot be had,
            the configuration describes no model, or tensors do not fit it (the message names them).
    """
    try:
        import torch
        from safetensors.torch import load_file
    except ImportError as error:
        raise missing_extra("torch", "models") from error
    config = _config(folder)
    tokenizer = Tokenizer.read(folder)
    try:
        tensors = load_file(folder / WEIGHTS)
    except FileNotFoundError as error:
        raise ModelError(f"There is no {WEIGHTS} in {folder}.", _expected()) from error
    except Exception as error:  # safetensors raises its own and plain exceptions
        raise ModelError(f"{folder / WEIGHTS} cannot be read: {error}.", _expected()) from error
    model = _model(config, tensors, folder)
    try:
        model.to(device=device, dtype=getattr(torch, dtype))
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            f"The model cannot be put on {device} as {dtype}: {error}", "Try --device cpu."
        ) from error
    return Checkpoint(model.eval(), tokenizer, config, digest(folder))


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the three files."""
    parts = [f"{n}:{sha256((folder / n).read_bytes()).hexdigest()}" for n in (CONFIG, TOKENIZER, WEIGHTS)]
    return sha256("\n".join(parts).encode()).hexdigest()


def _config(folder: Path) -> Config:
    path = folder / CONFIG
    if not path.is_file():
        raise ModelError(f"There is no {CONFIG} in {folder}.", _expected())
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}.", _expected()) from error
    return from_dict(raw)


def _model(config: Config, tensors: dict[str, Any], folder: Path) -> EarthGPT:
    from .model import EarthGPT

    try:
        model = EarthGPT(config)
    except Exception as error:  # torch, timm, open_clip and transformers each refuse in their own way
        raise ModelError(f"{folder / CONFIG} describes no model: {error}", _expected()) from error
    wanted = {k: tuple(v.shape) for k, v in model.state_dict().items() if k not in _tied(model)}
    given = {k: tuple(v.shape) for k, v in tensors.items()}
    faults = [f"{k} is missing" for k in wanted.keys() - given.keys()]
    faults += [f"{k} is not known" for k in given.keys() - wanted.keys()]
    faults += [
        f"{k} is {given[k]}, not {wanted[k]}" for k in wanted.keys() & given.keys() if given[k] != wanted[k]
    ]
    if faults:
        some = "; ".join(sorted(faults)[:_NAMED])
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise ModelError(
            f"The weights in {folder} do not fit their {CONFIG}: {some}{more}.",
            f"Give the {CONFIG} the weights were trained with.",
        )
    model.load_state_dict({k: v.float() for k, v in tensors.items()}, strict=False)
    return model


def _tied(model: EarthGPT) -> frozenset[str]:
    return frozenset({"language.lm_head.weight"} if model.config.language.tied else ())


def _expected() -> str:
    return f"A checkpoint is a folder with {CONFIG}, {TOKENIZER} and {WEIGHTS}."
