"""Language training on a few scenes: a stop changes nothing, the encoders stay, answers are pointers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rsbench.harness.contract import Boxes, Frame
from rsbench.harness.datasets.mini import OBJECTS
from rsbench.harness.dialects.earthgpt import EarthGPT as Dialect
from rsbench.reference_model.config import Config
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.perceive import perceive
from rsbench.reference_model.scenes import read_shards
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.train_language import questions, train_language, with_encoders


def recipe(steps: int) -> dict[str, Any]:
    rates = {"learning_rate": 0.01, "warm_up": 0.5, "weight_decay": 0.1}  # the first step has the full rate
    return {"seed": 6, "shards": 2, "steps": steps, "batch": 3} | rates


@pytest.fixture
def folder(proposals_model: EarthGPT, tmp_path: Path) -> Path:
    """A training folder in which the encoders are done."""
    torch.save({"model": proposals_model.state_dict()}, tmp_path / "encoders.pt")
    return tmp_path


def state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "language.pt", weights_only=True)
    return found


def test_a_stop_changes_nothing_and_the_encoders_stay(
    tiny_proposals: Config,
    proposals_model: EarthGPT,
    tokenizer: Tokenizer,
    scenes_folder: Path,
    folder: Path,
) -> None:
    kept = {}
    for name, runs in {"once": [2], "twice": [1, 2]}.items():
        (folder / "language.pt").unlink(missing_ok=True)
        for steps in runs:
            train_language(tiny_proposals, tokenizer, scenes_folder, folder, recipe(steps))
        kept[name] = state(folder)
    once, twice = kept["once"], kept["twice"]
    assert once["step"] == twice["step"] == 2
    before = with_encoders(tiny_proposals, folder).state_dict()
    for name, tensor in once["model"].items():
        torch.testing.assert_close(tensor, twice["model"][name], atol=1e-6, rtol=1e-5, msg=name)
        frozen = name.startswith(("encoders.", "head."))
        assert torch.equal(tensor, before[name]) == frozen, name


def test_encoders_are_those_of_the_stage_before(
    tiny_proposals: Config, proposals_model: EarthGPT, folder: Path
) -> None:
    made, own = with_encoders(tiny_proposals, folder).state_dict(), proposals_model.state_dict()
    for name, tensor in made.items():
        if name.startswith(("encoders.", "head.")):
            assert torch.equal(tensor, own[name])
    assert not torch.equal(made["fusion.proj.0.weight"], own["fusion.proj.0.weight"])


def test_questions_are_answered_by_pointers_to_every_proposal(
    proposals_model: EarthGPT, scenes_folder: Path
) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    seen = perceive(proposals_model, shard.images, np.random.default_rng(0))
    asked_for_classes = 0
    for scene in range(8):
        turns = questions(shard, seen, scene, proposals_model.config, np.random.default_rng(scene))
        detections = [turn for turn in turns if "Detect all objects" in turn.question]
        assert [("oriented" in t.prompt, "horizontal" in t.prompt) for t in detections] == [
            (False, True),
            (True, False),
        ]
        assert bool(len(turns) - len(detections)) == (shard.label[scene] >= 0)
        asked_for_classes += len(turns) - len(detections)
        for oriented, turn in zip((False, True), detections, strict=True):
            pointed = re.findall(r"<([bo])(\d+)>", turn.answer)
            slots = seen.slots(scene)
            printed = [slots.numbers(i, oriented) for i in range(len(slots.boxes))]
            assert sorted(slots.numbers(int(i), oriented) for _, i in pointed) == sorted(printed)
            assert {kind for kind, _ in pointed} <= {"o" if oriented else "b"}
            if not oriented:  # those of an untrained head are no quadrilaterals
                parts = re.split(r"(<[bo]\d+>)", turn.answer)
                text = "".join(slots.written(part) for part in parts)
                answer = Dialect().parse(text, Boxes(OBJECTS, oriented), Frame.plain(1, 1))
                assert [slots.numbers(int(i), oriented) for _, i in pointed] == printed
                assert len(answer.regions) == len(pointed)
    assert asked_for_classes
