"""Checkpoints as LLaMA2-Accessory writes them and the forward passes they mean, apart from our code."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

State = dict[str, Tensor]


@dataclass(frozen=True)
class Shape:
    """Of a toy LLaMA in Accessory's words."""

    dim: int = 32
    n_layers: int = 2
    n_heads: int = 4
    n_kv_heads: int | None = None
    hidden: int = 48
    vocab_size: int = 60
    norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    rope_scaling: float | None = None

    def params(self) -> dict[str, Any]:
        """What its config.json says; the hidden size is in the shapes."""
        keys = ("dim", "n_layers", "n_heads", "n_kv_heads", "norm_eps", "rope_theta", "rope_scaling")
        return {key: getattr(self, key) for key in keys} | {"vocab_size": -1, "max_seq_len": 600}


def drawn(shape: Shape, seed: int, bias: Sequence[str] = ()) -> State:
    """Random weights; `bias` names the linear layers that have one."""
    draw = torch.Generator().manual_seed(seed)
    groups = (shape.n_kv_heads or shape.n_heads) * (shape.dim // shape.n_heads)
    linear = {
        "attention.wq": (shape.dim, shape.dim),
        "attention.wk": (groups, shape.dim),
        "attention.wv": (groups, shape.dim),
        "attention.wo": (shape.dim, shape.dim),
        "feed_forward.w1": (shape.hidden, shape.dim),
        "feed_forward.w2": (shape.dim, shape.hidden),
        "feed_forward.w3": (shape.hidden, shape.dim),
    }

    def normal(*size: int, scale: float = 0.3) -> Tensor:
        return torch.randn(size, generator=draw) * scale

    state = {"tok_embeddings.weight": normal(shape.vocab_size, shape.dim)}
    for layer in range(shape.n_layers):
        for name, size in linear.items():
            state[f"layers.{layer}.{name}.weight"] = normal(*size)
            if name.split(".")[1] in bias:
                state[f"layers.{layer}.{name}.bias"] = normal(size[0])
        for name in ("attention_norm", "ffn_norm"):
            state[f"layers.{layer}.{name}.weight"] = 1 + normal(shape.dim, scale=0.1)
    state["norm.weight"] = 1 + normal(shape.dim, scale=0.1)
    state["output.weight"] = normal(shape.vocab_size, shape.dim)
    return state


def logits(state: State, shape: Shape, hidden: Tensor) -> Tensor:
    """Embeddings (batch, n, dim) to logits, with complex rotary numbers as Meta's code has them."""
    length, head = hidden.shape[1], shape.dim // shape.n_heads
    places = torch.arange(length).double() * (shape.rope_scaling or 1.0)
    turns = places[:, None] * shape.rope_theta ** (-torch.arange(0, head, 2).double() / head)[None]
    rotation = torch.polar(torch.ones_like(turns), turns)
    mask = torch.full((length, length), -math.inf).triu(1)

    def gain(x: Tensor, name: str) -> Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + shape.norm_eps) * state[name]

    def line(x: Tensor, name: str) -> Tensor:
        y = x @ state[f"{name}.weight"].T
        return y + state[f"{name}.bias"] if f"{name}.bias" in state else y

    def rotated(x: Tensor) -> Tensor:
        numbers = torch.view_as_complex(x.double().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(numbers * rotation[:, None]).flatten(-2).to(x.dtype)

    for layer in range(shape.n_layers):
        own = f"layers.{layer}."
        x = gain(hidden, f"{own}attention_norm.weight")
        q, k, v = (
            line(x, f"{own}attention.{name}").reshape(*x.shape[:-1], -1, head) for name in ("wq", "wk", "wv")
        )
        q, k = rotated(q), rotated(k)
        times = q.shape[2] // k.shape[2]
        k, v = (t.repeat_interleave(times, dim=2) for t in (k, v))
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(head) + mask
        seen = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v).flatten(2)
        hidden = hidden + line(seen, f"{own}attention.wo")
        x = gain(hidden, f"{own}ffn_norm.weight")
        inner = functional.silu(line(x, f"{own}feed_forward.w1")) * line(x, f"{own}feed_forward.w3")
        hidden = hidden + line(inner, f"{own}feed_forward.w2")
    return gain(hidden, "norm.weight") @ state["output.weight"].T


