"""The stages of a training by name, and recipes that are several trained one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ...harness.errors import UsageError, unknown
from ..checkpoint import SHIPPED
from .recipe import read_yaml

# stage -> "module:function" of (raw recipe, name of its file, folder, dry, say)
STAGES = {
    "encoders": "rsbench.reference_model.trainer.encoders:train",
    "align": "rsbench.reference_model.trainer.train:train",
    "tune": "rsbench.reference_model.trainer.train:train",
}
Say = Callable[[str], None]


def run_file(path: Path, output: Path | None, overrides: Sequence[str], dry: bool, say: Say) -> None:
    """Train the recipe of a file in `output` (training/NAME without it).

    A file with the one key `recipes` names others that lie beside it: they are trained in turn, each in its
    own folder below `output`.

    Raises:
        UsageError: the recipe asks for what there is not.
        ModelError: it cannot be read.
    """
    raw = read_yaml(path, overrides)
    if "recipes" not in raw:
        run(raw, path.name, output or Path("training") / path.stem, dry, say)
        return
    names = raw["recipes"]
    if len(raw) > 1 or not isinstance(names, list):
        raise UsageError(f"{path.name} must hold the list `recipes` and nothing else.")
    for name in names:
        folder = (output or Path("training")) / str(name)
        child = read_yaml(path.with_name(f"{name}.yaml"))
        missing = dry and not all(Path(start).is_dir() for start in _starts(child, folder))
        if missing:
            say(f"{name}: starts where the stage before ends")
        else:
            run(child, f"{name}.yaml", folder, dry, say)


def run(raw: Mapping[str, Any], file: str, folder: Path, dry: bool, say: Say) -> None:
    """The stage that a recipe names.

    In `start`, "shipped" is the model that comes with the package, and "@NAME" what the recipe NAME trained
    in the folder beside this one.

    Raises:
        UsageError: no stage, or one that does not exist.
    """
    stage = raw.get("stage")
    if stage is None:
        raise UsageError(f"{file} has no key 'stage'.", f"It is one of {', '.join(STAGES)}.")
    if stage not in STAGES:
        raise unknown(f"stage in {file}", str(stage), STAGES)
    if starts := _starts(raw, folder):
        raw = {**raw, "start": starts[0] if isinstance(raw["start"], str) else starts}
    module, _, attribute = STAGES[stage].partition(":")
    getattr(import_module(module), attribute)(raw, file, folder, dry, say)


def _starts(raw: Mapping[str, Any], folder: Path) -> list[Any]:
    start = raw.get("start", [])
    return [_resolved(one, folder) for one in ([start] if isinstance(start, str) else start)]


def _resolved(start: Any, folder: Path) -> Any:
    if start == "shipped":
        return str(SHIPPED)
    if isinstance(start, str) and start.startswith("@"):
        return str(folder.parent / start[1:] / "checkpoint")
    return start
