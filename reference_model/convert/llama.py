"""The language model under its two sets of names: Meta's (with complex rotary pairs) and Hugging Face's.

Meta rotates neighbouring channels (2i, 2i + 1) of a head, Hugging Face channel i with i + half: the rows of
the query and key projections are reordered, and everything that has an entry per row with them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ...harness.errors import ModelError
from ..config import LanguageConfig
from ..lazy import Lazy, Tensors

_OUTER = {
    "tok_embeddings.weight": "model.embed_tokens.weight",
    "norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_INNER = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w3": "mlp.up_proj",
    "feed_forward.w2": "mlp.down_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
_META = re.compile(r"layers\.(\d+)\.(\w+(?:\.w\w)?)\.(weight|bias|alpha|beta)")
_HF = re.compile(r"model\.layers\.(\d+)\.(\w+(?:\.\w+_proj)?)\.(weight|bias|alpha|beta)")
_LORA = re.compile(r"(.+)\.lora_[ab]\.weight")
_DERIVED = re.compile(r"rope\.freqs|.*rotary_emb\.inv_freq")  # stored by some, computed by all


def to_hugging_face(tensors: Tensors, heads: int, kv_heads: int) -> tuple[dict[str, Lazy], dict[str, Lazy]]:
    """Meta's names to those of `LlamaForCausalLM`; and the tensors that are none of its."""
    mapped: dict[str, Lazy] = {}
    left: dict[str, Lazy] = {}
    for name, tensor in _merged(tensors).items():
        match = _META.fullmatch(name)
        if name in _OUTER:
            mapped[_OUTER[name]] = tensor
        elif match and match[2] in _INNER:
            number, part, suffix = match.groups()
            count = {"attention.wq": heads, "attention.wk": kv_heads}.get(part)
            moved = tensor if count is None else tensor.moved(partial(halves, heads=count))
            mapped[f"model.layers.{number}.{_INNER[part]}.{suffix}"] = moved
        elif not _DERIVED.fullmatch(name):
            left[name] = tensor
    return mapped, left


def to_meta(tensors: Tensors, config: LanguageConfig) -> dict[str, Lazy]:
    """The names of `LlamaForCausalLM` to Meta's; a tied head is written out.

    Raises:
        ModelError: a tensor that has no name there.
    """
    outer = {theirs: ours for ours, theirs in _OUTER.items()}
    inner = {theirs: ours for ours, theirs in _INNER.items()}
    mapped: dict[str, Lazy] = {}
    for name, tensor in tensors.items():
        match = _HF.fullmatch(name)
        if name in outer:
            mapped[outer[name]] = tensor
        elif match and match[2] in inner:
            number, part, suffix = match.groups()
            count = {"self_attn.q_proj": config.heads, "self_attn.k_proj": kv_heads(config)}.get(part)
            moved = tensor if count is None else tensor.moved(partial(pairs, heads=count))
            mapped[f"layers.{number}.{inner[part]}.{suffix}"] = moved
        elif not _DERIVED.fullmatch(name):
            raise ModelError(
                f"{name} has no name in Meta's LLaMA.", "Fold a tuned model before converting it."
            )
    if config.tied:
        mapped["output.weight"] = mapped["tok_embeddings.weight"]
    return mapped


def halves(rows: Tensor, heads: int) -> Tensor:
    """Rows (heads * d, ...) from neighbouring rotary pairs to halves."""
    return rows.view(heads, -1, 2, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)


def pairs(rows: Tensor, heads: int) -> Tensor:
    """Rows (heads * d, ...) from rotary halves to neighbouring pairs: undoes `halves`."""
    return rows.view(heads, 2, -1, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)


def kv_heads(config: LanguageConfig) -> int:
    """Heads of keys and values: fewer than of queries where they are grouped."""
    return config.kv_heads or config.heads


def with_biases(tensors: Tensors) -> tuple[dict[str, Lazy], bool]:
    """Zeros where only some linear layers have a bias (early bias tunings); and whether any has.

    `tensors` are in Hugging Face's names, which know biases on all or none.
    """
    found = dict(tensors)
    if not any(name.endswith("_proj.bias") for name in tensors):
        return found, False
    for name, weight in tensors.items():
        bias = name.removesuffix("weight") + "bias"
        if name.endswith("_proj.weight") and bias not in found:
            found[bias] = _zeros(weight)
    return found, True


