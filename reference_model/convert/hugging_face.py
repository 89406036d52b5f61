"""Folders that transformers' `from_pretrained` reads: a `LlamaForCausalLM`, and the encoders alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...harness.errors import ModelError
from .. import checkpoint, weight_files
from ..config import LanguageConfig
from ..lazy import Lazy, below, prefixed
from . import convnext, dinov2, llama
from .parts import CLIP, LANGUAGE, VIT, Parts
from .pickles import read_tensors
from .tokenizer_model import find_tokenizer

_EPSILON = 1e-6  # of every norm inside transformers' ConvNeXt
_ACTIVATIONS = {"GELU": "gelu", "GELUTanh": "gelu_pytorch_tanh"}  # timm's classes, transformers' names
_BIN, _BIN_INDEX = "pytorch_model.bin", "pytorch_model.bin.index.json"


def read_folder(folder: Path) -> dict[str, Lazy]:
    """The tensors of a folder of transformers, from safetensors or from the older .bin files.

    Raises:
        ModelError: no weights, or they cannot be read.
    """
    if (folder / weight_files.SINGLE).is_file() or (folder / weight_files.INDEX).is_file():
        return weight_files.read(folder)
    if (folder / _BIN).is_file():
        return read_tensors(folder / _BIN)
    named = checkpoint.read_json(folder / _BIN_INDEX).get("weight_map")
    if not isinstance(named, dict):
        raise ModelError(f"{folder / _BIN_INDEX} has no weight_map.", "Copy it again.")
    found: dict[str, Lazy] = {}
    for file in sorted(set(named.values())):
        found |= read_tensors(folder / Path(str(file)).name)
    return found


def read_language(folder: Path) -> Parts:
    """A `LlamaForCausalLM`.

    Raises:
        ModelError: another architecture, a rotary embedding that is scaled otherwise than linearly, or files
            missing.
    """
    raw = checkpoint.read_json(folder / checkpoint.CONFIG)
    config = _language_config(raw, folder)
    found = {n: t for n, t in read_folder(folder).items() if not n.endswith("rotary_emb.inv_freq")}
    tensors, bias = llama.with_biases(found)
    if config.tied:
        tensors.pop("lm_head.weight", None)
    return Parts(prefixed(LANGUAGE, tensors), None, _biased(config, bias), find_tokenizer(folder))


def write_language(parts: Parts, folder: Path, shard_bytes: int) -> None:
    """config.json, generation_config.json, weights and tokenizer; biases of a folded tuning are plain biases.

    Raises:
        ModelError: there is no language model.
        OSError: the disk is full or cannot be written.
    """
    from ..model import build_language

    if parts.language is None:
        raise ModelError("There is no language model to write.", "Choose --part vit or --part cnn.")
    tensors = below(LANGUAGE, parts.tensors)
    weight_files.write(folder, tensors, shard_bytes)
    with checkpoint.weightless():
        model = build_language(parts.language)
    model.config.architectures = ["LlamaForCausalLM"]
    model.config.save_pretrained(folder)
    _say_type(folder, tensors)
    model.generation_config.save_pretrained(folder)
    if parts.tokenizer:
        parts.tokenizer.write(folder)
        ids = (("bos", parts.language.bos_id), ("eos", parts.language.eos_id), ("pad", parts.language.pad_id))
        named = {f"{role}_token": parts.tokenizer.token(number) for role, number in ids}
        settings = {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": parts.language.positions,
        }
        text = json.dumps(settings | named, indent=1) + "\n"
        (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")


def write_vit(parts: Parts, folder: Path, shard_bytes: int) -> None:
    """A `Dinov2Model` under the names that transformers 4 and 5 both read.

    Raises:
        ModelError: there is no DINOv2.
        OSError: the disk is full or cannot be written.
    """
    from transformers import Dinov2Config

    tensors = below(VIT, parts.tensors)
    vit = parts.config.vit if parts.config else dinov2.read_shapes(tensors)
    config = Dinov2Config(
        hidden_size=vit.width,
        num_hidden_layers=vit.depth,
        num_attention_heads=vit.heads,
        image_size=vit.position_size,
        patch_size=vit.patch_size,
        use_swiglu_ffn=vit.swiglu,
        architectures=["Dinov2Model"],
    )
    weight_files.write(folder, dinov2.to_four(tensors), shard_bytes)
    config.save_pretrained(folder)
    _say_type(folder, tensors)


def write_cnn(parts: Parts, folder: Path, shard_bytes: int) -> None:
    """A `ConvNextModel`: the trunk of the CLIP.

    Raises:
        ModelError: a ConvNeXt that transformers cannot build.
        OSError: the disk is full or cannot be written.
    """
    import timm
    import torch
    from transformers import ConvNextConfig, ConvNextModel

    tensors = below(CLIP, parts.tensors)
    name = parts.config.cnn.timm_model if parts.config else convnext.timm_name(tensors)
    with torch.device("meta"):
        trunk: Any = timm.create_model(name, num_classes=0)
    block = trunk.stages[0].blocks[0]
    config = ConvNextConfig(
        hidden_sizes=[stage["num_chs"] for stage in trunk.feature_info],
        depths=[len(stage.blocks) for stage in trunk.stages],
        patch_size=tensors[f"{convnext.TRUNK}stem.0.weight"].shape[-1],
        hidden_act=_ACTIVATIONS.get(type(block.mlp.act).__name__, "none"),
        layer_norm_eps=_EPSILON,
        architectures=["ConvNextModel"],
    )
    named = convnext.to_hugging_face(below(convnext.TRUNK, tensors))
    with checkpoint.weightless():
        wanted = {n: v.shape for n, v in ConvNextModel(config).state_dict().items()}
    if checkpoint.differences(wanted, named) or block.norm.eps != _EPSILON:
        raise ModelError(
            f"transformers' ConvNextModel cannot be a {name}: its norms are LayerNorms of {_EPSILON}.",
            "timm loads it; or choose another --part.",
        )
    weight_files.write(folder, named, shard_bytes)
    config.save_pretrained(folder)
    _say_type(folder, named)


def _language_config(raw: Mapping[str, Any], folder: Path) -> LanguageConfig:
    if raw.get("model_type") != "llama":
        raise ModelError(
            f"{folder} is a {raw.get('model_type')!r}, not a LLaMA.",
            "The language model is a LlamaForCausalLM.",
        )
    known = LanguageConfig()
    try:
        heads, width = int(raw["num_attention_heads"]), int(raw["hidden_size"])
        groups = int(raw.get("num_key_value_heads") or heads)
        rope = raw.get("rope_parameters") or raw.get("rope_scaling") or {}
        kind = rope.get("rope_type") or rope.get("type") or "default"
        head = int(raw.get("head_dim") or width // heads)
        config = LanguageConfig(
            vocab_size=int(raw["vocab_size"]),
            width=width,
            layers=int(raw["num_hidden_layers"]),
            heads=heads,
            hidden=int(raw["intermediate_size"]),
            positions=int(raw.get("max_position_embeddings") or known.positions),
            norm_eps=float(raw["rms_norm_eps"]),
            rope_theta=float(rope.get("rope_theta") or raw.get("rope_theta") or known.rope_theta),
            tied=bool(raw.get("tie_word_embeddings")),
            pad_id=_id(raw.get("pad_token_id"), known.pad_id),
            bos_id=_id(raw.get("bos_token_id"), known.bos_id),
            eos_id=_id(raw.get("eos_token_id"), known.eos_id),
            kv_heads=None if groups == heads else groups,
            rope_factor=float(rope["factor"]) if kind == "linear" else 1.0,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(
            f"{folder / checkpoint.CONFIG} describes no LLaMA: {error!r}.", "Copy it again."
        ) from error
    if kind not in ("default", "linear") or head * heads != width:
        what = f"rotary scaling {kind!r}" if head * heads == width else f"heads of {head} channels"
        raise ModelError(f"{folder} has {what}, which our configuration cannot say.", "Give a LLaMA-2.")
    return config


def _id(value: Any, default: int) -> int:
    return default if value is None else int(value[0] if isinstance(value, list) else value)


def _biased(config: LanguageConfig, bias: bool) -> LanguageConfig:
    return replace(config, bias=bias)


def _say_type(folder: Path, tensors: Mapping[str, Lazy]) -> None:
    """transformers loads what config.json says the weights are; versions differ in what they call it."""
    types = {str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()}
    path = folder / checkpoint.CONFIG
    raw = checkpoint.read_json(path)
    if len(types) == 1:
        raw["torch_dtype"] = raw["dtype"] = types.pop()
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
