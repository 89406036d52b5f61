"""A checkpoint of a training under way becomes the model that the training itself would write."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pictures

from rsbench.harness.contract import Decoding, Image, Label, Request, Runtime
from rsbench.harness.errors import ModelError
from rsbench.harness.plan import build_adapter
from rsbench.reference_model import checkpoint
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.trainer import exported
from rsbench.reference_model.trainer.stages import run

STAGES: dict[str, dict[str, Any]] = {
    "align": {},
    "tune": {"precision": "bf16", "tuning": {"norms": True}},  # whose export is of the unrounded weights
}


@pytest.fixture(scope="module")
def start(text_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, which may be changed."""
    return shutil.copytree(text_folder, tmp_path_factory.mktemp("start") / "base")


@pytest.fixture(scope="module")
def trained(start: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of each stage, two steps long, with a checkpoint of each step."""
    place = tmp_path_factory.mktemp("training")
    pixels = np.random.default_rng(0).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    Pictures.fromarray(pixels).save(place / "a.png")
    said = [{"from": "human", "value": "Is there a ship?"}, {"from": "gpt", "value": "no"}]
    (place / "all.json").write_text(json.dumps([{"image": "data/a.png", "conversations": said}]))
    raw = {
        "start": str(start),
        "data": [{"mmrs": str(place / "all.json"), "images": str(place)}],
        "optimiser": {"learning_rate": 1e-2, "warm_up": 0},
        "steps": 2,
        "batch": 1,
        "max_tokens": 120,
        "save_every": 1,
        "keep": 9,
        "tensorboard": False,
        "trainer": {"use_cpu": True},
    }
    with torch.random.fork_rng(devices=[]):
        for stage, own in STAGES.items():
            run(raw | own | {"stage": stage}, "r.yaml", place / stage, False, lambda _: None)
    return place


@pytest.mark.parametrize("stage", STAGES)
def test_the_last_checkpoint_is_the_model_the_training_wrote(
    stage: str, trained: Path, tmp_path: Path
) -> None:
    said = convert(Wish(tmp_path / "out", trained / stage / "checkpoint-2"))
    assert said.startswith(f"from   training: {trained / stage / 'checkpoint-2'}") and "float16" in said
    written = trained / stage / "checkpoint"
    assert {p.name for p in (tmp_path / "out").iterdir()} == {p.name for p in written.iterdir()}
    for file in written.iterdir():
        assert (tmp_path / "out" / file.name).read_bytes() == file.read_bytes(), file.name


def test_an_earlier_checkpoint_is_another_model_that_answers(trained: Path, tmp_path: Path) -> None:
    convert(Wish(tmp_path / "out", trained / "tune" / "checkpoint-1"))
    earlier, last = checkpoint.load(tmp_path / "out"), checkpoint.load(trained / "tune" / "checkpoint")
    assert earlier.config == last.config and earlier.digest != last.digest
    adapter, _ = build_adapter(f"earthgpt,checkpoint={tmp_path / 'out'}", Runtime())
    picture = Image("a.png", str(trained / "a.png"))
    asked = Request("k", "s", (picture,), Label(("ship",)), "Is there a ship?", Decoding(max_new_tokens=8))
    (answer,) = adapter.generate([asked])
    assert answer.error is None and answer.text is not None


def test_another_type_is_of_the_weights_before_they_are_rounded(trained: Path, tmp_path: Path) -> None:
    convert(Wish(tmp_path / "out", trained / "align" / "checkpoint-2", dtype="fp32"))
    exact = checkpoint.load(tmp_path / "out").model.state_dict()
    rounded = checkpoint.load(trained / "align" / "checkpoint").model.state_dict()
    assert all(torch.equal(tensor.half().float(), rounded[name]) for name, tensor in exact.items())
    assert any(not torch.equal(tensor, rounded[name]) for name, tensor in exact.items())


@pytest.mark.parametrize("words", ["earthgpt,checkpoint={}", "{}"])
def test_the_command_is_named_where_a_checkpoint_is_taken_for_a_model(words: str, trained: Path) -> None:
    place = trained / "tune" / "checkpoint-1"
    with pytest.raises(ModelError) as caught:
        build_adapter(words.format(place), Runtime())
    assert f"rsbench convert {place} OUT" in str(caught.value)


def test_what_the_training_began_from_is_needed_as_it_was(
    trained: Path, start: Path, text_folder: Path, proposals_folder: Path, tmp_path: Path
) -> None:
    place = trained / "tune" / "checkpoint-1"
    shutil.copytree(place, tmp_path / "moved" / place.name)
    with pytest.raises(ModelError, match=r"There is no recipe\.json beside"):
        exported.read(tmp_path / "moved" / place.name)
    for noted in ("[]", '{"recipe": []}', "no JSON"):
        (tmp_path / "moved" / "recipe.json").write_text(noted)
        with pytest.raises(ModelError, match=r"recipe\.json is not "):
            exported.read(tmp_path / "moved" / place.name)
    shutil.rmtree(start)
    try:
        with pytest.raises(ModelError, match="began from .*base, which is not there"):
            exported.read(place)
        shutil.copytree(proposals_folder, start)
        with pytest.raises(ModelError, match="are not those that the training in .* began from"):
            exported.read(place)
    finally:
        shutil.rmtree(start)
        shutil.copytree(text_folder, start)


def test_a_checkpoint_that_a_training_removes_meanwhile(trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained / "align", tmp_path / "align")
    place = tmp_path / "align" / "checkpoint-1"
    (place / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="was removed while it was read") as caught:
        exported.read(place)
    assert "keep" in str(caught.value)
    (place / "model.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ModelError, match="cannot be read"):
        exported.read(place)
