"""Training: seeds apart from the tests, states that continue, answers made of the proposals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from rsbench.harness.datasets.mini.plan import FIRST_TRAINING_SEED
from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import scenes, train
from rsbench.reference_model.config import Config
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.train_encoders import train_encoders
from rsbench.reference_model.train_language import train_language
from rsbench.reference_model.training import Schedule, in_cycle

ENCODERS: dict[str, Any] = {
    "seed": 1,
    "batch": 4,
    "crops": 4,
    "warm_up": 0.5,
    "weight_decay": 0.05,
    "phases": [{"size": 32, "dense": False, "steps": 1}, {"size": 64, "dense": True, "steps": 2}],
    "cycles": [{"learning_rate": 0.001, "steps": 2}, {"learning_rate": 0.001, "steps": 1}],
}
LANGUAGE: dict[str, Any] = {
    "seed": 2,
    "shards": 2,
    "steps": 2,
    "batch": 2,
    "learning_rate": 0.001,
    "warm_up": 0.5,
    "weight_decay": 0.0,
}


def test_training_never_draws_a_test_seed(tmp_path: Path) -> None:
    assert scenes.FIRST_TRAINING_SEED == FIRST_TRAINING_SEED
    with pytest.raises(AssertionError):
        list(scenes.render(tmp_path, FIRST_TRAINING_SEED - 1, 1, 64, per_shard=1))


def test_shards_are_read_as_one(scenes_folder: Path) -> None:
    paths = sorted(scenes_folder.glob("*.npz"))
    first, both = scenes.read_shards(paths[:1]), scenes.read_shards(paths)
    assert len(both.images) == 8
    assert both.offsets[-1] == len(both.name) == len(both.box)
    assert (both.offsets[: len(first.offsets)] == first.offsets).all()
    assert (np.diff(both.crop_scene) >= 0).all()


def test_the_rate_warms_up_and_falls_in_every_cycle() -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    adam = torch.optim.AdamW([parameter])
    rates = []
    for step in range(20):
        in_cycle([Schedule(1.0, 0.2, 10), Schedule(0.5, 0.2, 10)], adam, step)
        rates.append(adam.param_groups[0]["lr"])
    assert max(rates[:10]) == 1.0 and max(rates[10:]) == 0.5
    assert rates[0] < rates[1] and rates[9] < 0.05 and rates[10] > rates[9]


def test_both_stages_train_and_what_is_done_is_not_done_again(
    tmp_path: Path, scenes_folder: Path, tiny_proposals: Config, tokenizer: Tokenizer
) -> None:
    train_encoders(tiny_proposals, tokenizer, scenes_folder, tmp_path, ENCODERS)
    before = (tmp_path / "encoders.pt").read_bytes()
    state = torch.load(tmp_path / "encoders.pt", weights_only=True)
    assert state["step"] == 3
    train_encoders(tiny_proposals, tokenizer, scenes_folder, tmp_path, ENCODERS)
    assert (tmp_path / "encoders.pt").read_bytes() == before
    train_language(tiny_proposals, tokenizer, scenes_folder, tmp_path, LANGUAGE)
    trained = torch.load(tmp_path / "language.pt", weights_only=True)["model"]
    for name, tensor in trained.items():
        if name.startswith("encoders."):  # they stay frozen (V-A)
            assert torch.equal(tensor, state["model"][name]), name


def test_a_recipe_with_a_mistake_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({"preset": "nano", "sceens": {}}))
    with pytest.raises(UsageError, match="scenes"):
        train.read_recipe(path)
    path.write_text(yaml.safe_dump({"preset": "nano"}))
    with pytest.raises(ModelError, match="has no scenes"):
        train.read_recipe(path)
    with pytest.raises(ModelError, match="cannot be read"):
        train.read_recipe(tmp_path / "none.yaml")


def test_the_shipped_recipe_is_one() -> None:
    recipe = train.read_recipe(Path(train.__file__).parent / "recipes" / "nano.yaml")
    phases = sum(phase["steps"] for phase in recipe["encoders"]["phases"])
    assert phases == sum(cycle["steps"] for cycle in recipe["encoders"]["cycles"])
    assert all(seed >= FIRST_TRAINING_SEED for seed in recipe["scenes"]["seeds"])
