"""The forward pass of a `LlamaForCausalLM` one token after the other, over keys and values kept in place.

The same weights and the same arithmetic as transformers' own, with less between them: projections that read
the same input are one matrix, the cache is not copied to grow by a token, and the last layer computes the
places only whose output is read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..harness.errors import ModelError

_STATIC_ROPE = ("default", "linear", "llama3", "yarn")  # frequencies that do not depend on the length so far
_JOINED_BYTES = 2**30  # a larger model is bound by reading its weights: a second copy gains nothing
_COLUMNS = 128  # by which a cache grows

Linear = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class _Layer:
    before_attention: Tensor  # gains of the RMSNorm
    queries_keys_values: Linear
    out: Linear
    before_forward: Tensor
    gate_up: Linear
    down: Linear


class Cache:
    """Keys and values of a batch: (layers, 2, rows, heads, columns, head width). The first `rows` rows and
    `length` columns are in use.

    A row is [prefix][gap][text]: the text ends at the same column in all rows, so that a step writes one
    column. `gaps` is added to the attention's scores, (rows, 1, 1, columns): -inf in a row's gap; None: there
    is none.
    """

    def __init__(self, decoder: Decoder, rows: int, columns: int) -> None:
        shape = (decoder.depth, 2, rows, decoder.key_heads, columns, decoder.head_width)
        self.store = torch.empty(shape, dtype=decoder.dtype, device=decoder.device)
        self.rows, self.length = rows, 0
        self.gaps: Tensor | None = None

    def room(self, columns: int) -> None:
        """Make sure that so many more columns can be written."""
        wanted = self.length + columns
        if wanted > self.store.shape[4]:
            old = self.store[:, :, : self.rows, :, : self.length]
            shape = list(old.shape)
            shape[4] = wanted + _COLUMNS
            self.store = self.store.new_empty(shape)
            self.store[:, :, :, :, : self.length] = old
            if self.gaps is not None:
                more = shape[4] - self.gaps.shape[3]
                self.gaps = functional.pad(self.gaps[: self.rows], (0, more))

    def write(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Put (rows, heads, columns, head width) behind what a layer has; all keys and values it then has."""
        end = self.length + keys.shape[2]
        own_keys, own_values = self.store[layer, :, : self.rows, :, :end].unbind()
        own_keys[:, :, self.length :] = keys
        own_values[:, :, self.length :] = values
        return own_keys, own_values

    def drop(self, row: int) -> int:
        """A row is done: the last one, whose number is returned, takes its place."""
        self.rows = last = self.rows - 1
        if row != last:
            self.store[:, :, row, :, : self.length] = self.store[:, :, last, :, : self.length]
            if self.gaps is not None:
                self.gaps[row] = self.gaps[last]
        return last


