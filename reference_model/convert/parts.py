"""What a folder of weights holds, in our names: the middle of every conversion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from ...harness.errors import ModelError
from .. import checkpoint
from ..config import Config, LanguageConfig
from ..lazy import Lazy, Tensors, below
from ..tokenizer import Tokenizer

LANGUAGE, VIT, CLIP = "language.", "encoders.vit.", "encoders.clip."
_SHOWN = (
    ("language model", (LANGUAGE,)),
    ("projection", ("fusion.", "start_img", "end_img")),
    ("DINOv2", (VIT,)),
    ("ConvNeXt", (f"{CLIP}visual.trunk.",)),
    ("rest of the CLIP", (CLIP,)),
    ("proposals", ("head.", "region.")),
)


@dataclass(frozen=True, slots=True)
class Parts:
    """Tensors under the names of `EarthGPT`, DINOv2's as transformers 5 has them; and what describes them.

    `config` is there for a whole model, `language` wherever there is a language model. `notes` are for the
    user: what was assumed, left out or drawn.
    """

    tensors: Tensors
    config: Config | None = None
    language: LanguageConfig | None = None
    tokenizer: Tokenizer | None = None
    notes: tuple[str, ...] = ()

    def only(self, prefix: str) -> Parts:
        """One of its parts, alone."""
        kept = {name: tensor for name, tensor in self.tensors.items() if name.startswith(prefix)}
        spoken = self.language if prefix == LANGUAGE else None
        return replace(self, tensors=kept, config=None, language=spoken)

    def cast(self, dtype: torch.dtype) -> Parts:
        """As another type; a number too large for it is an error that names the tensor, when it is read."""
        return replace(self, tensors={n: _cast(n, t, dtype) for n, t in self.tensors.items()})


def check(parts: Parts, source: Path) -> None:
    """Whether everything fits, before anything is written.

    Raises:
        ModelError: what is missing, left over or of another shape, by name; a tokenizer too large.
    """
    if parts.config is not None:
        model = checkpoint.empty(parts.config, source)
        known = model.state_dict()
        faults = checkpoint.misfits(model, checkpoint.as_installed(parts.tensors, known))
    elif parts.language is not None:
        faults = checkpoint.differences(_language_shapes(parts.language), below(LANGUAGE, parts.tensors))
    else:
        return
    if faults:
        raise ModelError(
            f"The weights in {source} do not make a model: {checkpoint.some(faults)}.",
            "Nothing was written. Give what is missing, or the configuration these weights are of.",
        )
    words = parts.language or (parts.config.language if parts.config else None)
    if words and parts.tokenizer and len(parts.tokenizer) > words.vocab_size:
        raise ModelError(
            f"The tokenizer has {len(parts.tokenizer):,} tokens, the language model {words.vocab_size:,}.",
            "Give the tokenizer of this model with --tokenizer.",
        )


def table(tensors: Tensors) -> str:
    """Tensors, parameters and types of every part."""
    from tabulate import tabulate

    rows: list[Sequence[object]] = []
    left = dict(tensors)
    for title, prefixes in _SHOWN:
        own = {name: left.pop(name) for name in tuple(left) if name.startswith(prefixes)}
        if own:
            rows.append(_row(title, own))
    if left:
        rows.append(_row("other", left))
    rows.append(_row("all", tensors))
    return tabulate(rows, headers=["part", "tensors", "parameters", "GB", "type"], disable_numparse=True)


def _row(title: str, tensors: Tensors) -> Sequence[object]:
    types = sorted({str(t.dtype).removeprefix("torch.") for t in tensors.values()})
    count, size = sum(t.count for t in tensors.values()), sum(t.size for t in tensors.values())
    return title, f"{len(tensors):,}", f"{count:,}", f"{size / 1e9:.3f}", ", ".join(types)


def _cast(name: str, tensor: Lazy, dtype: torch.dtype) -> Lazy:
    if dtype == tensor.dtype or not tensor.dtype.is_floating_point:
        return tensor

    def read() -> Tensor:
        before = tensor.read()
        after = before.to(dtype)
        if not torch.equal(before.isfinite(), after.isfinite()):
            raise ModelError(
                f"{name} has values that {str(dtype).removeprefix('torch.')} cannot hold.",
                "Nothing was written. Choose --dtype bf16 or fp32.",
            )
        return after

    return replace(tensor, dtype=dtype, read=read)


def _language_shapes(config: LanguageConfig) -> dict[str, tuple[int, ...]]:
    from ..model import build_language

    with checkpoint.weightless():
        state = build_language(config).state_dict()
    tied = {"lm_head.weight"} if config.tied else set()
    return {name: tuple(value.shape) for name, value in state.items() if name not in tied}