def of_rank(state: Mapping[str, Tensor], rank: int, world: int) -> State:
    """What one of `world` tensor-parallel processes stores."""
    part: State = {}
    for name, tensor in state.items():
        layer, _, kind = name.rpartition(".")
        last = layer.rpartition(".")[2]
        if last in ("wq", "wk", "wv", "w1", "w3", "output"):
            part[name] = tensor.chunk(world, 0)[rank].clone()
        elif (last in ("wo", "w2") and kind == "weight") or last == "tok_embeddings":
            part[name] = tensor.chunk(world, 1)[rank].clone()
        else:
            part[name] = tensor.clone()
    return part


def write(
    folder: Path,
    state: Mapping[str, Tensor],
    world: int,
    params: Mapping[str, Any] | None,
    kind: str = "model",
) -> Path:
    """Accessory's folder: nested below "model", names with `llma.`; no parameters for an overlay."""
    folder.mkdir(parents=True, exist_ok=True)
    for rank in range(world):
        named = {f"llma.{name}": tensor for name, tensor in of_rank(state, rank, world).items()}
        torch.save({"model": named}, folder / f"consolidated.{rank:02d}-of-{world:02d}.{kind}.pth")
    if params is not None:
        (folder / "config.json").write_text(json.dumps(params))
    return folder


def write_meta(folder: Path, state: Mapping[str, Tensor], world: int, params: Mapping[str, Any]) -> Path:
    """Meta's folder: flat, names bare, with the frequencies that old files have."""
    folder.mkdir(parents=True, exist_ok=True)
    for rank in range(world):
        flat = {**of_rank(state, rank, world), "rope.freqs": torch.ones(4)}
        torch.save(flat, folder / f"consolidated.{rank:02d}.pth")
    (folder / "params.json").write_text(json.dumps(params))
    return folder


def drawn_vit(seed: int, width: int, depth: int, grid: int, swiglu: bool = False) -> State:
    """A DINOv2 under torch.hub's names, 14-pixel patches."""
    draw = torch.Generator().manual_seed(seed)

    def normal(*size: int) -> Tensor:
        return torch.randn(size, generator=draw) * 0.2

    state = {
        "cls_token": normal(1, 1, width),
        "pos_embed": normal(1, 1 + grid * grid, width),
        "mask_token": normal(1, width),
        "patch_embed.proj.weight": normal(width, 3, 14, 14),
        "patch_embed.proj.bias": normal(width),
        "norm.weight": 1 + normal(width),
        "norm.bias": normal(width),
    }
    inner = (int(4 * width * 2 / 3) + 7) // 8 * 8
    linear = {"attn.qkv": (3 * width, width), "attn.proj": (width, width)}
    linear |= (
        {"mlp.w12": (2 * inner, width), "mlp.w3": (width, inner)}
        if swiglu
        else {"mlp.fc1": (4 * width, width), "mlp.fc2": (width, 4 * width)}
    )
    for block in range(depth):
        for name, size in linear.items():
            state[f"blocks.{block}.{name}.weight"] = normal(*size)
            state[f"blocks.{block}.{name}.bias"] = normal(size[0])
        for name in ("norm1", "norm2"):
            state[f"blocks.{block}.{name}.weight"] = 1 + normal(width)
            state[f"blocks.{block}.{name}.bias"] = normal(width)
        for name in ("ls1", "ls2"):
            state[f"blocks.{block}.{name}.gamma"] = 1 + normal(width)
    return state


