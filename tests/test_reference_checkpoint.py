"""Checkpoints: what is saved is loaded; what does not fit is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import checkpoint
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import Tokenizer


@pytest.fixture
def folder(tmp_path: Path, proposals_model: EarthGPT, tokenizer: Tokenizer) -> Iterator[Path]:
    """A saved toy model."""
    checkpoint.save(tmp_path, proposals_model, tokenizer)
    yield tmp_path


def test_what_is_saved_is_loaded(folder: Path, proposals_model: EarthGPT) -> None:
    loaded = checkpoint.load(folder)
    assert loaded.config == proposals_model.config
    for name, tensor in proposals_model.state_dict().items():
        assert torch.equal(loaded.model.state_dict()[name], tensor.half().float()), name


def test_the_digest_follows_every_file(folder: Path) -> None:
    before = checkpoint.digest(folder)
    text = (folder / "config.json").read_text()
    (folder / "config.json").write_text(text + " ")
    assert checkpoint.digest(folder) != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_or_damaged_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x00nonsense")
    with pytest.raises(ModelError, match=name.replace(".", r"\.")) as caught:
        checkpoint.load(folder)
    assert caught.value.exit_code == 4
    (folder / name).unlink()
    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        checkpoint.load(folder)


def test_tensors_that_do_not_fit_are_named(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    tensors["start_img"] = tensors["start_img"][..., :5].contiguous()
    del tensors["end_img"]
    tensors["stranger"] = torch.zeros(1)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError) as caught:
        checkpoint.load(folder)
    for words in ("start_img is (1, 1, 5)", "end_img is missing", "stranger is not known"):
        assert words in caught.value.message


def test_an_unknown_key_of_the_configuration_gets_a_suggestion(folder: Path) -> None:
    raw = json.loads((folder / "config.json").read_text())
    raw["imagesize"] = raw.pop("image_size")
    (folder / "config.json").write_text(json.dumps(raw))
    with pytest.raises(UsageError, match="image_size"):
        checkpoint.load(folder)


def test_a_device_that_is_not_there_is_a_model_error(folder: Path) -> None:
    with pytest.raises(ModelError, match="cannot be put on"):
        checkpoint.load(folder, device="cuda:99" if torch.cuda.is_available() else "cuda")
