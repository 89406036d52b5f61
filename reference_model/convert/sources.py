"""What lies at a path: which kind of weights, and how they are read into parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...harness.errors import ModelError
from .. import checkpoint, weight_files
from ..lazy import Lazy, Tensors, lazy, prefixed
from . import convnext, dinov2
from .accessory import read_folders
from .hugging_face import read_folder, read_language
from .parts import CLIP, LANGUAGE, VIT, Parts
from .pickles import read_tensors
from .tokenizer_model import find_tokenizer

KINDS = ("ours", "accessory", "meta", "hf", "dinov2", "clip", "training")
_FILES = (".pth", ".pt", ".bin", ".safetensors")


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind of `KINDS`, and what it was told by."""

    kind: str
    because: str


def guess(path: Path) -> Guess:
    """The kind of a file or folder, by its files' names and, where these do not tell, its tensors' names.

    Raises:
        ModelError: nothing is there, or nothing that is known.
    """
    if not path.exists():
        raise ModelError(f"There is no {path}.", "Give a folder or a file of weights.")
    if path.is_file():
        return _by_tensors(path, _tensors(path))
    names = sorted(p.name for p in path.iterdir())
    shards = [n for n in names if n.startswith("consolidated.") and n.endswith(".pth")]
    if shards:
        return Guess("accessory" if "-of-" in shards[0] else "meta", shards[0])
    if checkpoint.CONFIG in names:
        raw = checkpoint.read_json(path / checkpoint.CONFIG)
        if {"vit", "language"} <= raw.keys():
            return Guess("ours", f"{checkpoint.CONFIG} with vit and language")
        kind = {"llama": "hf", "dinov2": "dinov2", "convnext": "clip"}.get(str(raw.get("model_type")))
        if kind:
            return Guess(kind, f"model_type {raw['model_type']!r}")
    if checkpoint.is_of_training(path):
        return Guess("training", checkpoint.TRAINED)
    single = _single(path)
    if single:
        return _by_tensors(single, read_tensors(single))
    raise ModelError(
        f"{path} is no folder of weights that is known; it has {', '.join(names[:5]) or 'nothing'}.",
        f"Say what it is with --from: {', '.join(KINDS)}.",
    )


def read(path: Path, kind: str, overlays: Sequence[Path] = (), encoders: Tensors | None = None) -> Parts:
    """The parts at a path.

    `overlays` are laid over shards, in order; `encoders` fill in what these lack.

    Raises:
        ModelError: what is there is not of that kind, or not whole; overlays of another kind.
    """
    if kind in ("accessory", "meta"):
        return read_folders([path, *overlays], encoders)
    if overlays:
        raise ModelError(
            "--overlay is for shards of LLaMA2-Accessory or Meta.", f"{path} is of kind {kind!r}."
        )
    if kind == "ours":
        return _ours(path)
    if kind == "training":
        return _training(path)
    if kind == "hf":
        return read_language(path)
    return Parts(read_vit(path) if kind == "dinov2" else read_clip(path))


def read_vit(path: Path) -> dict[str, Lazy]:
    """A DINOv2 of torch.hub or transformers, in our names.

    Raises:
        ModelError: it cannot be read, or has register tokens.
    """
    tensors = {n.removeprefix("dinov2."): t for n, t in _tensors(path).items()}
    found = dinov2.canonical(tensors)
    dinov2.read_shapes(found)
    return prefixed(VIT, found)


def read_clip(path: Path) -> dict[str, Lazy]:
    """A CLIP of open_clip, or a ConvNeXt of timm or transformers, in our names.

    Raises:
        ModelError: it cannot be read, or is no ConvNeXt.
    """
    return prefixed(CLIP, convnext.clip(_tensors(path)))


def read_spoken(path: Path) -> Parts:
    """The language model at a path, of whatever kind, alone.

    Raises:
        ModelError: there is none.
    """
    kind = guess(path).kind
    if kind in ("dinov2", "clip"):
        raise ModelError(
            f"{path} is of kind {kind!r}: it has no language model.", "Give a folder of a LLaMA."
        )
    return read(path, kind).only(LANGUAGE)


def _ours(folder: Path) -> Parts:
    config = checkpoint.read_config(folder)
    tensors = _canonical(weight_files.read(folder))
    return Parts(tensors, config, config.language, find_tokenizer(folder))


def _training(path: Path) -> Parts:
    """As float32, what was tuned folded into plain weights."""
    from ..trainer.exported import read as exported

    model, tokenizer = exported(path)
    tied = checkpoint.tied_names(model.config)
    tensors = {name: lazy(value) for name, value in model.state_dict().items() if name not in tied}
    note = "what was learned lies over the weights that the training began from, any tuning folded into them"
    return Parts(_canonical(tensors), model.config, model.config.language, tokenizer, (note,))


def _canonical(tensors: Tensors) -> dict[str, Lazy]:
    vit = dinov2.canonical({n.removeprefix(VIT): t for n, t in tensors.items() if n.startswith(VIT)})
    return {n: t for n, t in tensors.items() if not n.startswith(VIT)} | prefixed(VIT, vit)


def _tensors(path: Path) -> dict[str, Lazy]:
    if path.is_file():
        return read_tensors(path)
    single = _single(path)
    return read_tensors(single) if single else read_folder(path)


def _single(folder: Path) -> Path | None:
    """The one file of weights of a folder, whatever its name; safetensors before its copy in another form."""
    for suffixes in ((".safetensors",), _FILES):
        found = [p for p in sorted(folder.iterdir()) if p.suffix in suffixes]
        if len(found) == 1:
            return found[0]
    return None


def _by_tensors(path: Path, tensors: Tensors) -> Guess:
    if "pos_embed" in tensors or "embeddings.position_embeddings" in tensors:
        return Guess("dinov2", "its tensors are a ViT's")
    if any(n.startswith((convnext.TRUNK, "stem.0.", "embeddings.patch_embeddings.")) for n in tensors):
        return Guess("clip", "its tensors are a ConvNeXt's")
    some = ", ".join(list(tensors)[:3])
    raise ModelError(
        f"{path} holds tensors of nothing that is known: {some}.", f"Say --from: {', '.join(KINDS)}."
    )
