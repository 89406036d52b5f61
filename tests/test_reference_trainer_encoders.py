"""The stage `encoders`: a stop changes nothing, what comes out is a checkpoint, real pictures teach names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from rsbench.harness.errors import DataError, ModelError, UsageError
from rsbench.reference_model import checkpoint
from rsbench.reference_model.convert.run import Wish, convert
from rsbench.reference_model.trainer.stages import run

PHASES = [{"size": 64, "dense": False, "steps": 1}, {"size": 64, "steps": 3}]
CYCLES = [{"learning_rate": 0.01, "steps": 2}, {"learning_rate": 0.005, "steps": 2}]


def recipe(start: Path, folder: Path, **other: Any) -> dict[str, Any]:
    drawn = {"seeds": [1_000_000], "each": 0, "folder": str(folder)}
    base = {"stage": "encoders", "start": str(start), "batch": 3, "crops": 4, "save_every": 1, "seed": 5}
    return base | {"tensorboard": False, "phases": PHASES, "cycles": CYCLES, "scenes": drawn} | other


@pytest.fixture
def drawn(scenes_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shards there are stand for those that a recipe would draw."""
    found = sorted(scenes_folder.glob("*.npz"))
    monkeypatch.setattr("rsbench.reference_model.trainer.encoders.render", lambda *_: iter(found))
    return scenes_folder


def losses(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "losses.jsonl").read_text().splitlines()]


def test_a_stop_changes_nothing(proposals_folder: Path, drawn: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once", tmp_path / "twice"
    said: list[str] = []
    run(recipe(proposals_folder, drawn), "r.yaml", once, False, said.append)
    run(recipe(proposals_folder, drawn, keep=9), "r.yaml", twice, False, said.append)
    for step in (3, 4):  # as if the training had been killed after step 2
        for file in (twice / f"checkpoint-{step}").iterdir():
            file.unlink()
        (twice / f"checkpoint-{step}").rmdir()
    run(recipe(proposals_folder, drawn), "r.yaml", twice, False, said.append)
    assert losses(once) == losses(twice) and [row["step"] for row in losses(once)] == [1, 2, 3, 4]
    assert [row["lr"] for row in losses(once)] == pytest.approx([0.01, 0.01, 0.005, 0.005])
    assert any("continues at step 2 of 4" in text for text in said)
    first, second = (checkpoint.load(folder / "checkpoint") for folder in (once, twice))
    start = checkpoint.load(proposals_folder).model.state_dict()
    changed = set()
    for name, tensor in first.model.state_dict().items():
        assert torch.equal(tensor, second.model.state_dict()[name]), name
        if not torch.equal(tensor, start[name]):
            changed.add(name.partition(".")[0])
    assert changed == {"encoders", "head"}
    convert(Wish(tmp_path / "model", once / "checkpoint-4"))
    assert checkpoint.digest(tmp_path / "model") == first.digest


def test_real_pictures_teach_new_names(proposals_folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(4):
        pixels = rng.integers(0, 255, (40, 60, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        found = (
            "There is <p>person</p>[0.10,0.20,0.30,0.60] and <p>2 cars</p>[0.5,0.3,0.6,0.4;0.7,0.3,0.8,0.4]"
        )
        talk = [
            ("What is the category of this RS image?", "Field."),
            (
                "Detect all objects shown in the RS image and describe using horizontal bounding boxes",
                f"{found} in the image.",
            ),
        ]
        turns = [
            {"from": who, "value": text}
            for pair in talk
            for who, text in zip(("human", "gpt"), pair, strict=True)
        ]
        rows.append({"image": f"data/{number}.png", "conversations": turns})
    (tmp_path / "real.json").write_text(json.dumps(rows))
    real = {"real": [{"mmrs": str(tmp_path / "real.json"), "images": str(tmp_path)}], "scenes": None}
    names = {"objects": ["person", "car"], "classes": ["field", "forest"]}
    said: list[str] = []
    run(recipe(proposals_folder, tmp_path, **real, **names), "r.yaml", tmp_path / "out", False, said.append)
    made = checkpoint.load(tmp_path / "out" / "checkpoint").config
    before = checkpoint.load(proposals_folder).config
    assert made.proposals is not None and before.proposals is not None
    assert made.proposals.names == (*before.proposals.names, "person", "car")
    assert all(np.isfinite(row["loss"]) for row in losses(tmp_path / "out"))
    convert(Wish(tmp_path / "model", tmp_path / "out" / "checkpoint-4"))
    written = checkpoint.digest(tmp_path / "out" / "checkpoint")
    assert checkpoint.digest(tmp_path / "model") == written
    (tmp_path / "real.json").write_text("[]")
    with pytest.raises(DataError):
        run(
            recipe(proposals_folder, tmp_path, **real, **names),
            "r.yaml",
            tmp_path / "none",
            False,
            said.append,
        )


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"batchh": 1}, "Did you mean batch?"),
        ({"preset": "nano"}, "preset or start, one of them"),
        ({"scenes": None}, "scenes or real, one of them"),
        ({"cycles": CYCLES[:1]}, "4 steps, its cycles 2"),
        ({"crops": 0}, "crops of r.yaml is 0"),
        ({"scenes": None, "real": [{"mmrs": "a", "images": "b"}]}, "names nothing to learn"),
    ],
)
def test_recipes_that_are_none(
    other: dict[str, Any], said: str, proposals_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as caught:
        run(recipe(proposals_folder, tmp_path, **other), "r.yaml", tmp_path / "out", True, print)
    assert said in str(caught.value)


def test_a_model_without_a_head(text_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no proposal head"):
        run(recipe(text_folder, tmp_path), "r.yaml", tmp_path / "out", True, print)


def test_a_dry_run_trains_nothing(proposals_folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    run(recipe(proposals_folder, tmp_path), "r.yaml", tmp_path / "out", True, said.append)
    assert said == ["encoders of tiny: 4 steps of 3 pictures"] and not (tmp_path / "out").exists()


def test_seeds_of_tests_are_refused(proposals_folder: Path, tmp_path: Path) -> None:
    scenes = {"seeds": [1], "each": 4, "folder": str(tmp_path)}
    with pytest.raises(UsageError, match="seed 1 is not one of the split 'train'"):
        run(recipe(proposals_folder, tmp_path) | {"scenes": scenes}, "r.yaml", tmp_path / "out", False, print)
