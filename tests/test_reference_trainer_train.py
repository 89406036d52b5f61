"""A whole training of toy size: what is written, what goes on, what stops it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from rsbench.harness.contract import Decoding, Label, Request, Runtime
from rsbench.harness.contract import Image as Picture
from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import checkpoint
from rsbench.reference_model.adapter import EarthGPTAdapter
from rsbench.reference_model.trainer.stages import run

TURNS = ("Is there a ship?", "no"), ("Is there a harbour?", "There is a ship in the image.")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten conversations of one to three turns about pictures, one of them broken."""
    folder = tmp_path_factory.mktemp("data")
    rng, items = np.random.default_rng(0), []
    for number in range(10):
        side = rng.integers(20, 90, 2)
        picture = folder / f"{number}.png"
        if number == 7:
            picture.write_bytes(b"no picture")
        else:
            Image.fromarray(rng.integers(0, 256, (*side, 3), dtype=np.uint8)).save(picture)
        said = []
        for turn in range(1 + number % 3):
            question, answer = TURNS[(turn + number) % 2]
            said += [
                {"from": "human", "value": f"{question} {number} {turn}"},
                {"from": "gpt", "value": answer},
            ]
        items.append({"image": f"data/{number}.png", "conversations": said})
    (folder / "all.json").write_text(json.dumps(items), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def raw(data: Path, text_folder: Path) -> dict[str, Any]:
    return {
        "stage": "align",
        "start": str(text_folder),
        "data": [{"mmrs": str(data / "all.json"), "images": str(data)}],
        "optimiser": {"learning_rate": 1e-2},
        "steps": 6,
        "batch": 6,
        "max_tokens": 120,
        "tensorboard": False,
        "trainer": {"use_cpu": True},
    }


@pytest.fixture(autouse=True)
def own_random_numbers() -> Iterator[None]:
    """Trainer seeds the global generators."""
    with torch.random.fork_rng(devices=[]):
        yield


def losses(folder: Path) -> list[float]:
    lines = (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["loss"] for line in lines]


def go(raw: dict[str, Any], folder: Path) -> str:
    said: list[str] = []
    run(raw, "r.yaml", folder, False, said.append)
    return "\n".join(said)


@pytest.fixture(scope="module")
def trained(raw: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of a training of each stage."""
    folders = {stage: tmp_path_factory.mktemp("trained") / stage for stage in ("align", "tune")}
    with torch.random.fork_rng(devices=[]):
        for stage, folder in folders.items():
            assert "trained; rsbench run" in go(raw | {"stage": stage}, folder)
    return folders


@pytest.mark.parametrize("stage", ["align", "tune"])
def test_a_training_is_told(stage: str, trained: dict[str, Path]) -> None:
    found = losses(trained[stage])
    assert len(found) == 6 and found[-1] < found[0]
    summary = json.loads((trained[stage] / "training.json").read_text(encoding="utf-8"))
    assert summary["samples"] == {"all": 36} and summary["steps"] == 6
    assert summary["recipe"]["stage"] == stage and "torch" in summary["versions"]
    assert any("7.png" in kind for kind in summary["problems"]["met"])


@pytest.mark.parametrize("stage", ["align", "tune"])
def test_a_training_leaves_a_model_that_answers(
    stage: str, trained: dict[str, Path], data: Path, text_folder: Path
) -> None:
    folder = trained[stage] / "checkpoint"
    after, before = checkpoint.load(folder), checkpoint.load(text_folder)
    assert after.config.language.bias == (stage == "tune")
    for name, tensor in before.model.encoders.state_dict().items():
        assert torch.equal(tensor, after.model.encoders.state_dict()[name]), name
    changed = "language.model.layers.0.self_attn.q_proj.weight"
    assert not torch.equal(before.model.state_dict()[changed], after.model.state_dict()[changed])
    adapter = EarthGPTAdapter({"checkpoint": str(folder)}, Runtime("cpu", "float32", 4, 0))
    pictures = (Picture("1.png", str(data / "1.png")),)
    request = Request("k", "s", pictures, Label(("ship",)), "Is there a ship?", Decoding(max_new_tokens=8))
    (answer,) = adapter.generate([request])
    assert answer.error is None and answer.text is not None


def test_the_same_command_again_trains_no_more(raw: dict[str, Any], trained: dict[str, Path]) -> None:
    before = (trained["align"] / "losses.jsonl").read_bytes()
    assert "continues at step 6 of 6" in go(raw, trained["align"])
    assert (trained["align"] / "losses.jsonl").read_bytes() == before


def test_exported_weights_are_those_that_were_trained(raw: dict[str, Any], trained: dict[str, Path]) -> None:
    tuned = load_file(trained["tune"] / "checkpoint-6" / "model.safetensors")
    plain = load_file(trained["tune"] / "checkpoint" / "model.safetensors")
    start = load_file(Path(raw["start"]) / "model.safetensors")
    assert {name.rsplit(".", 1)[1] for name in tuned} == {"alpha", "beta"}
    for name in ("layers.1.mlp.up_proj", "layers.0.self_attn.k_proj"):
        name = f"language.model.{name}"
        alpha, beta = tuned[f"{name}.alpha"], tuned[f"{name}.beta"]
        weight = alpha[:, None] * start[f"{name}.weight"].float()
        torch.testing.assert_close(plain[f"{name}.weight"].float(), weight, atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(plain[f"{name}.bias"].float(), alpha * beta, atol=1e-5, rtol=1e-3)


def test_bf16_learns_alike_and_memory_can_be_saved(
    raw: dict[str, Any], trained: dict[str, Path], tmp_path: Path
) -> None:
    go(raw | {"stage": "tune", "precision": "bf16", "gradient_checkpointing": True}, tmp_path)
    assert losses(tmp_path) == pytest.approx(losses(trained["tune"]), rel=0.05)


def test_the_outline_counts(raw: dict[str, Any], tmp_path: Path, text_folder: Path) -> None:
    said: list[str] = []
    run(raw, "r.yaml", tmp_path / "out", True, said.append)
    model = checkpoint.load(text_folder).model
    attention = sum(p.numel() for n, p in model.named_parameters() if "self_attn" in n)
    assert f"attention: {attention:,}" in said[0] and "6 steps of 6 conversations" in said[0]
    assert "all: 10 examples, 36 samples" in said[0] and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch": 2, "accumulate": 3}, "cannot be cut into 3 parts"),
        ({"max_tokens": 500}, "Set max_tokens to at most "),
        ({"trainer": {"max_steps": 3}}, "trainer.max_steps is what the recipe decides"),
        ({"trainer": {"fdsp": "x"}}, "transformers does not take"),
    ],
)
def test_what_cannot_be_trained(
    changes: dict[str, Any], said: str, raw: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises((UsageError, ModelError), match=said):
        go(raw | changes, tmp_path)
