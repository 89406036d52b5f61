"""Rendered scenes as a source: seen once, asked in every format, pointers for boxes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from rsbench.harness.errors import UsageError
from rsbench.reference_model.lessons import facts_of
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.rendered import RenderedScenes, matched, scenes, turned_facts
from rsbench.reference_model.scenes import read_shards
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.trainer.example import Cached, Context


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rendered")


@pytest.fixture(scope="module")
def source(proposals_model: EarthGPT, tokenizer: Tokenizer, folder: Path) -> RenderedScenes:
    context = Context(proposals_model, tokenizer, proposals_model.config, folder, 5)
    return scenes(context, (1_000_007,), 4, str(folder), per_shard=4)


def test_an_example_is_a_picture_and_turns(source: RenderedScenes) -> None:
    assert len(source) == 4
    example = source.example(1, np.random.default_rng(0))
    assert isinstance(example.picture, Cached) and example.picture.proposals is not None
    assert example.picture.vit.ndim == 2 and len(example.turns) >= 3
    again = source.example(1, np.random.default_rng(0))
    assert isinstance(again.picture, Cached) and torch.equal(again.picture.vit, example.picture.vit)
    assert again.turns == example.turns


def test_every_format_is_asked(source: RenderedScenes) -> None:
    asked = " | ".join(
        turn.question
        for index in range(4)
        for seed in range(25)
        for turn in source.example(index, np.random.default_rng(seed)).turns
    )
    for words in (
        "Detect all objects shown in the RS image and describe using horizontal",
        "using oriented bounding boxes",
        "What is the category of this RS image",
        "remote sensing image? Answer the question",
        "How many",
        "Which sensor",
        "one-sentence caption",
        "\n### Assistant: ",
    ):
        assert words in asked, words


def test_captions_alone(source: RenderedScenes, proposals_model: EarthGPT) -> None:
    alone = RenderedScenes(source.shard, source.seen, proposals_model.config, "captions")
    assert len(alone) == int((source.shard.label >= 0).sum())
    turns = [alone.example(i, np.random.default_rng(i)).turns for i in range(len(alone))]
    assert all(len(t) == 1 and "sentence" in t[0].question and t[0].answer.endswith(".") for t in turns)


def test_phrases_alone(source: RenderedScenes, proposals_model: EarthGPT) -> None:
    alone = RenderedScenes(source.shard, source.seen, proposals_model.config, "phrases")
    assert len(alone) == int((np.diff(source.shard.offsets) > 0).sum()) > 0
    for index in range(len(alone)):
        turns = alone.example(index, np.random.default_rng(index)).turns
        assert all("described as:" in turn.question for turn in turns)
        assert all(re.fullmatch(r"\[<->(<->)*<b>(<->|<b>)*\]", turn.answer) for turn in turns)
    with pytest.raises(UsageError, match="phrases"):
        RenderedScenes(source.shard, source.seen, proposals_model.config, "phrase")


def test_it_is_seen_once(
    source: RenderedScenes, proposals_model: EarthGPT, tokenizer: Tokenizer, folder: Path
) -> None:
    kept = sorted(path.name for path in folder.iterdir())
    before = {name: (folder / name).stat().st_mtime_ns for name in kept}
    context = Context(proposals_model, tokenizer, proposals_model.config, folder, 5)
    again = scenes(context, (1_000_007,), 4, str(folder), per_shard=4)
    assert torch.equal(again.seen.vit, source.seen.vit) and torch.equal(again.seen.turns, source.seen.turns)
    assert {name: (folder / name).stat().st_mtime_ns for name in kept} == before


def test_test_seeds_are_refused(proposals_model: EarthGPT, tokenizer: Tokenizer, tmp_path: Path) -> None:
    context = Context(proposals_model, tokenizer, proposals_model.config, tmp_path, 5)
    with pytest.raises(UsageError, match="seed 1 is not one of the split 'train'"):
        scenes(context, (1,), 4, str(tmp_path))


def test_facts_turn_with_the_picture(scenes_folder: Path) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    scene = int(np.argmax(np.diff(shard.offsets)))
    facts = facts_of(shard, scene)
    mirrored = turned_facts(facts, 1)
    for item, other in zip(facts.objects, mirrored.objects, strict=True):
        x1, y1, x2, y2 = item.box
        assert other.box == pytest.approx((1 - x2, y1, 1 - x1, y2), abs=1e-6)
        assert other.name == item.name
    assert turned_facts(facts, 0) == facts or facts.objects[0].box == pytest.approx(
        turned_facts(facts, 0).objects[0].box
    )


def test_objects_find_their_proposals() -> None:
    boxes = [(0.1, 0.1, 0.3, 0.3), (0.6, 0.6, 0.8, 0.8), (0.0, 0.9, 0.1, 1.0)]
    proposals = [(0.61, 0.6, 0.8, 0.8), (0.1, 0.1, 0.32, 0.3)]
    assert matched(boxes, proposals) == [1, 0, None]
    assert matched(boxes, []) == [None] * 3 and matched([], proposals) == []


def test_pointers_stand_for_boxes_in_answers_only(source: RenderedScenes) -> None:
    pointer = re.compile(r"<[bo]\d+>")
    answers = ""
    for seed in range(30):
        for turn in source.example(seed % 4, np.random.default_rng(seed)).turns:
            assert not pointer.search(turn.question)
            answers += turn.answer
    assert pointer.search(answers)
