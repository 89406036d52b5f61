"""Tensor-parallel shards of LLaMA2-Accessory and of Meta's LLaMA: found, joined, overlaid, and written.

Files are `consolidated.{rank:02d}-of-{world:02d}.model.pth`, deltas `.model-diff.pth`, Meta's originals
`consolidated.{rank:02d}.pth`. Names here are without Accessory's prefix `llma.`, which Meta's do not have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from ...harness.errors import ModelError
from ..lazy import Lazy, Tensors, joined, own
from .pickles import read_tensors

PREFIX = "llma."
_FILE = re.compile(r"consolidated\.(\d\d)(?:-of-(\d\d)\.(model|model-diff))?\.pth")
# fairscale's layers: the outputs of a ColumnParallelLinear are split, the inputs of a RowParallelLinear,
# and the width of a ParallelEmbedding; all else is whole in every shard
_SPLIT = (
    (r"layers\.\d+\.(attention\.w[qkv]|feed_forward\.w[13])\.(weight|bias|lora_b\.weight)", 0),
    (r"output\.(weight|bias)", 0),
    (r"layers\.\d+\.(attention\.wo|feed_forward\.w2)\.(weight|lora_a\.weight)", 1),
    (r"tok_embeddings\.weight", 1),
)


def read_shards(folder: Path) -> tuple[dict[str, Lazy], dict[str, Lazy]]:
    """The tensors of a folder, joined over its shards, and the deltas it has.

    Raises:
        ModelError: no shards, one missing, of two different splits, or shards that do not belong together.
    """
    kinds: dict[str, dict[int, Path]] = {}
    for path in sorted(folder.iterdir()):
        match = _FILE.fullmatch(path.name)
        if match:
            kind = f"of-{match[2]}.{match[3]}" if match[2] else "meta"
            kinds.setdefault(kind, {})[int(match[1])] = path
    whole = [kind for kind in kinds if not kind.endswith("diff")]
    deltas = [kind for kind in kinds if kind.endswith("diff")]
    if not kinds or len(whole) > 1 or len(deltas) > 1:
        raise ModelError(
            f"{folder} has shards of {len(whole)} models ({', '.join(whole) or 'none'}).",
            "A folder holds one model: consolidated.00-of-01.model.pth, or as many as it was split into.",
        )
    read: list[dict[str, Lazy]] = []
    for found in (whole, deltas):
        read.append(_joined(folder, found[0], kinds[found[0]]) if found else {})
    return read[0], read[1]


def overlaid(folders: Sequence[Path]) -> dict[str, Lazy]:
    """The tensors of folders in order: later ones replace, deltas are added to what is there.

    This is how LLaMA2-Accessory reads a list of checkpoints; a checkpoint of the trainable part alone is
    laid over the one it started from. Folders may be split into different numbers of shards.

    Raises:
        ModelError: as `read_shards`; or a delta has another shape than what it is added to.
    """
    state: dict[str, Lazy] = {}
    for folder in folders:
        whole, deltas = read_shards(folder)
        if deltas and not state and not whole:
            raise ModelError(
                f"{folder} holds differences to another checkpoint.",
                "Give that one first and this folder with --overlay.",
            )
        state |= whole
        for name, delta in deltas.items():
            state[name] = _added(name, state[name], delta) if name in state else delta
    return state


def split(tensors: Tensors, world: int) -> list[dict[str, Lazy]]:
    """The shards of each rank, as fairscale's layers split them.

    Raises:
        ModelError: a tensor cannot be split evenly (the message names it).
    """
    ranks: list[dict[str, Lazy]] = [{} for _ in range(world)]
    for name, tensor in tensors.items():
        dim = _dimension(name)
        if dim is not None and tensor.shape[dim] % world:
            raise ModelError(
                f"{name} has {tensor.shape[dim]} entries to split, which {world} shards cannot share.",
                "Choose a --parallel that divides it.",
            )
        for rank, shard in enumerate(ranks):
            length = tensor.shape[dim] // world if dim is not None else 0
            shard[name] = tensor if dim is None else tensor.part(dim, rank * length, length)
    return ranks


def write_shard(path: Path, tensors: Tensors, nest: str | None) -> None:
    """Write one shard with torch.save, below the key `nest` if there is one.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    state: Mapping[str, Tensor] = {name: own(tensor.read()) for name, tensor in tensors.items()}
    try:
        with path.open("wb") as file:
            torch.save({nest: state} if nest else state, file)
    except RuntimeError as error:  # torch's zip writer in place of the OSError beneath it
        raise OSError(f"{path} cannot be written: {str(error).splitlines()[0]}") from error


def _dimension(name: str) -> int | None:
    return next((dim for pattern, dim in _SPLIT if re.fullmatch(pattern, name)), None)


def _joined(folder: Path, kind: str, files: Mapping[int, Path]) -> dict[str, Lazy]:
    world = len(files) if kind == "meta" else int(kind[3:5])
    missing = [rank for rank in range(max(world, max(files) + 1)) if rank not in files]
    if missing or max(files) >= world:
        name = files[min(files)].name
        raise ModelError(
            f"{folder} has {len(files)} of the shards that {name} belongs to; "
            f"rank {missing[0] if missing else max(files)} is {'missing' if missing else 'one too many'}.",
            "Copy all of them into the folder, and no other.",
        )
    shards = []
    for rank in range(world):
        shards.append({n.removeprefix(PREFIX): t for n, t in read_tensors(files[rank]).items()})
    names = list(dict.fromkeys(name for shard in shards for name in shard))
    whole = {}
    for name in names:
        absent = [rank for rank, shard in enumerate(shards) if name not in shard]
        if absent:
            raise ModelError(f"{name} is not in {files[absent[0]]}, but in another shard.", _TOGETHER)
        whole[name] = _whole(name, [shard[name] for shard in shards], folder)
    return whole


def _whole(name: str, parts: Sequence[Lazy], folder: Path) -> Lazy:
    dim = _dimension(name)
    first = parts[0]
    for part in parts:
        rest = [s for place, s in enumerate(part.shape) if place != dim]
        if part.dtype != first.dtype or rest != [s for place, s in enumerate(first.shape) if place != dim]:
            raise ModelError(
                f"{name} is {first.shape} in one shard of {folder} and {part.shape} in another, "
                f"which {'cannot be joined' if dim is not None else 'should be copies'}.",
                _TOGETHER,
            )
    if dim is not None:
        if len(first.shape) <= dim:
            raise ModelError(
                f"{name} in {folder} has {len(first.shape)} dimensions: no rule fits it.", _TOGETHER
            )
        return joined(parts, dim)
    return parts[0] if len(parts) == 1 else _copies(name, parts, folder)


def _copies(name: str, parts: Sequence[Lazy], folder: Path) -> Lazy:
    def read() -> Tensor:
        tensors = [part.read() for part in parts]
        if not all(torch.equal(tensors[0], other) for other in tensors[1:]):
            raise ModelError(
                f"{name} should be the same in every shard of {folder}, and is not.",
                "The shards are of different steps of a training, or of a model this layout is not for.",
            )
        return tensors[0]

    return Lazy(parts[0].shape, parts[0].dtype, read)


def _added(name: str, base: Lazy, delta: Lazy) -> Lazy:
    if base.shape != delta.shape:
        raise ModelError(f"The difference to {name} is {delta.shape}; {name} is {base.shape}.", _TOGETHER)
    return base.moved(lambda tensor: tensor + delta.read().to(tensor.dtype))


_TOGETHER = "The shards do not belong together, or to a model of this family."
