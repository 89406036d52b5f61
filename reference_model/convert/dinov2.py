"""The names of a DINOv2: torch.hub's, and Hugging Face's of transformers 4 and of 5.

The canonical names here are those of transformers 5 in memory. Hub stores queries, keys and values in one
matrix; with SwiGLU it and transformers 4 store gate and value of the feed-forward in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...harness.errors import ModelError
from ..config import ViTConfig
from ..lazy import Lazy, Tensors, joined

_HEAD = 64  # channels of an attention head, in every size of DINOv2
_HUB = (
    (r"cls_token", "embeddings.cls_token"),
    (r"pos_embed", "embeddings.position_embeddings"),
    (r"mask_token", "embeddings.mask_token"),
    (r"patch_embed\.proj\.(weight|bias)", r"embeddings.patch_embeddings.projection.\1"),
    (r"norm\.(weight|bias)", r"layernorm.\1"),
    # models that were saved in chunks number them first
    (r"blocks\.(?:\d+\.)?(\d+)\.(norm[12]|mlp\.fc[12])\.(weight|bias)", r"encoder.layer.\1.\2.\3"),
    (r"blocks\.(?:\d+\.)?(\d+)\.attn\.proj\.(weight|bias)", r"encoder.layer.\1.attention.o_proj.\2"),
    (r"blocks\.(?:\d+\.)?(\d+)\.ls([12])\.gamma", r"encoder.layer.\1.layer_scale\2.lambda1"),
    (r"blocks\.(?:\d+\.)?(\d+)\.mlp\.w3\.(weight|bias)", r"encoder.layer.\1.mlp.down_proj.\2"),
)
_TO_HUB = (
    (r"embeddings\.(cls_token|mask_token)", r"\1"),
    (r"embeddings\.position_embeddings", "pos_embed"),
    (r"embeddings\.patch_embeddings\.projection\.(\w+)", r"patch_embed.proj.\1"),
    (r"layernorm\.(\w+)", r"norm.\1"),
    (r"encoder\.layer\.(\d+)\.(norm[12]|mlp\.fc[12])\.(\w+)", r"blocks.\1.\2.\3"),
    (r"encoder\.layer\.(\d+)\.attention\.o_proj\.(\w+)", r"blocks.\1.attn.proj.\2"),
    (r"encoder\.layer\.(\d+)\.layer_scale([12])\.lambda1", r"blocks.\1.ls\2.gamma"),
    (r"encoder\.layer\.(\d+)\.mlp\.down_proj\.(\w+)", r"blocks.\1.mlp.w3.\2"),
)
_FOUR = (
    (r"(.*\.attention)\.output\.dense\.(\w+)", r"\1.o_proj.\2"),
    (r"(.*\.attention)\.attention\.query\.(\w+)", r"\1.q_proj.\2"),
    (r"(.*\.attention)\.attention\.key\.(\w+)", r"\1.k_proj.\2"),
    (r"(.*\.attention)\.attention\.value\.(\w+)", r"\1.v_proj.\2"),
    (r"(.*\.mlp)\.weights_out\.(\w+)", r"\1.down_proj.\2"),
)
_TO_FOUR = (
    (r"(.*\.attention)\.o_proj\.(\w+)", r"\1.output.dense.\2"),
    (r"(.*\.attention)\.q_proj\.(\w+)", r"\1.attention.query.\2"),
    (r"(.*\.attention)\.k_proj\.(\w+)", r"\1.attention.key.\2"),
    (r"(.*\.attention)\.v_proj\.(\w+)", r"\1.attention.value.\2"),
    (r"(.*\.mlp)\.down_proj\.(\w+)", r"\1.weights_out.\2"),
)
_QKV, _GATED = ("q_proj", "k_proj", "v_proj"), ("gate_proj", "up_proj")


def canonical(tensors: Tensors) -> dict[str, Lazy]:
    """Any of the three sets of names to one; names that are in none of them stay as they are.

    Raises:
        ModelError: a variant with register tokens, or a matrix that cannot be cut into its parts.
    """
    if any(name.endswith("register_tokens") for name in tensors):
        raise ModelError("This DINOv2 has register tokens.", "The model reads the variants without.")
    found: dict[str, Lazy] = {}
    for name, tensor in tensors.items():
        if match := re.fullmatch(r"blocks\.(?:\d+\.)?(\d+)\.attn\.qkv\.(\w+)", name):
            found |= _cut(tensor, f"encoder.layer.{match[1]}.attention", _QKV, match[2])
        elif match := re.fullmatch(r"blocks\.(?:\d+\.)?(\d+)\.mlp\.w12\.(\w+)", name):
            found |= _cut(tensor, f"encoder.layer.{match[1]}.mlp", _GATED, match[2])
        elif match := re.fullmatch(r"(.*\.mlp)\.weights_in\.(\w+)", name):
            found |= _cut(tensor, match[1], _GATED, match[2])
        else:
            found[_renamed(_renamed(name, _HUB), _FOUR)] = tensor
    return found


def to_hub(tensors: Tensors) -> dict[str, Lazy]:
    """Canonical names to torch.hub's."""
    found = {}
    for name, tensor in _glued(_glued(tensors, "attention", _QKV, "qkv"), "mlp", _GATED, "w12").items():
        glued = re.fullmatch(r"encoder\.layer\.(\d+)\.(attention\.qkv|mlp\.w12)\.(\w+)", name)
        if glued:
            part = "attn.qkv" if glued[2] == "attention.qkv" else "mlp.w12"
            found[f"blocks.{glued[1]}.{part}.{glued[3]}"] = tensor
        else:
            found[_renamed(name, _TO_HUB)] = tensor
    return found


