"""Checkpoints of a training: written beside, then renamed, so that one that has its name is whole."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ...harness.errors import ModelError

PART = "checkpoint.part"
WEIGHTS = "model.safetensors"
NOTED = "recipe.json"  # what a folder trains
_NAME = re.compile(r"checkpoint-(\d+)")


def steps_of(folder: Path) -> list[int]:
    """The steps there are checkpoints of, the first first."""
    found = (_NAME.fullmatch(path.name) for path in folder.glob("checkpoint-*"))
    return sorted(int(match[1]) for match in found if match)


def at(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"checkpoint-{step}"


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say what a checkpoint that cannot be written means.

    Raises:
        ModelError: in place of what the disk, safetensors (its own error) or torch (RuntimeError) raise.
    """
    try:
        yield
    except (OSError, SafetensorError, RuntimeError) as error:
        raise ModelError(f"A checkpoint cannot be written to {folder}: {error}", goes_on(folder)) from error


def goes_on(folder: Path, mend: bool = True) -> str:
    """How to continue, for a message; `mend` says that something must change before."""
    steps = steps_of(folder)
    whole = f"The checkpoint of step {steps[-1]} is whole" if steps else "There is no checkpoint yet"
    before = "when that is mended, " if mend else ""
    return f"{whole}: {before}the same command {'continues from it' if steps else 'begins anew'}."


def publish(folder: Path, step: int, keep: int) -> None:
    """Give the checkpoint that lies in `PART` its name, and remove all but the last `keep`."""
    target = at(folder, step)
    if target.exists():
        shutil.rmtree(target)
    (folder / PART / target.name).rename(target)
    shutil.rmtree(folder / PART)
    for old in steps_of(folder)[:-keep]:
        shutil.rmtree(at(folder, old))


def save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors as they are."""
    save_file({k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}, path)


def load_tensors(path: Path, into: Mapping[str, Tensor]) -> None:
    """Copy the tensors of a file into those of the same names.

    Raises:
        ModelError: the file is damaged, or has other names or shapes.
    """
    try:
        given = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"{path} cannot be read: {error}", "Remove that checkpoint to use an earlier one."
        ) from error
    faults = [f"{n} is missing" for n in into.keys() - given.keys()]
    faults += [f"{n} is not trained here" for n in given.keys() - into.keys()]
    faults += [
        f"{n} is {tuple(given[n].shape)}, not {tuple(into[n].shape)}"
        for n in given.keys() & into.keys()
        if given[n].shape != into[n].shape
    ]
    if faults:
        raise ModelError(
            f"{path} belongs to another training: {'; '.join(sorted(faults)[:5])}.", "Give another --output."
        )
    for name, tensor in into.items():
        tensor.copy_(given[name])


def remember(folder: Path, state: Mapping[str, Any]) -> None:
    """Note what a folder trains, or make sure that it is what it trained before.

    Raises:
        ModelError: another recipe or other weights to start from; the keys that differ are named.
    """
    path = folder / NOTED
    text = json.dumps(state, indent=1, sort_keys=True) + "\n"
    if not path.is_file():
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    if before["digest"] == state["digest"] and before["start"] == state["start"]:
        return
    old, new = before["recipe"], state["recipe"]
    keys = sorted(k for k in old.keys() | new.keys() if old.get(k) != new.get(k)) or ["the weights of start"]
    raise ModelError(
        f"{folder} holds a training of another recipe: {', '.join(keys)} differ.",
        "Give another --output, or remove that folder.",
    )
