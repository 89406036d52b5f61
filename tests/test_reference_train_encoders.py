"""Encoder training on a handful of scenes: a stop changes nothing, and every part that ships learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rsbench.harness.datasets.mini import AIRCRAFT, LOOKS, OBJECTS, SCENES
from rsbench.reference_model.batches import batch
from rsbench.reference_model.config import Config
from rsbench.reference_model.scenes import read_shards
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.train_encoders import EncoderTrainer, train_encoders

FIRST = {"size": 64, "dense": False, "steps": 1}
SECOND = {"size": 96, "dense": True, "steps": 1}


def recipe(*phases: dict[str, Any]) -> dict[str, Any]:
    cycles = [{"learning_rate": 0.01, "steps": 1}, {"learning_rate": 0.005, "steps": 1}]
    fixed = {"seed": 5, "batch": 3, "crops": 4, "warm_up": 0, "weight_decay": 0.1}
    return fixed | {"phases": list(phases), "cycles": cycles}


def state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "encoders.pt", weights_only=True)
    return found


def test_a_stop_changes_nothing(
    tiny_proposals: Config, tokenizer: Tokenizer, scenes_folder: Path, tmp_path: Path
) -> None:
    stops: dict[str, list[list[dict[str, Any]]]] = {
        "once": [[FIRST, SECOND]],
        "twice": [[FIRST], [FIRST, SECOND]],
    }
    for folder, runs in stops.items():
        (tmp_path / folder).mkdir()
        for phases in runs:
            torch.manual_seed(len(folder))  # the recipe's seed decides, not what was drawn before
            train_encoders(tiny_proposals, tokenizer, scenes_folder, tmp_path / folder, recipe(*phases))
    once, twice = state(tmp_path / "once"), state(tmp_path / "twice")
    assert once["step"] == twice["step"] == 2
    assert once["model"].keys() == twice["model"].keys()
    for name, tensor in once["model"].items():
        torch.testing.assert_close(tensor, twice["model"][name], atol=1e-6, rtol=1e-5, msg=name)


def test_a_finished_training_is_left_alone(
    tiny_proposals: Config, tokenizer: Tokenizer, scenes_folder: Path, tmp_path: Path
) -> None:
    train_encoders(tiny_proposals, tokenizer, scenes_folder, tmp_path, recipe(FIRST))
    before = (tmp_path / "encoders.pt").read_bytes()
    train_encoders(tiny_proposals, tokenizer, scenes_folder, tmp_path, recipe(FIRST))
    assert (tmp_path / "encoders.pt").read_bytes() == before


@pytest.fixture(scope="module")
def trainer(tiny_proposals: Config, tokenizer: Tokenizer) -> EncoderTrainer:
    torch.manual_seed(0)
    return EncoderTrainer(tiny_proposals, tokenizer)


def test_every_part_that_ships_is_taught(trainer: EncoderTrainer, scenes_folder: Path) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    rng = np.random.default_rng(1)
    losses = trainer.losses(batch(shard, np.arange(8), np.arange(9), 64, rng), rng)
    taught = {k: v for k, v in losses.items() if not k.startswith("accuracy") and torch.isfinite(v)}
    assert {"object", "name", "box", "oriented", "scene", "look", "clip object"} <= taught.keys()
    torch.autograd.backward(sum(taught.values(), torch.zeros(())))
    idle = {n for n, p in trainer.named_parameters() if p.grad is None}
    assert idle <= {"encoders.vit.embeddings.mask_token"}


def test_parts_that_are_not_asked_for_are_left_out(trainer: EncoderTrainer, scenes_folder: Path) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    rng = np.random.default_rng(1)
    few = trainer.losses(batch(shard, np.arange(4), np.arange(2), 64, rng), rng, contrast=False, dense=False)
    assert few.keys() == {"scene", "look", "accuracy cnn", "accuracy vit"}


def test_the_names_are_the_renderers(trainer: EncoderTrainer) -> None:
    assert (trainer.names, trainer.types, trainer.scenes) == (OBJECTS, AIRCRAFT, SCENES)
    assert trainer.head.names.out_channels == len(OBJECTS)
    readings = [m for m in trainer.look_probes.modules() if isinstance(m, torch.nn.Linear)]
    assert {reading.out_features for reading in readings} == {len(LOOKS)}
    assert len(readings) == len(trainer.look_probes)