def vit_tokens(state: State, pixels: Tensor, heads: int) -> Tensor:
    """The class token and the patches of the last block, normalised, as torch.hub's model gives them."""
    width = state["cls_token"].shape[-1]

    def norm(x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(x, (width,), state[f"{name}.weight"], state[f"{name}.bias"], 1e-6)

    def line(x: Tensor, name: str) -> Tensor:
        return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]

    x = functional.conv2d(pixels, state["patch_embed.proj.weight"], state["patch_embed.proj.bias"], stride=14)
    x = x.flatten(2).transpose(1, 2)
    x = torch.cat([state["cls_token"].expand(len(x), -1, -1), x], 1) + state["pos_embed"]
    for block in range(sum(name.endswith("ls1.gamma") for name in state)):
        own = f"blocks.{block}."
        mixed = line(norm(x, f"{own}norm1"), f"{own}attn.qkv")
        q, k, v = mixed.reshape(*mixed.shape[:-1], 3, heads, -1).unbind(2)
        scores = torch.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(width // heads)
        seen = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(-1), v).flatten(2)
        x = x + state[f"{own}ls1.gamma"] * line(seen, f"{own}attn.proj")
        y = norm(x, f"{own}norm2")
        if f"{own}mlp.w12.weight" in state:
            gate, value = line(y, f"{own}mlp.w12").chunk(2, -1)
            y = line(functional.silu(gate) * value, f"{own}mlp.w3")
        else:
            y = line(functional.gelu(line(y, f"{own}mlp.fc1")), f"{own}mlp.fc2")
        x = x + state[f"{own}ls2.gamma"] * y
    return norm(x, "norm")


def drawn_light(shape: Shape, seed: int, bias: Sequence[str] = ()) -> State:
    """A light ensemble: language model, DINOv2 (width 64, one head), `test_convnext`, projection, marks."""
    import timm

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        trunk = timm.create_model("test_convnext", num_classes=0)
        for parameter in trunk.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.1)
        state = {f"openclip_convnext_xxl.{name}": tensor for name, tensor in trunk.state_dict().items()}
        state |= {
            "visual_proj.0.weight": torch.randn(shape.dim, 64 + 64) * 0.1,
            "visual_proj.0.bias": torch.randn(shape.dim),
            "visual_proj.1.weight": 1 + torch.randn(shape.dim) * 0.1,
            "visual_proj.1.bias": torch.randn(shape.dim) * 0.1,
            "start_img": torch.rand(1, 1, shape.dim),
            "end_img": torch.rand(1, 1, shape.dim),
        }
    vit = {f"dinov2_vitg14.{name}": tensor for name, tensor in drawn_vit(seed, 64, 2, 16).items()}
    return drawn(shape, seed, bias) | state | vit


def light_logits(state: State, shape: Shape, pixels: Tensor, ids: Tensor) -> Tensor:
    """CLIP-normalised (batch, 3, 512, 512) and text beginning with BOS to logits over the whole sequence."""
    import timm

    def own(prefix: str) -> State:
        return {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}

    def column(*values: float) -> Tensor:
        return torch.tensor(values).view(3, 1, 1)

    clip_mean, clip_std = (
        column(0.48145466, 0.4578275, 0.40821073),
        column(0.26862954, 0.26130258, 0.27577711),
    )
    mean, std = column(0.485, 0.456, 0.406), column(0.229, 0.224, 0.225)
    small = functional.interpolate(pixels, size=(224, 224), mode="bicubic")
    vit = vit_tokens(own("dinov2_vitg14."), (small * clip_std + clip_mean - mean) / std, heads=1)

    trunk: Any = timm.create_model("test_convnext", num_classes=0).eval().to(pixels.dtype)
    trunk.load_state_dict(own("openclip_convnext_xxl."))
    trunk.head.global_pool = trunk.head.flatten = torch.nn.Identity()
    maps = trunk(pixels)
    assert maps.shape[1:] == (64, 16, 16)
    cnn = maps.flatten(2).transpose(1, 2)
    cnn = torch.cat([cnn.mean(1, keepdim=True), cnn], 1)

    seen = torch.cat([cnn, vit], -1) @ state["visual_proj.0.weight"].T + state["visual_proj.0.bias"]
    seen = functional.layer_norm(
        seen, (shape.dim,), state["visual_proj.1.weight"], state["visual_proj.1.bias"]
    )
    words, count = state["tok_embeddings.weight"][ids], len(ids)
    marks = [state[name].expand(count, -1, -1) for name in ("start_img", "end_img")]
    return logits(state, shape, torch.cat([words[:, :1], marks[0], seen, marks[1], words[:, 1:]], 1))
