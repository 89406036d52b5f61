"""Folders of transformers: what is exported loads there and gives the same numbers, and the way back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from timm.models.convnext import ConvNeXt

from rsbench.harness.errors import ModelError
from rsbench.reference_model.bias_tuning import Tuning, apply, fold_model
from rsbench.reference_model.checkpoint import load, save
from rsbench.reference_model.config import Config, LanguageConfig
from rsbench.reference_model.convert.hugging_face import read_language, write_cnn
from rsbench.reference_model.convert.parts import Parts
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.lazy import lazy, prefixed
from rsbench.reference_model.model import EarthGPT, build_language
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.weight_files import SINGLE

IDS = torch.tensor([[1, 7, 3, 50, 22, 9, 14, 2, 33]])


def test_a_folded_tuning_is_a_plain_llama(tmp_path: Path, tiny: Config, tokenizer: Tokenizer) -> None:
    from transformers import AutoTokenizer, LlamaForCausalLM

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = EarthGPT(tiny).eval()
    apply(model, Tuning(std=0.3), 3)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(".beta"):
                parameter.add_(torch.linspace(-1, 1, len(parameter)))
        expected = model.language(IDS).logits
    fold_model(model)
    save(tmp_path / "tuned", model, tokenizer)
    convert(Wish(tmp_path / "hf", tmp_path / "tuned", target_kind="hf"))
    theirs: Any = LlamaForCausalLM.from_pretrained(tmp_path / "hf")
    theirs.float().eval()
    assert theirs.config.attention_bias and theirs.config.mlp_bias and theirs.config.eos_token_id == 2
    with torch.no_grad():
        found = theirs(IDS).logits
    # the checkpoint holds float16
    torch.testing.assert_close(found, expected, atol=2e-3, rtol=2e-3)
    with torch.no_grad():
        torch.testing.assert_close(
            found, load(tmp_path / "tuned").model.language(IDS).logits, atol=1e-6, rtol=1e-6
        )
    words: Any = AutoTokenizer.from_pretrained(tmp_path / "hf")
    assert words("a ship 0.25")["input_ids"] == tokenizer.encode("a ship 0.25") and words.eos_token_id == 2
    assert (tmp_path / "hf" / "generation_config.json").is_file()


@pytest.mark.parametrize(
    "config",
    [
        LanguageConfig(60, 32, 2, 4, 48, 100, kv_heads=2, bias=True),
        LanguageConfig(60, 32, 2, 4, 48, 100, tied=True, rope_theta=5000.0, rope_factor=8.0),
    ],
)
def test_a_llama_of_transformers_is_read(tmp_path: Path, config: LanguageConfig) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        model = build_language(config).eval()
    model.save_pretrained(tmp_path / "hf")
    found = read_language(tmp_path / "hf")
    assert found.language == config
    convert(Wish(tmp_path / "shards", tmp_path / "hf", target_kind="accessory", parallel=2))
    convert(Wish(tmp_path / "again", tmp_path / "shards", target_kind="hf"))
    from transformers import LlamaForCausalLM

    again: Any = LlamaForCausalLM.from_pretrained(tmp_path / "again")
    again.eval()
    with torch.no_grad():
        assert torch.equal(again(IDS[:, :3]).logits, model(IDS[:, :3]).logits)


def test_weights_in_bin_files_are_read(tmp_path: Path) -> None:
    config = LanguageConfig(60, 32, 1, 4, 48, 100)
    model = build_language(config)
    model.config.save_pretrained(tmp_path)
    state = {n: t.clone() for n, t in model.state_dict().items()}
    torch.save(state, tmp_path / "pytorch_model.bin")
    assert read_language(tmp_path).tensors.keys() == {f"language.{n}" for n in state}
    (tmp_path / "pytorch_model.bin").rename(tmp_path / "pytorch_model-00001-of-00001.bin")
    index = {"weight_map": dict.fromkeys(state, "pytorch_model-00001-of-00001.bin")}
    (tmp_path / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    assert read_language(tmp_path).tensors.keys() == {f"language.{n}" for n in state}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model_type": "mistral"}, "'mistral', not a LLaMA"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0}}, "rotary scaling 'yarn'"),
        ({"head_dim": 16}, "heads of 16 channels"),
        ({"hidden_size": None}, "describes no LLaMA"),
    ],
)
def test_other_models_are_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    config = LanguageConfig(60, 32, 1, 4, 48, 100)
    build_language(config).save_pretrained(tmp_path)
    raw = json.loads((tmp_path / "config.json").read_text()) | change
    (tmp_path / "config.json").write_text(json.dumps(raw))
    with pytest.raises(ModelError, match=said):
        read_language(tmp_path)


def test_the_encoders_load_there_too(tmp_path: Path, text_folder: Path) -> None:
    from transformers import Dinov2Model

    convert(Wish(tmp_path / "vit", text_folder, target_kind="hf", part="vit", dtype="fp32"))
    ours: Any = load(text_folder).model.encoders.vit
    theirs: Any = Dinov2Model.from_pretrained(tmp_path / "vit")
    theirs.eval()
    pixels = torch.randn(1, 3, 28, 28, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(theirs(pixels).last_hidden_state, ours(pixels).last_hidden_state)
    with pytest.raises(ModelError, match="ConvNextModel cannot be a test_convnext"):
        convert(Wish(tmp_path / "cnn", text_folder, target_kind="hf", part="cnn"))


def test_a_convnext_loads_there(tmp_path: Path, tiny: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import ConvNextModel

    made = ConvNeXt(depths=(1, 2, 1, 1), dims=(8, 16, 24, 32), num_classes=0).eval()
    monkeypatch.setattr(timm, "create_model", lambda *args, **kwargs: made)  # no named one is as small
    trunk = {name: lazy(tensor) for name, tensor in made.state_dict().items()}
    config = replace(tiny, cnn=replace(tiny.cnn, timm_model="small"))
    write_cnn(Parts(prefixed("encoders.clip.visual.trunk.", trunk), config), tmp_path, 10_000_000)
    theirs: Any = ConvNextModel.from_pretrained(tmp_path)
    theirs.eval()
    pixels = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(theirs(pixels).pooler_output, made(pixels), atol=1e-5, rtol=1e-5)


def test_config_says_what_type_the_weights_are(tmp_path: Path, text_folder: Path) -> None:
    convert(Wish(tmp_path / "hf", text_folder, target_kind="hf", dtype="bf16", shard_bytes=20_000))
    raw = json.loads((tmp_path / "hf" / "config.json").read_text())
    assert raw["torch_dtype"] == raw["dtype"] == "bfloat16" and raw["architectures"] == ["LlamaForCausalLM"]
    assert not (tmp_path / "hf" / SINGLE).exists() and len([*(tmp_path / "hf").glob("*.safetensors")]) > 1
    from transformers import LlamaForCausalLM

    loaded: Any = LlamaForCausalLM.from_pretrained(tmp_path / "hf", dtype="auto")
    assert next(loaded.parameters()).dtype == torch.bfloat16