def read_params(raw: Mapping[str, Any], tensors: Tensors) -> LanguageConfig:
    """The configuration that `params.json` or Accessory's `config.json` and the shapes describe.

    `raw` says what shapes cannot: heads, epsilon, rotary base and scaling. Accessory's `rope_scaling`
    multiplies positions, so the factor that divides them is its inverse. Names are Meta's.

    Raises:
        ModelError: a key or tensor is missing, or shapes do not agree with `raw`.
    """
    try:
        vocab_size, width = tensors["tok_embeddings.weight"].shape
        hidden = tensors["layers.0.feed_forward.w1.weight"].shape[0]
        heads, layers, eps = int(raw["n_heads"]), int(raw["n_layers"]), float(raw["norm_eps"])
        groups = int(raw.get("n_kv_heads") or heads)
        scaling = raw.get("rope_scaling")
        config = LanguageConfig(
            vocab_size=vocab_size,
            width=width,
            layers=layers,
            heads=heads,
            hidden=hidden,
            positions=int(raw.get("max_seq_len") or LanguageConfig().positions),
            norm_eps=eps,
            rope_theta=float(raw.get("rope_theta") or LanguageConfig().rope_theta),
            kv_heads=None if groups == heads else groups,
            rope_factor=1 / float(scaling) if scaling else 1.0,
        )
    except KeyError as error:
        raise ModelError(f"{error.args[0]!r} of the language model is missing.", _PARAMS) from error
    except (TypeError, ValueError) as error:
        raise ModelError(f"The parameters of the language model cannot be read: {error}.", _PARAMS) from error
    if width != int(raw.get("dim", width)):
        raise ModelError(
            f"tok_embeddings.weight is {width} wide; the parameters say dim {raw['dim']}.",
            f"A model in {int(raw['dim']) / width:g} shards needs all of them in the folder.",
        )
    return config


def write_params(config: LanguageConfig) -> dict[str, Any]:
    """What `read_params` reads: the keys of Accessory's ModelArgs; `params.json` has some of them."""
    base = int(2 * 4 * config.width / 3)
    rounded = 256 * -(-base // 256)
    multiple, ratio = (256, None) if config.hidden == rounded else (1, (config.hidden + 0.5) / base)
    return {
        "dim": config.width,
        "n_layers": config.layers,
        "n_heads": config.heads,
        "n_kv_heads": config.kv_heads,
        "vocab_size": config.vocab_size,
        "multiple_of": multiple,
        "ffn_dim_multiplier": ratio,
        "norm_eps": config.norm_eps,
        "rope_theta": config.rope_theta,
        "max_seq_len": config.positions,
        "rope_scaling": None if config.rope_factor == 1 else 1 / config.rope_factor,
    }


def _merged(tensors: Tensors) -> Tensors:
    """Low-rank updates added to what they update: Accessory's layer gives W x + B (A x)."""
    bases = dict.fromkeys(match[1] for name in tensors if (match := _LORA.fullmatch(name)))
    if not bases:
        return tensors
    merged = {name: tensor for name, tensor in tensors.items() if not _LORA.fullmatch(name)}
    for base in bases:
        trio = [tensors.get(f"{base}.{part}") for part in ("weight", "lora_a.weight", "lora_b.weight")]
        weight, down, up = trio
        if weight is None or down is None or up is None:
            raise ModelError(f"{base} has not all of weight, lora_a and lora_b.", "Give the base checkpoint.")
        merged[f"{base}.weight"] = _with_update(weight, down, up)
    return merged


def _with_update(weight: Lazy, down: Lazy, up: Lazy) -> Lazy:
    def added(tensor: Tensor) -> Tensor:
        return (tensor.float() + up.read().float() @ down.read().float()).to(tensor.dtype)

    return weight.moved(added)


def _zeros(weight: Lazy) -> Lazy:
    return Lazy(weight.shape[:1], weight.dtype, lambda: torch.zeros(weight.shape[0], dtype=weight.dtype))


_PARAMS = "params.json (Meta) or config.json (Accessory) has dim, n_layers, n_heads and norm_eps."
