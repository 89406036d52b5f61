"""The paper's equations 1 to 16, each against plain numpy written from the formula alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from torch import Tensor

from rsbench.reference_model.bias_tuning import Tuning, apply, fold
from rsbench.reference_model.config import CNNConfig, Config, ViTConfig
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.preprocess import for_vit, normalised, square_pixels
from rsbench.reference_model.vision import Encoders, build_vit, on_grid

Array = npt.NDArray[np.float64]
State = Mapping[str, Array]

# What transformers 5 and 4 call q, k, v and o of a DINOv2.
NAMES_5 = [f"attention.{n}_proj" for n in "qkvo"]
NAMES_4 = [*(f"attention.attention.{n}" for n in ("query", "key", "value")), "attention.output.dense"]


@pytest.fixture(scope="module")
def config(tiny: Config) -> Config:
    """Another grid than the position embedding's: 5 x 5 stored as for DINOv2's 37 x 37, 3 x 3 used."""
    vit = ViTConfig(42, 14, 16, 3, 2, (1, 3), 70)
    return replace(tiny, image_size=96, vit=vit, cnn=CNNConfig("test_convnext", (1, 2, 4), 8))


@pytest.fixture(scope="module")
def model(config: Config) -> EarthGPT:
    """A model whose parameters are all random, gains and biases too."""
    draw = torch.Generator().manual_seed(7)
    with torch.random.fork_rng(devices=[]):
        model = EarthGPT(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            gain = weight.ndim == 1 and ("norm" in name and name.endswith("weight") or "lambda" in name)
            weight.copy_(torch.randn(weight.shape, generator=draw) * 0.2 + float(gain))
    return model


@pytest.fixture(scope="module")
def pixels() -> Tensor:
    return torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(8))


def state_of(module: torch.nn.Module) -> dict[str, Array]:
    return {name: value.detach().double().numpy() for name, value in module.state_dict().items()}


def normed(x: Array, state: State, name: str, eps: float) -> Array:
    """Layer normalisation over the last axis."""
    centred = x - x.mean(-1, keepdims=True)
    scale: Array = np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    ready: Array = centred / scale * state[f"{name}.weight"] + state[f"{name}.bias"]
    return ready


def linear(x: Array, state: State, name: str) -> Array:
    return x @ state[f"{name}.weight"].T + state.get(f"{name}.bias", np.zeros(1))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def attend(q: Array, k: Array, v: Array, heads: int, causal: bool) -> Array:
    """(batch, n, width) each; one head after the other."""
    out = np.zeros_like(q)
    size = q.shape[-1] // heads
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        scores = q[..., part] @ k[..., part].swapaxes(1, 2) / math.sqrt(size)
        if causal:
            scores = np.where(np.tri(q.shape[1], dtype=bool), scores, -np.inf)
        out[..., part] = softmax(scores) @ v[..., part]
    return out


def cubic(given: int, wanted: int, a: float, smooth: bool) -> Array:
    """(wanted, given) weights of bicubic resampling along one side; `smooth` widens them when shrinking."""
    weights = np.zeros((wanted, given))
    step = given / wanted
    wide = max(step, 1.0) if smooth else 1.0
    for i in range(wanted):
        centre = (i + 0.5) * step - 0.5
        for j in range(math.floor(centre - 2 * wide), math.ceil(centre + 2 * wide) + 1):
            t = abs(j - centre) / wide
            near = (a + 2) * t**3 - (a + 3) * t**2 + 1
            far = a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
            weight = near if t <= 1 else far if t < 2 else 0.0
            if smooth and not 0 <= j < given:
                continue  # Pillow leaves out what lies outside; torch repeats the border
            weights[i, min(max(j, 0), given - 1)] += weight
    total: Array = weights.sum(1, keepdims=True)
    return weights / total


def vit_blocks(images: Array, state: State, config: ViTConfig) -> Iterator[Array]:
    """Equations 1 and 2: what each block of a DINOv2 gives, (batch, 1 + grid^2, width)."""
    grid, patch, width = config.grid, config.patch_size, config.width
    cut = images.reshape(-1, 3, grid, patch, grid, patch).transpose(0, 2, 4, 1, 3, 5)
    flat = cut.reshape(len(images), grid * grid, -1)
    kernel = state["embeddings.patch_embeddings.projection.weight"].reshape(width, -1)
    tokens = flat @ kernel.T + state["embeddings.patch_embeddings.projection.bias"]
    places = state["embeddings.position_embeddings"][0]
    stored = config.position_size // patch
    resample = cubic(stored, grid, -0.75, smooth=False)
    plane = places[1:].reshape(stored, stored, width)
    tokens = tokens + np.einsum("yr,xc,rcd->yxd", resample, resample, plane).reshape(-1, width)
    first = np.broadcast_to(state["embeddings.cls_token"][0] + places[:1], (len(images), 1, width))
    x = np.concatenate([first, tokens], 1)
    for layer in range(config.depth):
        block = f"encoder.layer.{layer}."
        inner = normed(x, state, f"{block}norm1", 1e-6)
        names = NAMES_5 if f"{block}{NAMES_5[0]}.weight" in state else NAMES_4
        q, k, v = (linear(inner, state, block + name) for name in names[:3])
        seen = linear(attend(q, k, v, config.heads, causal=False), state, block + names[3])
        x = x + seen * state[f"{block}layer_scale1.lambda1"]
        inner = linear(normed(x, state, f"{block}norm2", 1e-6), state, f"{block}mlp.fc1")
        inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = x + linear(inner, state, f"{block}mlp.fc2") * state[f"{block}layer_scale2.lambda1"]
        yield x


def patches(x: Array, side: int, kernel: Array, bias: Array) -> Array:
    """Convolution with a stride of its size: (batch, y, x, in) to (batch, y / side, x / side, out)."""
    b, height, width, c = x.shape
    cut = x.reshape(b, height // side, side, width // side, side, c)
    return np.asarray(np.einsum("bhywxc,ocyx->bhwo", cut, kernel, optimize=True) + bias)


def cnn_stages(images: Array, state: State) -> list[Array]:
    """Equations 4 and 5: the maps of a ConvNeXt, (batch, y, x, channels), the last one normalised."""
    x = images.transpose(0, 2, 3, 1)
    x = patches(x, 4, state["stem.0.weight"], state["stem.0.bias"])
    x = normed(x, state, "stem.1", 1e-5)
    maps = []
    for stage in range(4):
        name = f"stages.{stage}."
        if stage:
            x = normed(x, state, f"{name}downsample.0", 1e-5)
            x = patches(x, 2, state[f"{name}downsample.1.weight"], state[f"{name}downsample.1.bias"])
        block = 0
        while f"{name}blocks.{block}.gamma" in state:
            x = x + convnext_block(x, state, f"{name}blocks.{block}.")
            block += 1
        maps.append(x)
    return [*maps[:3], normed(maps[3], state, "head.norm", 1e-5)]


def convnext_block(x: Array, state: State, name: str) -> Array:
    """7 x 7 within each channel, normalisation, two linear layers with tanh-GELU between."""
    wide = np.pad(x, ((0, 0), (3, 3), (3, 3), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (7, 7), axis=(1, 2))
    inner = np.einsum("bhwcyx,cyx->bhwc", windows, state[f"{name}conv_dw.weight"][:, 0])
    inner = normed(inner + state[f"{name}conv_dw.bias"], state, f"{name}norm", 1e-5)
    inner = linear(inner, state, f"{name}mlp.fc1")
    inner = inner * 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
    return linear(inner, state, f"{name}mlp.fc2") * state[f"{name}gamma"]


def llama(embedded: Array, state: State, config: Config) -> Array:
    """Logits (batch, n, vocabulary) of a LLaMA, with alpha and beta where `state` has them."""
    own = config.language

    def layer(x: Array, name: str) -> Array:  # equations 9 to 11, and 15
        y = linear(x, state, name) + state.get(f"{name}.beta", np.zeros(1))
        return y * state.get(f"{name}.alpha", np.ones(1))

    def rms(x: Array, name: str) -> Array:  # equations 12 and 13
        size: Array = np.sqrt((x**2).mean(-1, keepdims=True) + own.norm_eps)
        return x / size * state[f"{name}.weight"]

    def turned(x: Array) -> Array:  # rotary positions, a pair is (i, i + half a head)
        size = own.width // own.heads
        angles = np.arange(x.shape[1])[:, None] / own.rope_theta ** (np.arange(0, size, 2) / size)
        split = x.reshape(*x.shape[:2], own.heads, 2, size // 2)
        pairs = (split[..., 0, :] + 1j * split[..., 1, :]) * np.exp(1j * angles)[:, None]
        return np.stack([pairs.real, pairs.imag], -2).reshape(x.shape)

    x = embedded
    for number in range(own.layers):
        block = f"model.layers.{number}."
        inner = rms(x, f"{block}input_layernorm")
        q, k, v = (layer(inner, f"{block}self_attn.{n}_proj") for n in "qkv")
        x = x + layer(attend(turned(q), turned(k), v, own.heads, causal=True), f"{block}self_attn.o_proj")
        inner = rms(x, f"{block}post_attention_layernorm")
        gate = layer(inner, f"{block}mlp.gate_proj")
        x = x + layer(
            gate / (1 + np.exp(-gate)) * layer(inner, f"{block}mlp.up_proj"), f"{block}mlp.down_proj"
        )
    return linear(rms(x, "model.norm"), state, "lm_head")


@torch.no_grad()
def test_the_pixels_of_both_encoders_from_a_picture_of_any_shape() -> None:
    for width, height in ((50, 31), (31, 50), (40, 40)):
        drawn = np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)
        side = max(width, height)
        square: Array = np.zeros((side, side, 3)) + (122, 116, 104)
        top, left = (side - height) // 2, (side - width) // 2
        square[top : top + height, left : left + width] = drawn
        for axis in (1, 0):  # Pillow rounds after each direction
            square = np.moveaxis(np.tensordot(cubic(side, 28, -0.5, True), square, (1, axis)), 0, axis)
            square = np.clip(np.floor(square + 0.5), 0, 255)
        found = square_pixels(Image.fromarray(drawn), 28)
        assert np.abs(found - square).max() <= 1  # Pillow's weights have 22 bits
        assert (found == square).mean() > 0.99
        shown = (found / 255 - (0.48145466, 0.4578275, 0.40821073)) / (0.26862954, 0.26130258, 0.27577711)
        clip = normalised([found])
        np.testing.assert_allclose(clip[0].permute(1, 2, 0), shown, atol=1e-6)
        shrink = cubic(28, 14, -0.75, smooth=False)
        small = np.einsum("yr,xc,rcd->dyx", shrink, shrink, found / 255)
        mean, std = (np.array(v)[:, None, None] for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
        np.testing.assert_allclose(for_vit(clip, 14)[0], (small - mean) / std, atol=5e-5)


@torch.no_grad()
def test_equations_1_to_3(model: EarthGPT, config: Config, pixels: Tensor) -> None:
    encoders: Encoders = model.encoders
    blocks = list(vit_blocks(for_vit(pixels, 42).double().numpy(), state_of(encoders.vit), config.vit))
    # each through the final normalisation, as DINOv2 gives its intermediate layers
    read = [normed(blocks[number - 1], state_of(encoders.vit), "layernorm", 1e-6) for number in (1, 3)]
    found = encoders(pixels).vit
    assert found.shape == (2, 1 + 3 * 3, 2 * 16)
    np.testing.assert_allclose(found, np.concatenate(read, -1), atol=1e-4)


@torch.no_grad()
def test_positions_stored_for_37_patches_serve_16(tiny: Config) -> None:
    vit = build_vit(replace(tiny, vit=ViTConfig(224, 14, 16, 1, 2, (1,), 518)))
    vit.embeddings.position_embeddings.normal_(generator=torch.Generator().manual_seed(2))
    blank = vit.embeddings(torch.zeros(1, 3, 224, 224))[0, 1:]
    stored = vit.embeddings.position_embeddings[0, 1:].double().numpy().reshape(37, 37, 16)
    resample = cubic(37, 16, -0.75, smooth=False)
    expected = np.einsum("yr,xc,rcd->yxd", resample, resample, stored).reshape(256, 16)
    bias = vit.embeddings.patch_embeddings.projection.bias
    np.testing.assert_allclose(blank, expected + bias.double().numpy(), atol=1e-5)


@torch.no_grad()
def test_equations_4_to_5(model: EarthGPT, pixels: Tensor) -> None:
    stages = cnn_stages(pixels.double().numpy(), state_of(model.encoders.clip.visual.trunk))
    found = model.encoders(pixels).stages
    assert [tuple(f.shape[1:]) for f in found] == [(24, 24, 24), (32, 12, 12), (64, 3, 3)]
    for number, stage in zip((0, 1, 3), found, strict=True):
        scale = np.abs(stages[number]).max()
        expected = stages[number].transpose(0, 3, 1, 2)
        np.testing.assert_allclose(stage.numpy() / scale, expected / scale, atol=1e-5)


@torch.no_grad()
def test_equations_6_to_7(model: EarthGPT, pixels: Tensor) -> None:
    features, state = model.encoders(pixels), state_of(model.fusion)
    columns = []
    for number, stage in enumerate(features.stages):
        common = linear(stage.double().numpy().transpose(0, 2, 3, 1), state, f"stages.{number}")
        step = common.shape[1] // 3
        on_one_grid = common.reshape(2, 3, step, 3, step, 8).mean((2, 4)).reshape(2, 9, 8)
        columns.append(np.concatenate([on_one_grid.mean(1, keepdims=True), on_one_grid], 1))
    joined = np.concatenate([*columns, features.vit.double().numpy()], -1)
    expected = normed(linear(joined, state, "proj.0"), state, "proj.1", 1e-5)
    found = model.fusion(features.vit, on_grid(features.stages, 3))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def spliced(model: EarthGPT, pixels: Tensor, ids: Tensor) -> Tensor:
    return model.splice(model.see(pixels).tokens, ids)


@pytest.fixture(scope="module")
def ids() -> Tensor:
    """Two texts of different length, BOS first, padded with 0 on the right."""
    return torch.tensor([[1, 7, 9, 300, 44], [1, 8, 5, 0, 0]])


@torch.no_grad()
def test_equation_8(model: EarthGPT, config: Config, pixels: Tensor, ids: Tensor) -> None:
    words = model.language.model.embed_tokens.weight
    features = model.encoders(pixels)
    visual = model.fusion(features.vit, on_grid(features.stages, 3))
    found = spliced(model, pixels, ids)
    assert config.visual_tokens == 1 + 10 + 1 and found.shape == (2, 5 + 12, 32)
    torch.testing.assert_close(found[:, 0], words[1].expand(2, -1))
    torch.testing.assert_close(found[:, 1], model.start_img[0].expand(2, -1))
    torch.testing.assert_close(found[:, 2:12], visual)
    torch.testing.assert_close(found[:, 12], model.end_img[0].expand(2, -1))
    torch.testing.assert_close(found[:, 13:], words[ids[:, 1:]])


@torch.no_grad()
def test_equations_9_to_13(model: EarthGPT, config: Config, pixels: Tensor, ids: Tensor) -> None:
    embedded = spliced(model, pixels, ids)
    found = model.language(inputs_embeds=embedded).logits
    expected = llama(embedded.double().numpy(), state_of(model.language), config)
    np.testing.assert_allclose(found, expected, atol=2e-4 * np.abs(expected).max())


@torch.no_grad()
def test_a_place_sees_what_is_before_it_and_nothing_after(
    model: EarthGPT, pixels: Tensor, ids: Tensor
) -> None:
    embedded = spliced(model, pixels, ids)
    before = model.language(inputs_embeds=embedded).logits
    for place in (1, 4, 11, 12, 13, 16):  # delimiters, visual tokens and words
        other = embedded.clone()
        other[:, place] += 1
        after = model.language(inputs_embeds=other).logits
        torch.testing.assert_close(after[:, :place], before[:, :place], atol=0, rtol=0)
        changed = (after[:, place:] - before[:, place:]).abs().amax((0, 2))
        assert (changed > 1e-5).all()


@torch.no_grad()
def test_padding_and_neighbours_change_no_answer(model: EarthGPT, pixels: Tensor, ids: Tensor) -> None:
    together = model.language(inputs_embeds=spliced(model, pixels, ids)).logits
    for row, length in ((0, 5), (1, 3)):
        one = slice(row, row + 1)
        alone = model.language(inputs_embeds=spliced(model, pixels[one], ids[one, :length])).logits
        torch.testing.assert_close(together[row, : 12 + length], alone[0], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_equation_14(model: EarthGPT, pixels: Tensor, ids: Tensor) -> None:
    """The answer is the last two words of the first text; its loss, word by word, from the words before."""
    expected = 0.0
    for end in (3, 4):
        logits = model.language(inputs_embeds=spliced(model, pixels[:1], ids[:1, :end])).logits
        expected -= float(np.log(softmax(logits[0, -1].double().numpy())[int(ids[0, end])]))
    labels = torch.full((1, 12 + 5), -100)
    labels[0, -2:] = ids[0, 3:]
    loss = model.language(inputs_embeds=spliced(model, pixels[:1], ids[:1]), labels=labels).loss
    assert float(loss) * 2 == pytest.approx(expected, rel=1e-5)


def test_equations_15_to_16(model: EarthGPT, config: Config, pixels: Tensor, ids: Tensor) -> None:
    tuned = EarthGPT(config).eval()
    tuned.load_state_dict(model.state_dict())
    apply(tuned, Tuning(std=0.1), 9)
    added = state_of(tuned.language)
    assert all(not value.any() for name, value in added.items() if name.endswith(".beta"))
    with torch.no_grad():
        for name, weight in tuned.language.named_parameters():
            if name.endswith(".beta"):
                weight.normal_(0, 0.2, generator=torch.Generator().manual_seed(len(name)))
        embedded = spliced(tuned, pixels, ids)
        expected = llama(embedded.double().numpy(), state_of(tuned.language), config)
        plain = llama(embedded.double().numpy(), state_of(model.language), config)
        scale = np.abs(expected).max()
        assert np.abs(expected - plain).max() > 0.05 * scale
        for language in (tuned.language, fold(tuned.language)):
            found = language(inputs_embeds=embedded).logits.numpy()
            np.testing.assert_allclose(found, expected, atol=2e-4 * scale)
