"""An EarthGPT put together from a language model and two encoders, with a new projection between them."""

from __future__ import annotations

from dataclasses import replace

import torch

from ...harness.errors import ModelError
from ..config import Config
from ..lazy import Lazy, Tensors, below, lazy, prefixed
from ..vision import Fusion
from . import convnext
from .parts import CLIP, Parts


def assemble(config: Config, language: Parts, encoders: Tensors, seed: int) -> Parts:
    """`config` with the language model's own configuration; what no part has is drawn from `seed`.

    `encoders` are in our names, DINOv2's canonical. The projection and the learned marks around an image are
    new: step 1 of the training (III-C) begins with them at random.

    Raises:
        ModelError: `config` has proposals, which have to be trained, or there is no language model.
    """
    if config.proposals is not None:
        raise ModelError(
            f"{config.name} points at proposals, whose head nothing but training gives.",
            "Assemble a preset whose answers are text: 7b, 13b, sphinx_light.",
        )
    if language.language is None:
        raise ModelError("There is no language model in --language.", "Give a folder of a LLaMA.")
    clip = convnext.read_clip(below(CLIP, encoders), config.clip)
    whole = replace(config, language=language.language, clip=clip)
    words = next(iter(language.tensors.values()))
    drawn = {name: tensor.cast(words.dtype) for name, tensor in _projection(whole, seed).items()}
    notes = [
        *language.notes,
        f"the projection is new: drawn from seed {seed}; `rsbench train` step 1 teaches it",
    ]
    if not clip.scores:
        notes.append("of the CLIP only the image trunk is there: it sees, but cannot score boxes")
    tensors = {**language.tensors, **drawn, **encoders}
    return Parts(tensors, whole, whole.language, language.tokenizer, tuple(notes))


def _projection(config: Config, seed: int) -> dict[str, Lazy]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fusion = Fusion(config)
        marks = {name: torch.rand(1, 1, config.language.width) for name in ("start_img", "end_img")}
    state = prefixed("fusion.", {name: lazy(tensor) for name, tensor in fusion.state_dict().items()})
    return state | {name: lazy(tensor) for name, tensor in marks.items()}