def to_four(tensors: Tensors) -> dict[str, Lazy]:
    """Canonical names to those of transformers 4, which files on hubs have, too."""
    glued = _glued(tensors, "mlp", _GATED, "weights_in")
    return {_renamed(name, _TO_FOUR): tensor for name, tensor in glued.items()}


def as_installed(tensors: Tensors, prefix: str, wanted: Iterable[str]) -> dict[str, Lazy]:
    """Every tensor behind `prefix` under the name that the installed transformers gives it.

    `wanted` are the names of a model that it built, `prefix` included.
    """
    names = [name for name in wanted if name.startswith(prefix)]
    four = any(".attention.attention." in name for name in names)
    vit = canonical({n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)})
    named = to_four(vit) if four else vit
    return {n: t for n, t in tensors.items() if not n.startswith(prefix)} | {
        prefix + n: t for n, t in named.items()
    }


def read_shapes(tensors: Tensors) -> ViTConfig:
    """What canonical shapes say of a DINOv2; it looks at 224 pixels and its last block is read, as in SPHINX.

    Raises:
        ModelError: not the shapes of a DINOv2.
    """
    try:
        width, _, patch, _ = tensors["embeddings.patch_embeddings.projection.weight"].shape
        positions = tensors["embeddings.position_embeddings"].shape[1] - 1
    except (KeyError, ValueError) as error:
        raise ModelError("These are not the tensors of a DINOv2.", "Give a file of torch.hub.") from error
    depth = len({name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")})
    return ViTConfig(
        patch_size=patch,
        width=width,
        depth=depth,
        heads=max(width // _HEAD, 1),
        layers=(depth,),
        position_size=round(positions**0.5) * patch,
        swiglu="encoder.layer.0.mlp.gate_proj.weight" in tensors,
    )


def _renamed(name: str, table: Iterable[tuple[str, str]]) -> str:
    for pattern, new in table:
        if match := re.fullmatch(pattern, name):
            return match.expand(new)
    return name


def _cut(tensor: Lazy, owner: str, parts: tuple[str, ...], suffix: str) -> dict[str, Lazy]:
    length, rest = divmod(tensor.shape[0], len(parts))
    if rest:
        raise ModelError(f"A matrix of {owner} has {tensor.shape[0]} rows for {len(parts)} parts.")
    return {
        f"{owner}.{part}.{suffix}": tensor.part(0, place * length, length) for place, part in enumerate(parts)
    }


def _glued(tensors: Tensors, owner: str, parts: tuple[str, ...], new: str) -> dict[str, Lazy]:
    found: dict[str, Lazy] = {}
    pattern = re.compile(rf"(.*\.{owner})\.({'|'.join(parts)})\.(\w+)")
    for name, tensor in tensors.items():
        match = pattern.fullmatch(name)
        if not match:
            found[name] = tensor
        elif match[2] == parts[0]:
            pieces = [tensors[f"{match[1]}.{part}.{match[3]}"] for part in parts]
            found[f"{match[1]}.{new}.{match[3]}"] = joined(pieces, 0)
    return found