class Decoder:
    """Reads the weights of a `LlamaForCausalLM` once, when it is made.

    Grouped queries, biases, tied and untied heads and any feed-forward activation are as the model has them.
    Projections that are no plain `nn.Linear` (a bias tuning, LoRA, quantised ones) are called as they are.

    Raises:
        ModelError: rotary frequencies that change with the length (dynamic, longrope).
    """

    def __init__(self, language: Any) -> None:
        model, config = language.model, language.config
        rotary = model.rotary_emb
        if rotary.rope_type not in _STATIC_ROPE:
            raise ModelError(
                f"The model's rotary scaling {rotary.rope_type!r} depends on the length of the text.",
                f"There are: {', '.join(_STATIC_ROPE)}.",
            )
        self.embedding = language.get_input_embeddings()
        self.dtype, self.device = self.embedding.weight.dtype, self.embedding.weight.device
        attention = model.layers[0].self_attn
        self.depth, self.width = len(model.layers), config.hidden_size
        self.head_width = attention.head_dim
        self.key_heads = config.num_key_value_heads
        self.heads = config.num_attention_heads
        self.positions = config.max_position_embeddings
        self._activation, self._eps = model.layers[0].mlp.act_fn, config.rms_norm_eps
        # torch 2.4 does not know the word, and needs it only for grouped queries
        self._grouped: dict[str, Any] = {"enable_gqa": True} if self.heads != self.key_heads else {}
        size = sum(p.numel() * p.element_size() for p in language.parameters())
        joined = size <= _JOINED_BYTES
        self._layers = [_layer(layer, joined) for layer in model.layers]
        self._norm, self._head = model.norm.weight, _linear([language.lm_head], joined)
        places = torch.arange(self.positions, device=self.device).float()
        turns = places[:, None] * rotary.inv_freq.to(self.device).float()[None]
        scale = rotary.attention_scaling
        self._cos = (torch.cat([turns.cos(), turns.cos()], -1) * scale).to(self.dtype)
        self._sin = (torch.cat([-turns.sin(), turns.sin()], -1) * scale).to(self.dtype)

    def prefixes(self, embedded: Tensor) -> list[Tensor]:
        """Keys and values of the start of each sequence, (rows, length, width) at positions 0 to length - 1.

        A row's are (layers, 2, heads, length, head width), in memory of their own.
        """
        rows, length = embedded.shape[:2]
        cache = Cache(self, rows, length)
        places = torch.arange(length, device=self.device).expand(rows, -1)
        self._run(cache, embedded, places, None, read=False)
        return [cache.store[:, :, row].clone() for row in range(rows)]

    def start(self, prefixes: Sequence[Tensor], ids: Sequence[Sequence[int]]) -> tuple[Cache, Tensor]:
        """Read the text of every row behind its prefix, none empty and all prefixes of one length.

        The cache, and the logits (rows, vocabulary) of the first token of each answer, float32.
        """
        rows, before = len(ids), prefixes[0].shape[3]
        width = max(map(len, ids))
        cache = Cache(self, rows, before + width + _COLUMNS)
        for row, prefix in enumerate(prefixes):
            cache.store[:, :, row, :, :before] = prefix
        cache.length = before
        padded = torch.tensor([[0] * (width - len(n)) + list(n) for n in ids], device=self.device)
        gaps = torch.tensor([width - len(n) for n in ids], device=self.device)
        places = torch.arange(width, device=self.device)
        if any(len(n) < width for n in ids):
            cache.gaps = torch.zeros(rows, 1, 1, cache.store.shape[4], dtype=self.dtype, device=self.device)
            hidden = (places < gaps[:, None])[:, None, None]
            cache.gaps[..., before : before + width].masked_fill_(hidden, -torch.inf)
        later = torch.full((width, width), -torch.inf, dtype=self.dtype, device=self.device).triu(1)
        mask = functional.pad(later, (before, 0))[None, None]
        if cache.gaps is not None:
            mask = mask + cache.gaps[..., : before + width]
        positions = (places - gaps[:, None]).clamp(min=0) + before
        return cache, self._run(cache, self.embedding(padded), positions, mask)

    def step(self, cache: Cache, ids: Tensor, positions: Tensor, added: Tensor | None = None) -> Tensor:
        """One more token (rows,) of every row, at its position: the logits of the next, float32.

        `added` (rows, width) is added to the tokens' embeddings.
        """
        cache.room(1)
        mask = None if cache.gaps is None else cache.gaps[: cache.rows, ..., : cache.length + 1]
        embedded = self.embedding(ids)
        if added is not None:
            embedded = embedded + added
        return self._run(cache, embedded[:, None], positions[:, None], mask)

    def _run(
        self, cache: Cache, embedded: Tensor, positions: Tensor, mask: Tensor | None, read: bool = True
    ) -> Tensor:
        """All layers over (rows, places, width) behind what the cache has; the logits after the last place.

        Without `read` only the cache is filled. Without a mask a place sees all up to its own.
        """
        rows, places = embedded.shape[:2]
        x = embedded.flatten(0, 1)
        cos, sin = (table[positions].view(-1, 1, self.head_width) for table in (self._cos, self._sin))
        turned = self.heads + self.key_heads
        for number, layer in enumerate(self._layers):
            normed = _normed(x, layer.before_attention, self._eps)
            heads = layer.queries_keys_values(normed).view(rows * places, -1, self.head_width)
            heads[:, :turned] = _rotated(heads[:, :turned], cos, sin)
            heads = heads.view(rows, places, -1, self.head_width).transpose(1, 2)
            keys, values = cache.write(number, heads[:, self.heads : turned], heads[:, turned:])
            queries = heads[:, : self.heads]
            if number == self.depth - 1:  # nothing reads the other places' output
                if not read:
                    break
                queries, x = queries[:, :, -1:], x[places - 1 :: places]
                mask = None if mask is None else mask[..., -1:, :]
            causal = mask is None and queries.shape[2] > 1
            seen = functional.scaled_dot_product_attention(
                queries, keys, values, mask, is_causal=causal, **self._grouped
            )
            x = x + layer.out(seen.transpose(1, 2).reshape(len(x), -1))
            gate, up = layer.gate_up(_normed(x, layer.before_forward, self._eps)).chunk(2, -1)
            x = x + layer.down(self._activation(gate) * up)
        cache.length += places
        logits: Tensor = self._head(_normed(x, self._norm, self._eps)) if read else x
        return logits.float()


def _layer(layer: Any, joined: bool) -> _Layer:
    attention, forward = layer.self_attn, layer.mlp
    return _Layer(
        layer.input_layernorm.weight,
        _linear([attention.q_proj, attention.k_proj, attention.v_proj], joined),
        _linear([attention.o_proj], joined),
        layer.post_attention_layernorm.weight,
        _linear([forward.gate_proj, forward.up_proj], joined),
        _linear([forward.down_proj], joined),
    )


def _linear(modules: Sequence[nn.Module], joined: bool) -> Linear:
    """What reads one input, as one function. Joined, the weights lie as a product of few rows reads them."""
    if not joined or any(type(module) is not nn.Linear for module in modules):
        if len(modules) == 1:
            return modules[0]
        return lambda x: torch.cat([module(x) for module in modules], -1)
    weight = torch.cat([m.weight.detach() for m in modules if isinstance(m, nn.Linear)]).t().contiguous()
    biases = [m.bias.detach() for m in modules if isinstance(m, nn.Linear) and m.bias is not None]
    if not biases:
        return lambda x: x @ weight
    bias = torch.cat(biases)
    return lambda x: torch.addmm(bias, x, weight)


def _normed(x: Tensor, gains: Tensor, eps: float) -> Tensor:
    """RMSNorm (arXiv 1910.07467), computed in float32."""
    if x.is_cuda:
        return functional.rms_norm(x, x.shape[-1:], gains, eps)
    # torch has no kernel of its own for it on a CPU; this is less than what it puts together
    length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
    scale = length.mul_(length).div_(x.shape[-1]).add_(eps).rsqrt_()
    normed: Tensor = (x * scale).to(x.dtype) * gains
    return normed


def _rotated(heads: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions (RoFormer, arXiv 2104.09864) of (places, heads, head width), halves as pairs; the
    first half of `sin` is negated.
    """
    halves = heads.view(*heads.shape[:-1], 2, -1).flip(-2).view_as(heads)
    return torch.addcmul(heads * cos, halves, sin)
