"""Equations 1 to 7: what is read of the encoders and how it is fused, by independent arithmetic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rsbench.reference_model.config import Config
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.preprocess import for_vit
from rsbench.reference_model.vision import Features, on_grid, stage_channels, with_mean


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(3))


@pytest.fixture(scope="module")
def features(text_model: EarthGPT, pixels: Tensor) -> Features:
    with torch.no_grad():
        features: Features = text_model.encoders(pixels)
    return features


def test_the_vits_layers_are_normalised_and_concatenated(
    text_model: EarthGPT, pixels: Tensor, features: Features
) -> None:
    vit, parts = text_model.encoders.vit, []
    norm = vit.layernorm
    with torch.no_grad():
        x = vit.embeddings(for_vit(pixels, 28))
        for number, block in enumerate(vit.encoder.layer, start=1):
            x = block(x)
            x = x[0] if isinstance(x, tuple) else x  # transformers 4
            if number in (1, 3):
                centred = x - x.mean(-1, keepdim=True)
                variance = centred.square().mean(-1, keepdim=True)
                parts.append(centred / (variance + norm.eps).sqrt() * norm.weight + norm.bias)
        last = vit(pixel_values=for_vit(pixels, 28)).last_hidden_state
    assert features.vit.shape == (2, 1 + 2 * 2, 2 * 16)
    torch.testing.assert_close(features.vit, torch.cat(parts, -1), atol=1e-5, rtol=0)
    torch.testing.assert_close(features.vit[..., 16:], last, atol=1e-6, rtol=0)


def test_the_cnns_stages_are_read_and_the_last_is_normalised_at_every_position(
    text_model: EarthGPT, pixels: Tensor, features: Features
) -> None:
    trunk = text_model.encoders.clip.visual.trunk
    with torch.no_grad():
        stages = trunk.forward_intermediates(pixels, intermediates_only=True)
    assert [tuple(s.shape[1:]) for s in features.stages] == [(32, 8, 8), (48, 4, 4), (64, 2, 2)]
    torch.testing.assert_close(features.stages[0], stages[1])
    torch.testing.assert_close(features.stages[1], stages[2])
    norm, last = trunk.head.norm, stages[3]
    for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
        alone = functional.layer_norm(last[..., y, x], (64,), norm.weight, norm.bias, norm.eps)
        torch.testing.assert_close(features.stages[2][..., y, x], alone, atol=1e-5, rtol=0)


def test_the_clip_scores_with_the_trunk_pooled_then_normalised(text_model: EarthGPT, pixels: Tensor) -> None:
    visual = text_model.encoders.clip.visual
    with torch.no_grad():
        pooled = visual.trunk.forward_features(pixels).mean((2, 3))
        norm = visual.trunk.head.norm
        expected = (
            functional.layer_norm(pooled, (64,), norm.weight, norm.bias, norm.eps) @ visual.head.proj.weight.T
        )
        torch.testing.assert_close(visual(pixels), expected, atol=1e-5, rtol=0)


def test_maps_are_averaged_onto_the_grid_row_by_row() -> None:
    plane = torch.arange(16.0).view(1, 1, 4, 4)
    (found,) = on_grid((plane,), 2)
    assert found.flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    small = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    assert on_grid((small,), 4)[0].flatten().tolist() == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]


def test_the_mean_comes_first() -> None:
    assert with_mean(torch.tensor([[[1.0], [2.0], [6.0]]])).flatten().tolist() == [3, 1, 2, 6]


def test_fusion_is_projection_of_cnn_then_vit(text_model: EarthGPT, features: Features, tiny: Config) -> None:
    fusion, grid = text_model.fusion, tiny.vit.grid
    columns = []
    for layer, stage in zip(fusion.stages, features.stages, strict=True):
        weight, bias = (getattr(layer, part).detach().numpy() for part in ("weight", "bias"))
        plane = stage.numpy().astype(np.float64)
        step = plane.shape[-1] // grid
        pooled = plane.reshape(2, -1, grid, step, grid, step).mean((3, 5))  # 1x1 convolution after it
        column = np.einsum("bcyx,oc->byxo", pooled, weight).reshape(2, grid * grid, -1) + bias
        columns.append(np.concatenate([column.mean(1, keepdims=True), column], 1))
    joined = np.concatenate([*columns, features.vit.numpy()], -1)
    linear, norm = list[Any](fusion.proj)
    out = joined @ linear.weight.detach().numpy().T + linear.bias.detach().numpy()
    out = (out - out.mean(-1, keepdims=True)) / np.sqrt(out.var(-1, keepdims=True) + 1e-5)
    expected = out * norm.weight.detach().numpy() + norm.bias.detach().numpy()
    with torch.no_grad():
        found = fusion(features.vit, on_grid(features.stages, grid))
    assert found.shape == (2, 1 + grid**2, tiny.language.width)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-4)


def test_channels_of_the_stages_read(tiny: Config) -> None:
    assert stage_channels(tiny) == (32, 48, 64)


@torch.no_grad()
def test_a_sphinx_shaped_fusion_reads_the_last_layers_as_they_are(tiny: Config, pixels: Tensor) -> None:
    """CNN first, then ViT; token 0 is the CNN's mean beside the class token (`llama_ens_light`)."""
    light = replace(
        tiny, vit=replace(tiny.vit, layers=(3,)), cnn=replace(tiny.cnn, stages=(4,), channels=None)
    )
    with torch.random.fork_rng(devices=[]):
        model = EarthGPT(light).eval()
    assert list(model.fusion.state_dict()) == ["proj.0.weight", "proj.0.bias", "proj.1.weight", "proj.1.bias"]
    trunk, vit = model.encoders.clip.visual.trunk, model.encoders.vit
    last = trunk.head.norm(trunk.forward_features(pixels))  # 2 x 2, as the ViT's grid
    stage = last.flatten(2).transpose(1, 2)
    tokens = vit(pixel_values=for_vit(pixels, 28)).last_hidden_state
    linear: Any = model.fusion.proj[0]
    first, second = linear.weight.split([64, 16], dim=1)
    cnn = torch.cat([stage.mean(1, keepdim=True), stage], 1)
    out = cnn @ first.T + tokens @ second.T + linear.bias
    expected = functional.layer_norm(out, (32,), eps=1e-5)
    torch.testing.assert_close(model.see(pixels).tokens[:, 1:-1], expected, atol=1e-5, rtol=0)
