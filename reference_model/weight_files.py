"""Safetensors on disk, in one file or in several with an index, read and written tensor by tensor."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..harness.errors import ModelError
from .lazy import Lazy, Tensors, own

if TYPE_CHECKING:
    import torch

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
SHARD_BYTES = 5_000_000_000  # what hubs of models are used to

_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}


def files(folder: Path) -> list[Path]:
    """The files the weights of a folder are in: one, or the index and what it names.

    Raises:
        ModelError: there are none, or the index is damaged or names a file that is missing.
    """
    index = folder / INDEX
    if (folder / SINGLE).is_file() or not index.is_file():
        if not (folder / SINGLE).is_file():
            raise ModelError(f"There is no {SINGLE} in {folder}.", f"Nor is there {INDEX}.")
        return [folder / SINGLE]
    try:
        named = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        shards = [folder / Path(name).name for name in named]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{index} cannot be read: {error}.", "An index has a weight_map.") from error
    for shard in shards:
        if not shard.is_file():
            raise ModelError(f"{shard.name} is missing in {folder}.", f"{INDEX} names it: copy it again.")
    return [index, *shards]


def read(folder: Path) -> dict[str, Lazy]:
    """The tensors of a folder by name.

    Raises:
        ModelError: a file is missing or damaged, or two files have a tensor of the same name.
    """
    found: dict[str, Lazy] = {}
    for path in files(folder):
        if path.name == INDEX:
            continue
        for name, tensor in read_file(path).items():
            if name in found:
                raise ModelError(
                    f"{name} is in two files of {folder}.", f"Remove what {INDEX} does not name."
                )
            found[name] = tensor
    return found


def read_file(path: Path) -> dict[str, Lazy]:
    """The tensors of one safetensors file.

    Raises:
        ModelError: the file is damaged.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    try:
        opened: Any = safe_open(path, framework="pt")
        names = list(opened.keys())
        slices = {name: opened.get_slice(name) for name in names}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} cannot be read: {error}.", "Copy or convert it again.") from error
    found = {}
    for name, view in slices.items():
        if view.get_dtype() not in _TYPES:
            raise ModelError(f"{name} in {path} is {view.get_dtype()}, which no part of the model can be.")
        dtype = getattr(torch, _TYPES[view.get_dtype()])
        found[name] = Lazy(tuple(view.get_shape()), dtype, partial(opened.get_tensor, name))
    return found


def write(folder: Path, tensors: Tensors, shard_bytes: int = SHARD_BYTES) -> None:
    """Write one file, or shards of at most `shard_bytes` (one tensor at least) and their index.

    No more than one shard is in memory at a time.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    shards = _planned(tensors, shard_bytes)
    if len(shards) == 1:
        _save({name: tensors[name] for name in shards[0]}, folder / SINGLE)
        return
    weight_map: dict[str, str] = {}
    for number, names in enumerate(shards, start=1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        _save({name: tensors[name] for name in names}, folder / file)
        weight_map |= dict.fromkeys(names, file)
    total = sum(tensor.size for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (folder / INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def _planned(tensors: Tensors, shard_bytes: int) -> list[list[str]]:
    shards: list[list[str]] = [[]]
    used = 0
    for name, tensor in tensors.items():
        if shards[-1] and used + tensor.size > shard_bytes:
            shards.append([])
            used = 0
        shards[-1].append(name)
        used += tensor.size
    return shards


def _save(tensors: Tensors, path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    read: dict[str, torch.Tensor] = {}
    places: set[int] = set()
    for name, tensor in tensors.items():
        value = own(tensor.read())
        # the format has no two names for one memory
        read[name] = value.clone() if value.data_ptr() in places else value
        places.add(read[name].data_ptr())
    try:
        save_file(read, path, metadata={"format": "pt"})
    except SafetensorError as error:
        raise OSError(f"{error} ({path})") from error
