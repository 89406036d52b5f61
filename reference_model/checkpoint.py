"""A model on disk: a folder with config.json, tokenizer.json and model.safetensors, or shards of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..harness.errors import ModelError, missing_extra
from . import weight_files
from .config import Config, from_dict
from .tokenizer import FILE as TOKENIZER
from .tokenizer import Tokenizer

if TYPE_CHECKING:
    from .lazy import Lazy, Tensors
    from .model import EarthGPT

CONFIG, WEIGHTS = "config.json", weight_files.SINGLE
TRAINED = "trainer_state.json"  # beside the weights of a checkpoint that transformers' Trainer wrote
SHIPPED = Path(__file__).parent / "weights"
_NAMED = 5  # tensors an error names


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A loaded model in evaluation mode; `digest` is the SHA-256 of its files."""

    model: EarthGPT
    tokenizer: Tokenizer
    config: Config
    digest: str


def save(folder: Path, model: EarthGPT, tokenizer: Tokenizer) -> None:
    """Write the files, weights as float16; a tied output head is left out."""
    import torch

    from .lazy import lazy

    tied = tied_names(model.config)
    state = {k: lazy(v).cast(torch.float16) for k, v in model.state_dict().items() if k not in tied}
    write(folder, model.config, state, tokenizer)


def write(
    folder: Path,
    config: Config,
    tensors: Tensors,
    tokenizer: Tokenizer,
    shard_bytes: int = weight_files.SHARD_BYTES,
) -> None:
    """Write a model that need not be in memory: one shard of it at a time is.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weight_files.write(folder, tensors, shard_bytes)
    text = json.dumps(config.to_dict(), indent=1) + "\n"
    (folder / CONFIG).write_text(text, encoding="utf-8")
    tokenizer.write(folder)


def load(folder: Path, device: str = "cpu", dtype: str = "float32") -> Checkpoint:
    """Read a model for inference: never more in memory than it and one tensor.

    Raises:
        ModelError: a file is missing or damaged, torch is not installed, the device or dtype cannot be had,
            the configuration describes no model, or tensors do not fit it (the message names them).
    """
    try:
        import torch
    except ImportError as error:
        raise missing_extra("torch", "models") from error
    config = read_config(folder)
    tokenizer = Tokenizer.read(folder)
    model = empty(config, folder / CONFIG)
    tensors = as_installed(weight_files.read(folder), model.state_dict())
    faults = misfits(model, tensors)
    if faults:
        raise ModelError(
            f"The weights in {folder} do not fit their {CONFIG}: {some(faults)}.",
            f"Give the {CONFIG} the weights were trained with.",
        )
    try:
        kind = getattr(torch, dtype)
        filled = {name: tensor.cast(kind).read().to(device) for name, tensor in tensors.items()}
        model.load_state_dict(filled, strict=False, assign=True)
        model.language.tie_weights()
        model.to(device)  # the buffers that no file holds
    except (RuntimeError, AssertionError) as error:
        raise ModelError(
            f"The model cannot be put on {device} as {dtype}: {error}", "Try --device cpu."
        ) from error
    return Checkpoint(model.eval(), tokenizer, config, digest(folder))


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the files."""
    paths = [folder / CONFIG, folder / TOKENIZER, *weight_files.files(folder)]
    parts = [f"{path.name}:{_sha256(path)}" for path in paths]
    return sha256("\n".join(parts).encode()).hexdigest()


def _sha256(path: Path) -> str:
    done = sha256()
    with path.open("rb") as opened:
        while block := opened.read(1 << 20):
            done.update(block)
    return done.hexdigest()


def read_config(folder: Path) -> Config:
    """The configuration of a checkpoint folder.

    Raises:
        UsageError: an unknown key. ModelError: the file is missing, no JSON, or describes no model.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise ModelError(
            f"There is no {CONFIG} in {folder}.",
            f"It is a checkpoint of a training. Make a model of it: rsbench convert {folder} OUT"
            if is_of_training(folder)
            else _expected(),
        )
    return from_dict(read_json(path))


def is_of_training(folder: Path) -> bool:
    """Whether a folder looks like a checkpoint that a training continues from, which is no model alone."""
    return all((folder / name).is_file() for name in (TRAINED, WEIGHTS)) and not (folder / CONFIG).exists()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of a file.

    Raises:
        ModelError: the file is missing, no JSON, or another value.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}.", _expected()) from error
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}.", _expected()) from error
    if not isinstance(raw, dict):
        raise ModelError(f"{path} is not a mapping.", _expected())
    return raw


def empty(config: Config, source: Path) -> EarthGPT:
    """The model without weights: parameters take no memory, buffers that no file holds are there.

    Raises:
        ModelError: the configuration, which came from `source`, describes no model.
    """
    from .model import EarthGPT

    try:
        with weightless():
            return EarthGPT(config)
    except ModelError:
        raise
    except Exception as error:  # torch, timm, open_clip and transformers each refuse in their own way
        raise ModelError(f"{source} describes no model: {error}", _expected()) from error


def weightless() -> AbstractContextManager[None]:
    """Modules built inside have parameters that take no memory, and real buffers.

    Raises:
        ModelError: accelerate is not installed.
    """
    try:
        from accelerate import init_empty_weights
    except ImportError as error:
        raise missing_extra("accelerate", "models") from error
    empty_weights: AbstractContextManager[None] = init_empty_weights(include_buffers=False)
    return empty_weights


def as_installed(tensors: Tensors, known: Iterable[str]) -> dict[str, Lazy]:
    """The ViT's tensors as the installed transformers names them: as in `known`, a model it built."""
    from .convert import dinov2

    return dinov2.as_installed(tensors, "encoders.vit.", known)


def misfits(model: EarthGPT, tensors: Tensors) -> list[str]:
    """What is missing, not known, or of another shape, in words; empty if the tensors fit the model."""
    tied = tied_names(model.config)
    return differences({k: v.shape for k, v in model.state_dict().items() if k not in tied}, tensors)


def differences(wanted: Mapping[str, Sequence[int]], tensors: Tensors) -> list[str]:
    """What is missing, not known, or of another shape than wanted, in words."""
    given = {name: tensor.shape for name, tensor in tensors.items()}
    faults = [f"{k} is missing" for k in wanted.keys() - given.keys()]
    faults += [f"{k} is not known" for k in given.keys() - wanted.keys()]
    both = [(k, given[k], tuple(wanted[k])) for k in wanted.keys() & given.keys()]
    return sorted(faults + [f"{k} is {have}, not {need}" for k, have, need in both if have != need])


def some(faults: list[str]) -> str:
    """The first few of many, and how many more."""
    more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
    return "; ".join(faults[:_NAMED]) + more


def tied_names(config: Config) -> frozenset[str]:
    """The tensors that are another name for one that is stored."""
    return frozenset({"language.lm_head.weight"} if config.language.tied else ())


def _expected() -> str:
    return f"A checkpoint is a folder with {CONFIG}, {TOKENIZER} and {WEIGHTS} or its shards."
