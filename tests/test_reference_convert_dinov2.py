"""DINOv2's names: the tokens of a forward pass written by hand, under either generation of transformers."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.config import Config, ViTConfig
from rsbench.reference_model.convert.dinov2 import as_installed, canonical, read_shapes, to_four, to_hub
from rsbench.reference_model.lazy import Lazy, lazy
from rsbench.reference_model.vision import build_vit

from .accessory_writer import State, drawn_vit, vit_tokens


def lazily(state: State) -> dict[str, Lazy]:
    return {name: lazy(tensor) for name, tensor in state.items()}


def read(tensors: dict[str, Lazy]) -> State:
    return {name: tensor.read() for name, tensor in tensors.items()}


@pytest.mark.parametrize("swiglu", [False, True])
@pytest.mark.parametrize("stored", ["hub", "transformers 4", "transformers 5"])
def test_transformers_model_sees_what_the_hubs_sees(swiglu: bool, stored: str) -> None:
    state = drawn_vit(2, 32, 3, 2, swiglu)
    named = canonical(lazily(state))
    tensors = {"hub": lazily(state), "transformers 4": to_four(named), "transformers 5": named}[stored]
    vit = ViTConfig(28, 14, 32, 3, 2, (3,), 28, swiglu)
    model: Any = build_vit(Config("t", vit=vit)).eval()
    fitting = as_installed(
        {f"v.{n}": t for n, t in tensors.items()}, "v.", [f"v.{n}" for n in model.state_dict()]
    )
    model.load_state_dict({n.removeprefix("v."): t.read() for n, t in fitting.items()}, strict=True)
    pixels = torch.randn(2, 3, 28, 28, generator=torch.Generator().manual_seed(7))
    with torch.no_grad():
        found = model(pixel_values=pixels).last_hidden_state
    torch.testing.assert_close(found, vit_tokens(state, pixels, 2), atol=1e-5, rtol=1e-5)


def test_timms_vit_has_the_hubs_names_and_numbers() -> None:
    """A second judge: timm loads the hub's names as they are (but for its blocks' own mask token)."""
    from timm.models.vision_transformer import VisionTransformer

    state = drawn_vit(4, 32, 2, 2)
    judge = VisionTransformer(
        img_size=28, patch_size=14, embed_dim=32, depth=2, num_heads=2, init_values=1.0, num_classes=0
    )
    judge.load_state_dict({n: t for n, t in state.items() if n != "mask_token"}, strict=True)
    pixels = torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(8))
    with torch.no_grad():
        expected = judge.eval().forward_features(pixels)
    torch.testing.assert_close(vit_tokens(state, pixels, 2), expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("swiglu", [False, True])
def test_every_name_comes_back(swiglu: bool) -> None:
    state = drawn_vit(3, 16, 2, 2, swiglu)
    named = canonical(lazily(state))
    assert canonical(named).keys() == named.keys() == canonical(to_four(named)).keys()
    for back in (to_hub(named), to_hub(canonical(to_four(named)))):
        assert back.keys() == state.keys()
        for name, tensor in read(back).items():
            assert torch.equal(tensor, state[name]), name


def test_generation_four_has_its_names() -> None:
    named = to_four(canonical(lazily(drawn_vit(3, 16, 1, 2, swiglu=True))))
    for part in (
        "attention.attention.query.weight",
        "attention.attention.key.bias",
        "attention.attention.value.weight",
        "attention.output.dense.bias",
        "mlp.weights_in.weight",
        "mlp.weights_out.bias",
        "layer_scale2.lambda1",
    ):
        assert f"encoder.layer.0.{part}" in named
    assert not any("proj." in name and "projection" not in name for name in named)


def test_models_saved_in_chunks() -> None:
    state = drawn_vit(3, 16, 2, 2)
    chunked = {name.replace("blocks.", "blocks.0."): tensor for name, tensor in state.items()}
    assert canonical(lazily(chunked)).keys() == canonical(lazily(state)).keys()


def test_only_the_vits_names_change() -> None:
    tensors = lazily({"other.attn.qkv.weight": torch.ones(3, 1), "v.blocks.0.ls1.gamma": torch.ones(1)})
    named = as_installed(tensors, "v.", ["v.encoder.layer.0.attention.attention.query.weight"])
    assert list(named) == ["other.attn.qkv.weight", "v.encoder.layer.0.layer_scale1.lambda1"]


def test_shapes_say_what_it_is() -> None:
    found = read_shapes(canonical(lazily(drawn_vit(3, 128, 3, 4, swiglu=True))))
    assert found == ViTConfig(224, 14, 128, 3, 2, (3,), 56, True)
    with pytest.raises(ModelError, match="not the tensors of a DINOv2"):
        read_shapes(lazily({"a": torch.ones(1)}))


def test_register_tokens_and_odd_matrices_are_refused() -> None:
    with pytest.raises(ModelError, match="register tokens"):
        canonical(lazily({"register_tokens": torch.ones(1)}))
    with pytest.raises(ModelError, match="encoder.layer.0.attention has 4 rows for 3 parts"):
        canonical(lazily({"blocks.0.attn.qkv.bias": torch.ones(4)}))
