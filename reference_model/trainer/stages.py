"""The stages of a training by name, and the one that is not Trainer's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ...harness.errors import UsageError, unknown

# stage -> "module:function" of (raw recipe, name of its file, folder, dry, say)
STAGES = {
    "encoders": "rsbench.reference_model.trainer.stages:encoders",
    "align": "rsbench.reference_model.trainer.train:train",
    "tune": "rsbench.reference_model.trainer.train:train",
}
Say = Callable[[str], None]


def run(raw: Mapping[str, Any], file: str, folder: Path, dry: bool, say: Say) -> None:
    """The stage that a recipe names.

    Raises:
        UsageError: no stage, or one that does not exist.
    """
    stage = raw.get("stage")
    if stage is None:
        raise UsageError(f"{file} has no key 'stage'.", f"It is one of {', '.join(STAGES)}.")
    if stage not in STAGES:
        raise unknown(f"stage in {file}", str(stage), STAGES)
    module, _, attribute = STAGES[stage].partition(":")
    getattr(import_module(module), attribute)(raw, file, folder, dry, say)


def encoders(raw: Mapping[str, Any], file: str, folder: Path, dry: bool, say: Say) -> None:
    """Nano's encoders from nothing: their scenes and `train_encoders`, which has its own keys and loop."""
    from ..train import prepare
    from ..train import run as run_stages

    keys = ("stage", "preset", "scenes", "encoders")
    for key in raw:
        if key not in keys:
            raise unknown(f"key of {file}", str(key), keys)
    for key in keys:
        if key not in raw:
            raise UsageError(f"{file} has no key {key!r}.", "See reference_model/recipes/nano.yaml.")
    if dry:
        config, _ = prepare(raw, folder)
        steps = sum(phase["steps"] for phase in raw["encoders"]["phases"])
        say(f"encoders of {config.name}: {steps:,} steps of {raw['encoders']['batch']} pictures")
        return
    run_stages(raw, folder, ("scenes", "encoders"))
