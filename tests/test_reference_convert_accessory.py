"""A light ensemble of LLaMA2-Accessory is an EarthGPT: equal logits, equal bits on the way back."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.checkpoint import digest, load
from rsbench.reference_model.config import Config
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.tokenizer import FILE, Tokenizer
from rsbench.reference_model.weight_files import SINGLE

from .accessory_writer import Shape, State, drawn, drawn_light, light_logits, of_rank, write

SHAPE = Shape(vocab_size=400, n_layers=1)
BIAS = ("wq", "wk", "wv", "wo", "w1", "w2", "w3")


def light(
    folder: Path, state: State, world: int, tokenizer: Tokenizer, kind: str = "llama_ens_light"
) -> Path:
    write(folder, state, world, SHAPE.params())
    (folder / "meta.json").write_text(json.dumps({"llama_type": kind}))
    tokenizer.write(folder)
    return folder


@pytest.mark.parametrize(("world", "bias"), [(1, ()), (2, BIAS)])
def test_the_logits_are_those_of_the_light_ensemble(
    tmp_path: Path, tokenizer: Tokenizer, world: int, bias: tuple[str, ...]
) -> None:
    state = drawn_light(SHAPE, 3, bias)
    said = convert(Wish(tmp_path / "ours", light(tmp_path / "a", state, world, tokenizer)))
    assert "sees, but cannot score boxes" in said
    loaded = load(tmp_path / "ours")
    config = loaded.config
    assert (config.image_size, config.visual_tokens, config.language.positions) == (512, 259, 600)
    assert (config.cnn.timm_model, config.cnn.stages, config.vit.layers) == ("test_convnext", (4,), (2,))
    assert config.language.bias is bool(bias) and not config.clip.scores
    pixels = torch.randn(2, 3, 512, 512, generator=torch.Generator().manual_seed(5)).double()
    ids = torch.tensor([[1, 30, 250, 31, 7], [1, 399, 0, 5, 6]])
    with torch.no_grad():
        model = loaded.model.double()  # in float32 rounding alone reaches 2e-5
        embedded = model.splice(model.see(pixels).tokens, ids)
        found = model.language(inputs_embeds=embedded).logits
        expected = light_logits({n: t.double() for n, t in state.items()}, SHAPE, pixels, ids)
    assert found.shape == (2, 259 + 5, 400)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_the_way_there_and_back_changes_no_bit(
    tmp_path: Path, tokenizer: Tokenizer, world: int, dtype: torch.dtype
) -> None:
    state = {name: tensor.to(dtype) for name, tensor in drawn_light(SHAPE, 4, BIAS).items()}
    convert(Wish(tmp_path / "ours", light(tmp_path / "a", state, 1, tokenizer)))
    convert(Wish(tmp_path / "b", tmp_path / "ours", target_kind="accessory", parallel=world))
    for rank in range(world):
        path = tmp_path / "b" / f"consolidated.{rank:02d}-of-{world:02d}.model.pth"
        stored = {n.replace("test_convnext", "xxl"): t for n, t in torch.load(path)["model"].items()}
        expected = of_rank(state, rank, world)
        expected = {n.replace("vitg14", "vit"): tensor for n, tensor in expected.items()}
        assert stored.keys() == {f"llma.{name}" for name in expected}
        for name, tensor in expected.items():
            other = stored[f"llma.{name}"]
            assert other.dtype == dtype and torch.equal(other, tensor), name
    assert json.loads((tmp_path / "b" / "meta.json").read_text()) == {"llama_type": "llama_ens_light_peft"}
    assert json.loads((tmp_path / "b" / "config.json").read_text())["bias_tuning"] is True
    convert(Wish(tmp_path / "again", tmp_path / "b"))
    assert digest(tmp_path / "again") == digest(tmp_path / "ours")


@pytest.mark.parametrize("world", [1, 2])
def test_metas_layout_and_back(tmp_path: Path, text_folder: Path, world: int) -> None:
    convert(Wish(tmp_path / "meta", text_folder, target_kind="meta", parallel=world))
    assert len([*(tmp_path / "meta").glob("consolidated.*.pth")]) == world
    convert(Wish(tmp_path / "a", tmp_path / "meta", target_kind="hf"))
    convert(Wish(tmp_path / "b", text_folder, target_kind="hf"))
    assert (tmp_path / "a" / SINGLE).read_bytes() == (tmp_path / "b" / SINGLE).read_bytes()
    assert (tmp_path / "a" / FILE).read_bytes() == (text_folder / FILE).read_bytes()


def test_a_tied_head_comes_back_tied(tmp_path: Path, tokenizer: Tokenizer) -> None:
    state = drawn_light(SHAPE, 4)
    convert(Wish(tmp_path / "ours", light(tmp_path / "a", state, 1, tokenizer)))
    tied = load(tmp_path / "ours").config
    tied = replace(tied, language=replace(tied.language, tied=True))
    (tmp_path / "ours" / "config.json").write_text(json.dumps(tied.to_dict(), indent=1) + "\n")
    from safetensors.torch import load_file, save_file

    stored = load_file(tmp_path / "ours" / SINGLE)
    del stored["language.lm_head.weight"]
    save_file(stored, tmp_path / "ours" / SINGLE)
    convert(Wish(tmp_path / "b", tmp_path / "ours", target_kind="accessory"))
    convert(Wish(tmp_path / "again", tmp_path / "b"))
    assert load_file(tmp_path / "again" / SINGLE).keys() == stored.keys()
    assert load(tmp_path / "again").config == tied


def test_what_was_trained_is_laid_over_where_it_began(tmp_path: Path, tokenizer: Tokenizer) -> None:
    state, tuned = drawn_light(SHAPE, 4), drawn_light(SHAPE, 5)
    whole = light(tmp_path / "whole", tuned, 1, tokenizer)
    seen = ("visual_proj", "start_img", "end_img")
    language = {n: t for n, t in state.items() if n in drawn(SHAPE, 0)}
    base = light(tmp_path / "base", language, 2, tokenizer, "llama")
    trained = {n: t for n, t in tuned.items() if n in language or n.startswith(seen)}
    overlay = write(tmp_path / "overlay", trained, 1, None)
    with pytest.raises(ModelError, match="overlay has no DINOv2") as caught:
        convert(Wish(tmp_path / "x", base, overlays=(overlay,)))
    assert "--vit and --clip" in str(caught.value) and not (tmp_path / "x").exists()
    for name, prefix in (("vit", "dinov2_vitg14."), ("cnn", "openclip_convnext_xxl.")):
        part = {n.removeprefix(prefix): t for n, t in tuned.items() if n.startswith(prefix)}
        torch.save(part, tmp_path / f"{name}.pth")
    convert(Wish(tmp_path / "expected", whole))
    wish = Wish(
        tmp_path / "x", base, overlays=(overlay,), vit=tmp_path / "vit.pth", clip=tmp_path / "cnn.pth"
    )
    convert(wish)
    assert digest(tmp_path / "x") == digest(tmp_path / "expected")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("llama_ens", "Q-Former"),
        ("llama_ens5", "Q-Former"),
        ("llama_ens10", "Q-Former"),
        ("llama_qformerv2_peft", "Q-Former"),
        ("llama_ens5_light", "four crops"),
        ("mixtral_sparse_ens", "not a LLaMA with the two experts"),
    ],
)
def test_other_variants_are_refused_with_the_reason(
    tmp_path: Path, tokenizer: Tokenizer, kind: str, said: str
) -> None:
    source = light(tmp_path / "a", drawn(SHAPE, 1), 1, tokenizer, kind)
    with pytest.raises(ModelError, match=f"{kind}.*{said}") as caught:
        convert(Wish(tmp_path / "x", source))
    assert "llama_ens_light" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("qformer.query_tokens", "Q-Former"),
        ("clip.visual.conv1.weight", "CLIP ViT"),
        ("vp_encoder.up.weight", "visual prompt encoder"),
        (
            "layers.0.attention.gate",
            "1 tensors have no place in an EarthGPT, the first layers.0.attention.gate",
        ),
    ],
)
def test_tensors_of_other_variants_are_named(
    tmp_path: Path, tokenizer: Tokenizer, name: str, said: str
) -> None:
    state = drawn_light(SHAPE, 4) | {name: torch.ones(2)}
    source = light(tmp_path / "a", state, 1, tokenizer)
    (source / "meta.json").unlink()
    with pytest.raises(ModelError, match=said):
        convert(Wish(tmp_path / "x", source))
    assert not (tmp_path / "x").exists()


def test_parameters_and_weights_that_are_missing_are_named(tmp_path: Path, tokenizer: Tokenizer) -> None:
    state = drawn_light(SHAPE, 4)
    source = light(tmp_path / "a", state, 1, tokenizer)
    (source / "config.json").unlink()
    with pytest.raises(ModelError, match="no config.json or params.json"):
        convert(Wish(tmp_path / "x", source))
    del state["layers.0.feed_forward.w3.weight"], state["end_img"]
    shutil.rmtree(source)
    with pytest.raises(
        ModelError, match="end_img is missing; language.model.layers.0.mlp.up_proj.weight is m"
    ):
        convert(Wish(tmp_path / "x", light(source, state, 1, tokenizer)))


def test_models_that_accessory_has_no_like_of(tmp_path: Path, text_folder: Path, tiny: Config) -> None:
    with pytest.raises(ModelError, match="no model like 'tiny'") as caught:
        convert(Wish(tmp_path / "x", text_folder, target_kind="accessory"))
    assert "--part language" in str(caught.value) and not (tmp_path / "x").exists()
    convert(Wish(tmp_path / "x", text_folder, target_kind="accessory", part="language", parallel=2))
    assert json.loads((tmp_path / "x" / "meta.json").read_text()) == {"llama_type": "llama"}
    biased = drawn(SHAPE, 1, BIAS)
    source = write(tmp_path / "biased", biased, 1, SHAPE.params())
    with pytest.raises(ModelError, match="has biases"):
        convert(Wish(tmp_path / "y", source, target_kind="meta"))
