"""`rsbench convert`: read what is there, see that it fits, write it as something else, say what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ...harness.errors import ModelError, UsageError, unknown
from .. import checkpoint, weight_files
from ..checkpoint import read_json
from ..config import Config, from_dict, preset
from ..lazy import Lazy
from . import sources
from .accessory import write_accessory, write_meta
from .assemble import assemble
from .hugging_face import write_cnn, write_language, write_vit
from .new_folder import new_folder
from .parts import CLIP, LANGUAGE, VIT, Parts, check, table
from .tokenizer_model import find_tokenizer

TARGETS = ("ours", "accessory", "meta", "hf")
TYPES = {"fp16": torch.float16, "bf16": torch.bfloat16, "fp32": torch.float32}
_PARTS = {"language": LANGUAGE, "vit": VIT, "cnn": f"{CLIP}visual.trunk."}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asked for; paths as given, None where nothing was said.

    `source` and `language` exclude each other: the latter, with a `preset`, is put together with `vit` and
    `clip`. `dtype` None keeps every tensor's type. `shard_bytes` bounds a file of safetensors.
    """

    target: Path
    source: Path | None = None
    source_kind: str | None = None
    target_kind: str = "ours"
    overlays: tuple[Path, ...] = ()
    preset: str | None = None
    language: Path | None = None
    vit: Path | None = None
    clip: Path | None = None
    tokenizer: Path | None = None
    part: str | None = None
    parallel: int = 1
    dtype: str | None = None
    seed: int = 0
    force: bool = False
    shard_bytes: int = weight_files.SHARD_BYTES


def convert(wish: Wish) -> str:
    """Do it, and say in lines what was read, written and assumed.

    Nothing is written unless everything fits; the target appears whole or not at all.

    Raises:
        UsageError: options that do not go together, or a target that exists.
        ModelError: weights that cannot be read, do not fit, or have no like on the other side.
        DataError: the disk is full or cannot be written.
    """
    said, parts = _read(wish)
    if wish.tokenizer:
        parts = _with_tokenizer(parts, wish.tokenizer)
    if wish.dtype:
        parts = parts.cast(TYPES[wish.dtype])
    check(parts, wish.source or wish.language or wish.target)
    write, kept = _writer(wish, parts)
    with new_folder(wish.target, wish.force) as folder:
        write(kept, folder)
    lines = [*said, f"to     {wish.target_kind}: {wish.target}", "", table(kept.tensors)]
    return "\n".join([*lines, *(f"note: {note}" for note in kept.notes)])


def _read(wish: Wish) -> tuple[list[str], Parts]:
    encoders: dict[str, Lazy] = {}
    said = []
    if wish.vit:
        encoders |= sources.read_vit(wish.vit)
    if wish.clip:
        encoders |= sources.read_clip(wish.clip)
    if wish.preset is not None:
        path = wish.language or wish.source
        if path is None or not wish.vit or not wish.clip or (wish.language and wish.source):
            raise UsageError(
                "--preset puts a model together, of --language, --vit and --clip.",
                "Give each of the three once, and the folder to write.",
            )
        said = [
            f"from   {title}: {p}"
            for title, p in (("language", path), ("vit", wish.vit), ("clip", wish.clip))
        ]
        return said, assemble(_preset(wish.preset), sources.read_spoken(path), encoders, wish.seed)
    if wish.source is None or wish.language:
        raise UsageError(
            "There is nothing to convert from.", "Give FROM and TO; --language goes with --preset."
        )
    if wish.source.resolve() == wish.target.resolve():
        raise UsageError(f"{wish.target} is what is converted.", "Give another folder to write.")
    kind = wish.source_kind
    if kind is None:
        found = sources.guess(wish.source)
        kind = found.kind
        said.append(f"from   {kind}: {wish.source} (told by {found.because})")
    else:
        said.append(f"from   {kind}: {wish.source}")
    said += [f"over   {path}" for path in wish.overlays]
    if encoders and kind not in ("accessory", "meta"):
        raise UsageError("--vit and --clip fill in shards of LLaMA2-Accessory, or go with --preset.")
    parts = sources.read(wish.source, kind, wish.overlays, encoders)
    if kind == "training" and not wish.dtype:
        parts = parts.cast(torch.float16)  # as a training exports its last checkpoint
    return said, parts


def _writer(wish: Wish, parts: Parts) -> tuple[Callable[[Parts, Path], None], Parts]:
    if wish.target_kind not in TARGETS:
        raise unknown("kind to write", wish.target_kind, TARGETS)
    if wish.parallel > 1 and wish.target_kind not in ("accessory", "meta"):
        raise UsageError("--parallel splits the shards of --to accessory and --to meta.", "Leave it out.")
    if wish.target_kind == "hf":
        part = wish.part or _only_part(parts)
        write = {"language": write_language, "vit": write_vit, "cnn": write_cnn}[part]
        return lambda p, f: write(p, f, wish.shard_bytes), _part(parts, part)
    if wish.part not in (None, "language"):
        raise UsageError(f"--part {wish.part} goes with --to hf.", "Leave it out, or write --to hf.")
    if wish.target_kind == "ours":
        return lambda p, f: _write_ours(p, f, wish.shard_bytes), parts
    parts = _part(parts, "language") if wish.part or wish.target_kind == "meta" else _trunk_only(parts)
    write_shards = write_meta if wish.target_kind == "meta" else write_accessory
    return lambda p, f: write_shards(p, f, wish.parallel), parts


def _part(parts: Parts, name: str) -> Parts:
    """One part; an encoder keeps the configuration that says how many heads it has."""
    one = parts.only(_PARTS[name])
    if not one.tensors:
        raise ModelError(
            f"There is no part {name!r} in what was read.", f"Choose --part {' or '.join(_PARTS)}."
        )
    return one if name == "language" else replace(one, config=parts.config)


def _trunk_only(parts: Parts) -> Parts:
    """Without what Accessory's ensembles leave out of a CLIP."""
    kept = {n: t for n, t in parts.tensors.items() if not n.startswith(CLIP) or n.startswith(_PARTS["cnn"])}
    if len(kept) == len(parts.tensors):
        return parts
    note = "of the CLIP only the image trunk is written: Accessory has no place for the rest"
    return replace(parts, tensors=kept, notes=(*parts.notes, note))


def _only_part(parts: Parts) -> str:
    """The language model where there is one; else the encoder that was read."""
    present = [n for n, prefix in _PARTS.items() if any(t.startswith(prefix) for t in parts.tensors)]
    return present[0] if present else "language"


def _write_ours(parts: Parts, folder: Path, shard_bytes: int) -> None:
    if parts.config is None:
        raise ModelError(
            "These weights are a part of a model, not a whole one.",
            "Put one together: rsbench convert TO --preset 7b --language DIR --vit FILE --clip FILE.",
        )
    if parts.tokenizer is None:
        raise ModelError("There is no tokenizer.json or tokenizer.model.", "Give one with --tokenizer FILE.")
    checkpoint.write(folder, parts.config, parts.tensors, parts.tokenizer, shard_bytes)


def _with_tokenizer(parts: Parts, path: Path) -> Parts:
    tokenizer = find_tokenizer(path)
    if tokenizer is None:
        raise ModelError(f"There is no tokenizer at {path}.", "Give a tokenizer.model or tokenizer.json.")
    return replace(parts, tokenizer=tokenizer)


def _preset(name: str) -> Config:
    """A preset by name, or the configuration in a .json file."""
    return from_dict(read_json(Path(name))) if name.endswith(".json") else preset(name)
