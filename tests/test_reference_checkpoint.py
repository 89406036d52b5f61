"""Checkpoints: three files that come back as the same model, and faults that are named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.checkpoint import CONFIG, WEIGHTS, digest, empty, load, misfits, save, write
from rsbench.reference_model.config import Config
from rsbench.reference_model.convert.dinov2 import to_four
from rsbench.reference_model.lazy import below, lazy, prefixed
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import FILE, Tokenizer
from rsbench.reference_model.weight_files import INDEX, read


@pytest.fixture
def folder(proposals_folder: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(proposals_folder, tmp_path / "copy"))


def test_a_model_comes_back_as_saved(
    proposals_folder: Path, proposals_model: EarthGPT, tokenizer: Tokenizer
) -> None:
    loaded = load(proposals_folder)
    assert loaded.config == proposals_model.config and not loaded.model.training
    saved = proposals_model.state_dict()
    for name, tensor in loaded.model.state_dict().items():
        assert torch.equal(tensor, saved[name].half().float()), name
    assert loaded.tokenizer.encode("a ship 0.50") == tokenizer.encode("a ship 0.50")
    assert loaded.digest == digest(proposals_folder)
    tied = loaded.model.language
    assert tied.lm_head.weight is tied.model.embed_tokens.weight
    assert "language.lm_head.weight" not in load_file(proposals_folder / WEIGHTS)


def test_an_untied_head_is_kept(text_folder: Path, text_model: EarthGPT) -> None:
    head = load(text_folder).model.language.lm_head.weight
    assert torch.equal(head, text_model.language.lm_head.weight.half().float())


def test_saving_what_was_loaded_changes_no_byte(text_folder: Path, tmp_path: Path) -> None:
    loaded = load(text_folder)
    save(tmp_path / "again", loaded.model, loaded.tokenizer)
    assert digest(tmp_path / "again") == loaded.digest


def test_weights_come_in_the_precision_and_on_the_device_asked_for(text_folder: Path) -> None:
    model = load(text_folder, dtype="bfloat16").model
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    with pytest.raises(ModelError, match="cannot be put on cuda:99"):
        load(text_folder, device="cuda:99")


@pytest.mark.parametrize("name", [CONFIG, FILE, WEIGHTS])
def test_every_file_is_needed_and_counts_for_the_digest(folder: Path, name: str) -> None:
    before = digest(folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert digest(folder) != before
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"no {name}") as caught:
        load(folder)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (WEIGHTS, b"\x00" * 40, "cannot be read"),
        (WEIGHTS, b"", "cannot be read"),
        (CONFIG, b"{", "is not JSON"),
        (CONFIG, b"\xff\xfe", "is not JSON"),
        (CONFIG, b"[]", "is not a mapping"),
        (FILE, b"{}", "is not a tokenizer"),
        (FILE, b"\x00nonsense", "is not a tokenizer"),
    ],
)
def test_damaged_files_are_named(folder: Path, name: str, content: bytes, said: str) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=said):
        load(folder)


def test_cut_off_weights_are_damaged(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=f"{WEIGHTS} cannot be read"):
        load(folder)


def edited(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    raw = json.loads((folder / CONFIG).read_text())
    edit(raw)
    (folder / CONFIG).write_text(json.dumps(raw))


def test_a_configuration_of_no_model_is_refused(folder: Path) -> None:
    edited(folder, lambda raw: raw["cnn"].update(timm_model="convnext_of_nowhere"))
    with pytest.raises(ModelError, match="describes no model.*convnext_of_nowhere"):
        load(folder)
    edited(folder, lambda raw: raw["cnn"].update(timm_modle="a"))
    with pytest.raises(UsageError, match="timm_model"):
        load(folder)


def test_tensors_that_do_not_fit_are_named(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors["start_img"] = tensors["start_img"][..., :5].contiguous()
    tensors["foreign.weight"] = tensors.pop("end_img")
    save_file(tensors, folder / WEIGHTS)
    with pytest.raises(ModelError) as caught:
        load(folder)
    shape = "start_img is (1, 1, 5), not (1, 1, 32)"
    for said in ("end_img is missing", "foreign.weight is not known", shape):
        assert said in caught.value.message
    assert caught.value.exit_code == 4


def test_many_faults_are_counted(folder: Path) -> None:
    save_file({"foreign": torch.zeros(1)}, folder / WEIGHTS)
    with pytest.raises(ModelError, match=r"do not fit.*; and \d+ more"):
        load(folder)


def test_shards_are_the_same_model(text_folder: Path, tmp_path: Path) -> None:
    whole = load(text_folder)
    write(tmp_path, whole.config, read(text_folder), whole.tokenizer, shard_bytes=40_000)
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 2 and not (tmp_path / WEIGHTS).exists()
    loaded = load(tmp_path)
    for name, tensor in loaded.model.state_dict().items():
        assert torch.equal(tensor, whole.model.state_dict()[name]), name
    assert loaded.digest != whole.digest  # of the files, which are others
    for path in (shards[-1], tmp_path / INDEX):
        before = digest(tmp_path)
        path.write_bytes(path.read_bytes() + b" ")
        assert digest(tmp_path) != before
    shards[0].unlink()
    with pytest.raises(ModelError, match=f"{shards[0].name} is missing"):
        load(tmp_path)


def test_an_empty_model_has_no_weights_and_real_buffers(tiny: Config, text_model: EarthGPT) -> None:
    model = empty(tiny, Path("config.json"))
    assert all(p.is_meta for p in model.parameters())
    buffers = dict(text_model.named_buffers())
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, buffers[name]), name
    state = {name: lazy(tensor) for name, tensor in text_model.state_dict().items()}
    assert misfits(model, state) == []


def test_rotary_frequencies_are_exact_in_any_type(text_folder: Path) -> None:
    rotary = load(text_folder, dtype="bfloat16").model.language.model.rotary_emb
    expected = 10000.0 ** (-torch.arange(0, 8, 2) / 8)
    assert torch.equal(rotary.inv_freq, expected)


def test_names_of_another_transformers_are_understood(text_folder: Path, tmp_path: Path) -> None:
    whole, tensors = load(text_folder), read(text_folder)
    vit = prefixed("encoders.vit.", to_four(below("encoders.vit.", tensors)))
    assert any(".attention.attention.query." in name for name in vit)
    rest = {name: tensor for name, tensor in tensors.items() if not name.startswith("encoders.vit.")}
    write(tmp_path, whole.config, rest | vit, whole.tokenizer)
    for name, tensor in load(tmp_path).model.state_dict().items():
        assert torch.equal(tensor, whole.model.state_dict()[name]), name
