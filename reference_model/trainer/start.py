"""Where a training starts: the model of a recipe with its weights, what is frozen, what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch

from ...harness.errors import ModelError, UsageError
from .. import checkpoint, weight_files
from ..bias_tuning import apply, read_tuning
from ..config import Config, from_dict, preset
from ..lazy import Lazy
from ..model import EarthGPT
from ..tokenizer import FILE as TOKENIZER
from ..tokenizer import Tokenizer
from ..trainable import freeze, group_of, groups_of
from .recipe import Recipe

FROZEN = ("encoders", "proposals")
NEW = ("projection", "delimiters")  # what a first alignment begins with at random (III-C)


@dataclass(frozen=True, slots=True)
class Start:
    """The model as training finds it. `trained` names what learns, `fresh` what no folder of `start` had."""

    model: EarthGPT
    tokenizer: Tokenizer
    trained: tuple[str, ...]
    fresh: tuple[str, ...]


def begin(recipe: Recipe) -> Start:
    """The model of a recipe on the CPU: loaded, tuned, frozen.

    In precision bf16 what stays frozen is bfloat16; what learns is float32 always. Random numbers come from
    the recipe's seed.

    Raises:
        UsageError: an unknown preset, group, key of the configuration or of the tuning; a group that stays
            frozen.
        ModelError: a folder of `start` is not one, tensors are missing, unknown or of another shape (they are
            named), there is no tokenizer, or its vocabulary is larger than the model's.
    """
    config = described(recipe)
    tokenizer = _tokenizer(recipe, config)
    tuned = "tuning" in groups_of(recipe.groups)
    tuning = read_tuning(recipe.tuning) if tuned else None
    groups = tuning.groups if tuning and recipe.trainable is None else groups_of(recipe.groups)
    if seeing := [group for group in groups if group in FROZEN]:
        raise UsageError(f"{seeing[0]} cannot be trained here.", "They stay frozen in every stage (V-A).")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model, fresh = _filled(recipe, config, groups) if recipe.folders else (EarthGPT(config), ("all",))
    if recipe.precision == "bf16":
        for parameter in model.parameters():  # not buffers: rotary frequencies would be rounded
            parameter.data = parameter.data.to(torch.bfloat16)
    if tuning:
        apply(model, tuning, recipe.seed)
    trained = freeze(model.eval(), groups)
    _promote(model, recipe, trained)
    return Start(model, tokenizer, tuple(trained), fresh)


def described(recipe: Recipe) -> Config:
    """The configuration: the preset's, or that of the first folder of `start` that has one; then `model`."""
    if recipe.preset is not None:
        config = preset(recipe.preset)
    else:
        folder = next((f for f in recipe.folders if (f / checkpoint.CONFIG).is_file()), None)
        if folder is None:
            raise ModelError(
                f"Neither `preset` nor `start` says what model to train: no {checkpoint.CONFIG} there.",
                "Give a preset (7b, 13b, sphinx_light, nano) or a start that is a checkpoint folder.",
            )
        config = checkpoint.read_config(folder)
    return from_dict(_merged(config.to_dict(), recipe.model))


def fingerprints(recipe: Recipe) -> dict[str, str]:
    """SHA-256 of the weights of each folder of `start`."""
    found = {}
    for folder in recipe.folders:
        done = sha256()
        for path in weight_files.files(folder):
            with path.open("rb") as opened:
                while part := opened.read(1 << 20):
                    done.update(part)
        found[str(folder)] = done.hexdigest()
    return found


def _tokenizer(recipe: Recipe, config: Config) -> Tokenizer:
    folders = [Path(recipe.tokenizer)] if recipe.tokenizer else [*reversed(recipe.folders)]
    folder = next((f for f in folders if (f / TOKENIZER).is_file()), None)
    if folder is None:
        raise ModelError(
            f"There is no {TOKENIZER} in {', '.join(map(str, folders)) or 'the recipe: it has no start'}.",
            "Give `tokenizer`, a folder that has one.",
        )
    tokenizer = Tokenizer.read(folder)
    if len(tokenizer) > config.language.vocab_size:
        raise ModelError(
            f"The tokenizer in {folder} has {len(tokenizer):,} tokens, "
            f"the model {config.language.vocab_size:,}.",
            "Give the tokenizer that belongs to the model, or set model.language.vocab_size.",
        )
    return tokenizer


def _filled(recipe: Recipe, config: Config, groups: tuple[str, ...]) -> tuple[EarthGPT, tuple[str, ...]]:
    model = checkpoint.empty(config, recipe.folders[0])
    tensors: dict[str, Lazy] = {}
    for folder in recipe.folders:
        tensors |= checkpoint.as_installed(weight_files.read(folder), model.state_dict())
    faults = checkpoint.misfits(model, tensors)
    tied = checkpoint.tied_names(config)
    fresh = tuple(name for name in model.state_dict() if name not in tensors and name not in tied)
    known = dict(model.named_parameters())
    allowed = {
        f"{n} is missing" for n in fresh if n in known and group_of(n) in NEW and group_of(n) in groups
    }
    if faults := [fault for fault in faults if fault not in allowed]:
        raise ModelError(
            f"The weights in {', '.join(map(str, recipe.folders))} do not fit the model: "
            f"{checkpoint.some(faults)}.",
            "Give the preset or configuration they were made for, or further folders under start.",
        )
    dtype = torch.bfloat16 if recipe.precision == "bf16" else torch.float32
    state = {name: tensor.cast(dtype).read() for name, tensor in tensors.items()}
    model.load_state_dict(state, strict=False, assign=True)
    model.language.tie_weights()
    _draw(model, fresh)
    return model, fresh


def _draw(model: EarthGPT, names: tuple[str, ...]) -> None:
    """Random weights for parameters that have none, as their modules draw them."""
    for name, module in model.named_modules():
        own = [n for n, _ in module.named_parameters(prefix=name, recurse=False) if n in names]
        if own and hasattr(module, "reset_parameters"):
            module.to_empty(device="cpu", recurse=False)
            module.reset_parameters()
    for name in ("start_img", "end_img"):
        if name in names:
            shape = (1, 1, model.config.language.width)
            setattr(model, name, torch.nn.Parameter(torch.rand(shape)))


def _promote(model: EarthGPT, recipe: Recipe, trained: list[str]) -> None:
    """float32 for what learns: from the files again, where bfloat16 had rounded it."""
    exact: dict[str, Lazy] = {}
    if recipe.precision == "bf16":
        for folder in recipe.folders:
            exact |= checkpoint.as_installed(weight_files.read(folder), model.state_dict())
    parameters: Mapping[str, torch.nn.Parameter] = dict(model.named_parameters())
    for name in trained:
        found = exact[name].read() if name in exact else parameters[name].data
        parameters[name].data = found.float()


def _merged(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        nested = isinstance(value, Mapping) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if nested else value
    return merged
