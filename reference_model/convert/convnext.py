"""The names of a ConvNeXt: timm's, which the model uses, and Hugging Face's; and of a CLIP around it."""

from __future__ import annotations

import re
from dataclasses import replace

from ...harness.errors import ModelError
from ..config import ClipConfig
from ..lazy import Lazy, Tensors, below, prefixed

TRUNK = "visual.trunk."
_TO_HF = (
    (r"stem\.0\.(\w+)", r"embeddings.patch_embeddings.\1"),
    (r"stem\.1\.(\w+)", r"embeddings.layernorm.\1"),
    (r"stages\.(\d+)\.downsample\.([01])\.(\w+)", r"encoder.stages.\1.downsampling_layer.\2.\3"),
    (r"stages\.(\d+)\.blocks\.(\d+)\.conv_dw\.(\w+)", r"encoder.stages.\1.layers.\2.dwconv.\3"),
    (r"stages\.(\d+)\.blocks\.(\d+)\.norm\.(\w+)", r"encoder.stages.\1.layers.\2.layernorm.\3"),
    (r"stages\.(\d+)\.blocks\.(\d+)\.mlp\.fc([12])\.(\w+)", r"encoder.stages.\1.layers.\2.pwconv\3.\4"),
    (r"stages\.(\d+)\.blocks\.(\d+)\.gamma", r"encoder.stages.\1.layers.\2.layer_scale_parameter"),
    (r"head\.norm\.(\w+)", r"layernorm.\1"),
)
_TO_TIMM = (
    (r"embeddings\.patch_embeddings\.(\w+)", r"stem.0.\1"),
    (r"embeddings\.layernorm\.(\w+)", r"stem.1.\1"),
    (r"encoder\.stages\.(\d+)\.downsampling_layer\.([01])\.(\w+)", r"stages.\1.downsample.\2.\3"),
    (r"encoder\.stages\.(\d+)\.layers\.(\d+)\.dwconv\.(\w+)", r"stages.\1.blocks.\2.conv_dw.\3"),
    (r"encoder\.stages\.(\d+)\.layers\.(\d+)\.layernorm\.(\w+)", r"stages.\1.blocks.\2.norm.\3"),
    (r"encoder\.stages\.(\d+)\.layers\.(\d+)\.pwconv([12])\.(\w+)", r"stages.\1.blocks.\2.mlp.fc\3.\4"),
    (r"encoder\.stages\.(\d+)\.layers\.(\d+)\.layer_scale_parameter", r"stages.\1.blocks.\2.gamma"),
    (r"layernorm\.(\w+)", r"head.norm.\1"),
)
_BY_STEM = {  # channels of the first stage -> timm's models; those of open_clip first
    192: ("convnext_large",),
    384: ("convnext_xxlarge",),
    128: ("convnext_base",),
    96: ("convnext_tiny", "convnext_small"),
    256: ("convnext_xlarge",),
    32: ("convnext_zepto_rms",),
    24: ("test_convnext",),
}
_COMPUTED = ("attn_mask", "text.attn_mask", "logit_bias")


def to_hugging_face(tensors: Tensors) -> dict[str, Lazy]:
    """timm's names to those of `ConvNextModel`, which normalises the pooled vector only.

    Raises:
        ModelError: a tensor that model has no name for.
    """
    return _renamed(tensors, _TO_HF, "Hugging Face's ConvNextModel")


def to_timm(tensors: Tensors) -> dict[str, Lazy]:
    """The names of `ConvNextModel` to timm's.

    Raises:
        ModelError: a tensor timm has no name for.
    """
    return _renamed(tensors, _TO_TIMM, "timm's ConvNeXt")


def clip(tensors: Tensors) -> dict[str, Lazy]:
    """A CLIP of open_clip, or the trunk alone of timm or Hugging Face, under `Encoders.clip`'s names.

    Raises:
        ModelError: the tensors are of no ConvNeXt.
    """
    if any(name.startswith(TRUNK) for name in tensors):
        return {n.removeprefix("text."): t for n, t in tensors.items() if n not in _COMPUTED}
    if "stem.0.weight" in tensors:
        # a classifier on top of it is not what reads the features
        return prefixed(TRUNK, {n: t for n, t in tensors.items() if not n.startswith("head.fc.")})
    plain = {n.removeprefix("convnext."): t for n, t in tensors.items() if not n.startswith("classifier.")}
    if "embeddings.patch_embeddings.weight" in plain:
        return prefixed(TRUNK, to_timm(plain))
    raise ModelError(
        "These are not the tensors of a CLIP with a ConvNeXt.",
        "Give a checkpoint of open_clip whose image tower is a ConvNeXt, or a ConvNeXt of timm.",
    )


def read_clip(tensors: Tensors, known: ClipConfig) -> ClipConfig:
    """What the shapes of `clip`'s tensors say, the rest from `known`; `scores` is False for a trunk alone."""
    words = tensors.get("token_embedding.weight")
    shared, places = tensors.get("text_projection"), tensors.get("positional_embedding")
    if words is None or shared is None or places is None:
        return replace(known, scores=False)
    blocks = {name.split(".")[2] for name in tensors if name.startswith("transformer.resblocks.")}
    width = words.shape[1]
    return replace(
        known,
        embed_dim=shared.shape[1],
        projection="mlp" if any(n.startswith("visual.head.mlp.") for n in tensors) else "linear",
        context_length=places.shape[0],
        vocab_size=words.shape[0],
        width=width,
        heads=known.heads if width == known.width else max(width // 64, 1),
        layers=len(blocks),
        scores=True,
    )


def timm_name(tensors: Tensors) -> str:
    """The timm model that `clip`'s trunk is of, found by its shapes.

    Raises:
        ModelError: none that is known has these shapes.
    """
    import timm
    import torch

    trunk = {name: tensor.shape for name, tensor in below(TRUNK, tensors).items()}
    stem = trunk.get("stem.0.weight", (0,))[0]
    for name in _BY_STEM.get(stem, ()):
        with torch.device("meta"):
            model = timm.create_model(name, num_classes=0)
        if {key: tuple(value.shape) for key, value in model.state_dict().items()} == trunk:
            return name
    raise ModelError(
        f"No ConvNeXt that is known begins with {stem} channels and has these shapes.",
        f"Known are {', '.join(name for names in _BY_STEM.values() for name in names)}.",
    )


def _renamed(tensors: Tensors, table: tuple[tuple[str, str], ...], owner: str) -> dict[str, Lazy]:
    found = {}
    for name, tensor in tensors.items():
        match, new = next(
            ((m, new) for pattern, new in table if (m := re.fullmatch(pattern, name))), (None, "")
        )
        if match is None:
            raise ModelError(f"{name} has no name in {owner}.", "Is it a ConvNeXt, and whole?")
        found[match.expand(new)] = tensor
    return found
