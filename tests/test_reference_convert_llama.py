"""The language model's two sets of names: the numbers of a forward pass written with complex rotations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from rsbench.harness.errors import ModelError
from rsbench.reference_model.config import LanguageConfig
from rsbench.reference_model.convert.llama import (
    halves,
    pairs,
    read_params,
    to_hugging_face,
    to_meta,
    with_biases,
    write_params,
)
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.lazy import lazy

from .accessory_writer import Shape, State, drawn, logits, write, write_meta

PLAIN = Shape()
ALL = ("wq", "wk", "wv", "wo", "w1", "w2", "w3")
IDS = torch.tensor([[1, 7, 3, 50, 22, 9, 14, 2, 33], [1, 4, 4, 4, 59, 0, 8, 30, 5]])


def transformers_logits(folder: Path) -> Tensor:
    from transformers import LlamaForCausalLM

    model: Any = LlamaForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        return torch.as_tensor(model.eval()(IDS).logits)


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize(
    ("shape", "bias"),
    [
        (PLAIN, ()),
        (PLAIN, ALL),
        (PLAIN, ("wq", "wo", "w1", "w2", "w3")),  # what early bias tunings had
        (replace(PLAIN, n_kv_heads=2), ALL),
        (replace(PLAIN, rope_scaling=0.125, rope_theta=5000.0), ()),
    ],
    ids=["plain", "biases", "some biases", "grouped", "scaled"],
)
def test_transformers_gives_the_logits_of_the_shards(
    tmp_path: Path, shape: Shape, bias: tuple[str, ...], world: int
) -> None:
    state = drawn(shape, 3, bias)
    source = write(tmp_path / "shards", state, world, shape.params())
    said = convert(Wish(tmp_path / "hf", source, target_kind="hf"))
    expected = logits(state, shape, state["tok_embeddings.weight"][IDS])
    torch.testing.assert_close(transformers_logits(tmp_path / "hf"), expected, atol=1e-5, rtol=1e-5)
    written = json.loads((tmp_path / "hf" / "config.json").read_text())
    assert written["attention_bias"] is written["mlp_bias"] is bool(bias)
    assert ("written as zeros" in said) == (0 < len(bias) < 7)


@pytest.mark.parametrize("world", [1, 2])
def test_metas_own_shards(tmp_path: Path, world: int) -> None:
    state = drawn(PLAIN, 4)
    params = {"dim": 32, "n_layers": 2, "n_heads": 4, "norm_eps": 1e-5, "vocab_size": -1, "multiple_of": 256}
    source = write_meta(tmp_path / "llama", state, world, params)
    convert(Wish(tmp_path / "hf", source, target_kind="hf"))
    expected = logits(state, PLAIN, state["tok_embeddings.weight"][IDS])
    torch.testing.assert_close(transformers_logits(tmp_path / "hf"), expected, atol=1e-5, rtol=1e-5)


def test_rows_go_from_pairs_to_halves_and_back() -> None:
    rows = torch.arange(2 * 6)[:, None].repeat(1, 3)  # two heads of six channels
    expected = [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11]
    assert halves(rows, 2)[:, 1].tolist() == expected
    assert halves(rows[:, 0], 2).tolist() == expected  # a bias, or a scale for every row
    assert torch.equal(pairs(halves(rows, 2), 2), rows)


@pytest.mark.parametrize("suffix", ["weight", "bias", "alpha", "beta"])
def test_whatever_has_an_entry_per_row_is_reordered(suffix: str) -> None:
    rows = torch.arange(8.0)
    named, left = to_hugging_face({f"layers.3.attention.wq.{suffix}": lazy(rows)}, 2, 2)
    assert not left
    assert named[f"model.layers.3.self_attn.q_proj.{suffix}"].read().tolist() == [0, 2, 1, 3, 4, 6, 5, 7]
    back = to_meta(named, LanguageConfig(heads=2))
    assert torch.equal(back[f"layers.3.attention.wq.{suffix}"].read(), rows)


def test_low_rank_updates_are_added(tmp_path: Path) -> None:
    state = drawn(PLAIN, 5)
    draw = torch.Generator().manual_seed(6)
    merged: State = dict(state)
    tuned: State = dict(state)
    for name in ("layers.0.attention.wq", "layers.1.feed_forward.w2"):
        rows, columns = state[f"{name}.weight"].shape
        down, up = torch.randn(4, columns, generator=draw), torch.randn(rows, 4, generator=draw)
        tuned |= {f"{name}.lora_a.weight": down, f"{name}.lora_b.weight": up}
        merged[f"{name}.weight"] = state[f"{name}.weight"] + up @ down
    convert(Wish(tmp_path / "hf", write(tmp_path / "a", tuned, 1, PLAIN.params()), target_kind="hf"))
    expected = logits(merged, PLAIN, state["tok_embeddings.weight"][IDS])
    torch.testing.assert_close(transformers_logits(tmp_path / "hf"), expected, atol=1e-4, rtol=1e-4)
    half = {"layers.0.attention.wq.lora_a.weight": lazy(torch.zeros(1, 1))}
    with pytest.raises(ModelError, match="layers.0.attention.wq has not all"):
        to_hugging_face(half, 2, 2)


def test_what_is_no_language_models_is_handed_back() -> None:
    tensors = {"norm.weight": lazy(torch.ones(2)), "visual_proj.0.weight": lazy(torch.ones(1))}
    named, left = to_hugging_face(tensors | {"rope.freqs": lazy(torch.ones(1))}, 1, 1)
    assert list(named) == ["model.norm.weight"] and list(left) == ["visual_proj.0.weight"]
    with pytest.raises(ModelError, match="model.layers.0.self_attn.q_proj.lora_A has no name"):
        to_meta({"model.layers.0.self_attn.q_proj.lora_A": lazy(torch.ones(1))}, LanguageConfig())


def test_a_tied_head_is_written_out() -> None:
    words = lazy(torch.ones(3, 2))
    named = to_meta({"model.embed_tokens.weight": words}, LanguageConfig(tied=True))
    assert named["output.weight"] is words


def test_biases_are_on_all_or_none() -> None:
    weight = lazy(torch.ones(3, 2, dtype=torch.float16))
    none = {"model.layers.0.mlp.up_proj.weight": weight, "model.norm.weight": lazy(torch.ones(2))}
    assert with_biases(none) == (none, False)
    some = none | {"model.layers.0.mlp.down_proj.weight": weight}
    some["model.layers.0.mlp.down_proj.bias"] = lazy(torch.ones(3))
    filled, there = with_biases(some)
    made = filled["model.layers.0.mlp.up_proj.bias"]
    assert there and made.shape == (3,) and made.dtype == torch.float16
    assert torch.equal(made.read(), torch.zeros(3, dtype=torch.float16))
    assert "model.norm.bias" not in filled


@pytest.mark.parametrize(
    ("width", "hidden"), [(4096, 11008), (5120, 13824), (8192, 28672), (32, 48), (192, 512), (64, 40)]
)
def test_parameters_say_the_hidden_size_the_way_accessory_computes_it(width: int, hidden: int) -> None:
    config = LanguageConfig(100, width, 2, 4, hidden, 700, rope_factor=8.0, kv_heads=2)
    raw = json.loads(json.dumps(write_params(config)))
    computed = int(2 * (4 * width) / 3)  # ModelArgs
    if raw["ffn_dim_multiplier"] is not None:
        computed = int(raw["ffn_dim_multiplier"] * computed)
    multiple = raw["multiple_of"]
    assert multiple * ((computed + multiple - 1) // multiple) == hidden
    assert raw["rope_scaling"] == 0.125
    shapes = {
        "tok_embeddings.weight": lazy(torch.empty(100, width, device="meta")),
        "layers.0.feed_forward.w1.weight": lazy(torch.empty(hidden, width, device="meta")),
    }
    assert read_params(raw, shapes) == config


def test_parameters_that_do_not_fit_are_named() -> None:
    raw = PLAIN.params()
    tensors = {name: lazy(tensor) for name, tensor in drawn(PLAIN, 0).items()}
    with pytest.raises(ModelError, match="'n_heads'"):
        read_params({k: v for k, v in raw.items() if k != "n_heads"}, tensors)
    with pytest.raises(ModelError, match="tok_embeddings.weight"):
        read_params(raw, {})
    with pytest.raises(ModelError, match="cannot be read"):
        read_params(raw | {"norm_eps": "small"}, tensors)
    with pytest.raises(ModelError, match="32 wide; the parameters say dim 64") as caught:
        read_params(raw | {"dim": 64}, tensors)
    assert "2 shards" in str(caught.value)
