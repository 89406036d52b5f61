"""The model of a checkpoint that a training wrote: what was learned, over the weights it began from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ...harness.errors import ModelError
from .. import checkpoint
from ..bias_tuning import fold_model, is_tuned
from ..model import EarthGPT
from ..tokenizer import Tokenizer
from . import checkpoints, recipe
from .start import begin, fingerprints

_NEEDED = "A checkpoint of a training holds what it learned alone; the rest is where it began. "


def read(path: Path) -> tuple[EarthGPT, Tokenizer]:
    """The model of `TRAINING/checkpoint-N`, as that training exports it when it ends.

    Raises:
        UsageError, ModelError: there is no recipe in the training's folder, what it began from is gone or was
            changed, or the checkpoint is damaged or was removed while it was read.
    """
    path = path.resolve()
    noted = _noted(path)
    try:
        if noted["recipe"].get("stage") == "encoders":
            from . import encoder_recipe, encoders

            taught = encoder_recipe.parse(noted["recipe"], checkpoints.NOTED)
            _see_that_there_are([Path(taught.start)] if taught.start else [], path)
            return encoders.trained_model(taught, path)
        said = recipe.parse(noted["recipe"], checkpoints.NOTED)
        _see_that_there_are(said.folders, path)
        if fingerprints(said) != noted["start"]:
            raise ModelError(
                f"The weights in {' or '.join(map(str, said.folders))} are not those that the training in "
                f"{path.parent} began from.",
                f"{_NEEDED}Put back what was there.",
            )
        return trained_model(said, path)
    except ModelError as error:
        if (path / checkpoints.WEIGHTS).is_file():
            raise
        raise ModelError(
            f"{path} was removed while it was read.",
            "A training keeps its last checkpoints (`keep` in its recipe): take the newest one.",
        ) from error


def trained_model(said: recipe.Recipe, path: Path) -> tuple[EarthGPT, Tokenizer]:
    """The whole model of a checkpoint of the stages `align` and `tune`, tuning folded into plain weights.

    It is put together from `start` and the checkpoint, so that no precision or sharding of the training
    matters.

    Raises:
        UsageError, ModelError: as `start.begin`; the checkpoint is damaged or of another recipe.
    """
    start = begin(replace(said, precision="fp32"))
    every = dict(start.model.named_parameters())
    with torch.no_grad():
        checkpoints.load_tensors(path / checkpoints.WEIGHTS, {name: every[name] for name in start.trained})
    if is_tuned(start.model):
        fold_model(start.model)
    return start.model, start.tokenizer


def _noted(path: Path) -> dict[str, Any]:
    """What `checkpoints.remember` wrote beside a checkpoint."""
    place = path.parent / checkpoints.NOTED
    if not place.is_file():
        raise ModelError(
            f"There is no {checkpoints.NOTED} beside {path}: what the training began from is not known.",
            "Give the checkpoint in the folder that `rsbench train` wrote it to, or copy that folder whole.",
        )
    noted = checkpoint.read_json(place)
    if not isinstance(noted.get("recipe"), dict) or "start" not in noted:
        raise ModelError(f"{place} is not what `rsbench train` writes.", "Put back what was there.")
    return noted


def _see_that_there_are(starts: Sequence[Path], path: Path) -> None:
    missing = [start for start in starts if not start.is_dir()]
    if missing:
        raise ModelError(
            f"The training in {path.parent} began from {missing[0]}, which is not there.",
            f"{_NEEDED}Put that folder back; a relative path counts from where `rsbench train` was run.",
        )
