"""What lies at a path is told by its files, or by the names of its tensors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from rsbench.harness.errors import ModelError
from rsbench.reference_model.convert.sources import guess, read, read_spoken, read_vit
from rsbench.reference_model.model import EarthGPT

from .accessory_writer import Shape, drawn, drawn_vit, write, write_meta


def test_folders_are_told_by_their_files(tmp_path: Path, text_folder: Path) -> None:
    assert guess(text_folder).kind == "ours"
    state, params = drawn(Shape(), 0), Shape().params()
    found = guess(write(tmp_path / "a", state, 1, params))
    assert (found.kind, found.because) == ("accessory", "consolidated.00-of-01.model.pth")
    assert guess(write_meta(tmp_path / "m", state, 1, params)).kind == "meta"
    for model_type, kind in (("llama", "hf"), ("dinov2", "dinov2"), ("convnext", "clip")):
        folder = tmp_path / model_type
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
        assert guess(folder).kind == kind and model_type in guess(folder).because


def test_files_are_told_by_their_tensors(tmp_path: Path, text_model: EarthGPT) -> None:
    torch.save(drawn_vit(0, 16, 1, 2), tmp_path / "a.pth")
    assert guess(tmp_path / "a.pth").kind == "dinov2"
    clip: Any = text_model.encoders.clip
    torch.save({"state_dict": clip.state_dict()}, tmp_path / "b.pt")
    assert guess(tmp_path / "b.pt").kind == "clip"
    (tmp_path / "open_clip").mkdir()
    (tmp_path / "open_clip" / "open_clip_config.json").write_text("{}")
    save_file(clip.visual.trunk.state_dict(), tmp_path / "open_clip" / "open_clip_model.safetensors")
    torch.save(clip.visual.trunk.state_dict(), tmp_path / "open_clip" / "open_clip_pytorch_model.bin")
    assert guess(tmp_path / "open_clip").kind == "clip"
    torch.save({"fc.weight": torch.ones(1)}, tmp_path / "c.pth")
    with pytest.raises(ModelError, match="nothing that is known: fc.weight"):
        guess(tmp_path / "c.pth")


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no"):
        guess(tmp_path / "absent")
    with pytest.raises(ModelError, match="it has nothing") as caught:
        guess(tmp_path)
    assert "--from" in str(caught.value)
    (tmp_path / "config.json").write_text('{"model_type": "opt"}')
    with pytest.raises(ModelError, match="it has config.json"):
        guess(tmp_path)


def test_parts_are_read_alone(tmp_path: Path, text_folder: Path, text_model: EarthGPT) -> None:
    spoken = read_spoken(text_folder)
    assert spoken.config is None and all(name.startswith("language.") for name in spoken.tensors)
    torch.save(drawn_vit(0, 16, 1, 2), tmp_path / "a.pth")
    with pytest.raises(ModelError, match="no language model"):
        read_spoken(tmp_path / "a.pth")
    assert all(name.startswith("encoders.vit.") for name in read_vit(tmp_path / "a.pth"))
    with pytest.raises(ModelError, match="--overlay is for shards"):
        read(text_folder, "ours", [tmp_path])
