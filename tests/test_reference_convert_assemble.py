"""A model of parts: what each gives, what is new, and what cannot be put together."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.checkpoint import digest, load
from rsbench.reference_model.config import Config, LanguageConfig
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import Tokenizer

from .accessory_writer import Shape, drawn, drawn_vit, vit_tokens, write_meta

SHAPE = Shape(vocab_size=400, n_layers=1)


@pytest.fixture
def wish(tmp_path: Path, tiny: Config, text_model: EarthGPT, tokenizer: Tokenizer) -> Wish:
    """A Meta LLaMA in two shards, a DINOv2 of the hub, a CLIP of open_clip; the configuration is a file."""
    wider = replace(tiny, vit=replace(tiny.vit, depth=2, layers=(1, 2)))
    (tmp_path / "tiny.json").write_text(json.dumps(wider.to_dict()))
    write_meta(tmp_path / "llama", drawn(SHAPE, 1), 2, SHAPE.params())
    tokenizer.write(tmp_path / "llama")
    torch.save(drawn_vit(2, 16, 2, 2), tmp_path / "vit.pth")
    torch.save({"state_dict": text_model.encoders.clip.state_dict()}, tmp_path / "clip.pt")
    return Wish(
        tmp_path / "model",
        preset=str(tmp_path / "tiny.json"),
        language=tmp_path / "llama",
        vit=tmp_path / "vit.pth",
        clip=tmp_path / "clip.pt",
        seed=5,
    )


def test_every_part_is_where_it_belongs(wish: Wish, tiny: Config, text_model: EarthGPT) -> None:
    said = convert(wish)
    assert "drawn from seed 5" in said and "language: " in said
    loaded = load(wish.target)
    expected = LanguageConfig(400, 32, 1, 4, 48, 600)
    assert loaded.config.language == expected and loaded.config.clip == tiny.clip
    assert loaded.config.system_prompt == "Be brief."
    clip = text_model.encoders.clip.state_dict()
    for name, tensor in loaded.model.encoders.clip.state_dict().items():
        assert torch.equal(tensor, clip[name]), name
    pixels = torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        found = loaded.model.encoders.vit(pixels).last_hidden_state
        # this configuration has two heads of eight channels
        torch.testing.assert_close(found, vit_tokens(drawn_vit(2, 16, 2, 2), pixels, 2), atol=1e-5, rtol=1e-5)
        loaded.model.see(torch.zeros(1, 3, 64, 64))


def test_the_projection_comes_from_the_seed(wish: Wish, tmp_path: Path) -> None:
    convert(wish)
    convert(replace(wish, target=tmp_path / "same"))
    convert(replace(wish, target=tmp_path / "other", seed=6))
    assert digest(wish.target) == digest(tmp_path / "same") != digest(tmp_path / "other")
    one, other = (load(folder).model.state_dict() for folder in (wish.target, tmp_path / "other"))
    different = {name for name in one if not torch.equal(one[name], other[name])}
    drawn_at_random = {n for n in one if n.startswith("fusion") and not n.startswith("fusion.proj.1")}
    assert different == drawn_at_random | {"start_img", "end_img"}  # a norm begins as the identity


def test_a_trunk_alone_makes_a_model_that_does_not_score(wish: Wish, text_model: EarthGPT) -> None:
    assert wish.clip is not None
    torch.save(text_model.encoders.clip.visual.trunk.state_dict(), wish.clip)
    assert "cannot score boxes" in convert(wish)
    loaded = load(wish.target)
    assert not loaded.config.clip.scores
    loaded.model.see(torch.zeros(1, 3, 64, 64))
    from rsbench.reference_model.clip import load as load_clip

    with pytest.raises(ModelError, match="no text tower"):
        load_clip(str(wish.target))


def test_parts_of_another_size_are_named(wish: Wish, tmp_path: Path) -> None:
    torch.save(drawn_vit(2, 32, 2, 2), tmp_path / "vit.pth")
    with pytest.raises(
        ModelError, match=r"encoders.vit.embeddings.cls_token is \(1, 1, 32\), not \(1, 1, 16\)"
    ):
        convert(wish)
    assert not wish.target.exists()


def test_what_cannot_be_put_together(
    wish: Wish, tiny_proposals: Config, tmp_path: Path, text_folder: Path
) -> None:
    (tmp_path / "pointing.json").write_text(json.dumps(tiny_proposals.to_dict()))
    with pytest.raises(ModelError, match="whose head nothing but training gives"):
        convert(replace(wish, preset=str(tmp_path / "pointing.json")))
    (tmp_path / "llama" / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="no tokenizer.json or tokenizer.model") as caught:
        convert(wish)
    assert "--tokenizer" in str(caught.value) and not wish.target.exists()
    convert(replace(wish, tokenizer=text_folder / "tokenizer.json"))
    convert(replace(wish, target=tmp_path / "b", language=text_folder))  # ours as a source of words
    assert load(tmp_path / "b").config.language.layers == 2
