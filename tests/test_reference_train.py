"""The training command: recipes, stages, and a whole toy training that ends in a checkpoint."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.mini import AIRCRAFT, OBJECTS
from rsbench.harness.datasets.mini.plan import FIRST_TRAINING_SEED
from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import train
from rsbench.reference_model.checkpoint import load
from rsbench.reference_model.config import Config, preset

RECIPES = Path(train.__file__).parent / "recipes"
RATES = "learning_rate: 0.01, warm_up: 0.5, weight_decay: 0.1"
TOY = f"""
preset: nano
scenes: {{seeds: [1000000], each: 0}}
encoders: {{seed: 1, batch: 2, crops: 2, warm_up: 0, weight_decay: 0.1,
           phases: [{{size: 64, dense: true, steps: 1}}], cycles: [{{learning_rate: 0.01, steps: 1}}]}}
language: {{seed: 2, shards: 1, steps: 1, batch: 2, {RATES}}}
"""


def test_the_shipped_recipe_trains_apart_from_every_test() -> None:
    recipe = train.read_recipe(RECIPES / "nano.yaml")
    assert preset(recipe["preset"]).name == "nano"
    assert min(recipe["scenes"]["seeds"]) >= FIRST_TRAINING_SEED
    phases, cycles = recipe["encoders"]["phases"], recipe["encoders"]["cycles"]
    assert sum(phase["steps"] for phase in phases) == sum(cycle["steps"] for cycle in cycles)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1", "cannot be read"),
        ("", "is not a mapping"),
        ("- a", "is not a mapping"),
        ("preset: a", "has no scenes"),
    ],
)
def test_recipes_that_are_none_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(ModelError, match=said):
        train.read_recipe(tmp_path / "r.yaml")


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(TOY + "encodrs: {}\n")
    with pytest.raises(UsageError, match="encoders"):
        train.read_recipe(tmp_path / "r.yaml")
    with pytest.raises(UsageError, match="language"):
        train.run({}, tmp_path, ("scenes", "langage"))
    with pytest.raises(ModelError, match="7b.*no proposals"):
        train.prepare({"preset": "7b"}, tmp_path)


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["train", str(tmp_path / "none.yaml"), "--folder", str(tmp_path)])
    with pytest.raises(SystemExit) as caught:
        train.main()
    assert caught.value.code == ModelError.exit_code and "none.yaml cannot be read" in capsys.readouterr().err


def test_a_toy_training_ends_in_a_checkpoint(
    tmp_path: Path,
    tiny_proposals: Config,
    scenes_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert tiny_proposals.proposals is not None
    unnamed = replace(tiny_proposals.proposals, names=(), types=())
    toy = replace(
        tiny_proposals, proposals=unnamed, language=replace(tiny_proposals.language, vocab_size=900)
    )
    monkeypatch.setattr(train, "preset", lambda name: replace(toy, clip=replace(toy.clip, vocab_size=900)))
    shutil.copytree(scenes_folder, tmp_path / "scenes")
    (tmp_path / "r.yaml").write_text(TOY)
    recipe = train.read_recipe(tmp_path / "r.yaml")
    train.run(recipe, tmp_path, train.STAGES)
    assert "encoders: 1 steps" in capsys.readouterr().out
    loaded = load(tmp_path / "checkpoint")
    assert loaded.config.proposals is not None
    assert (loaded.config.proposals.names, loaded.config.proposals.types) == (OBJECTS, AIRCRAFT)
    assert len(loaded.tokenizer) <= loaded.config.language.vocab_size
    vocabulary = (tmp_path / "tokenizer.json").read_bytes()
    train.run(recipe, tmp_path, train.STAGES)  # everything is done: the same checkpoint again
    assert (tmp_path / "tokenizer.json").read_bytes() == vocabulary
    assert load(tmp_path / "checkpoint").digest == loaded.digest
