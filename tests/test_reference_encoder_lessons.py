"""What the encoders are taught: every part that ships learns, and what has no label teaches nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rsbench.reference_model.batches import Batch, batch
from rsbench.reference_model.clip_texts import tokenised
from rsbench.reference_model.config import Config
from rsbench.reference_model.encoder_lessons import EncoderTrainer, sentences
from rsbench.reference_model.scenes import read_shards
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.world import RENDERED


@pytest.fixture(scope="module")
def trainer(tiny_proposals: Config) -> EncoderTrainer:
    torch.manual_seed(0)
    return EncoderTrainer.fresh(tiny_proposals, RENDERED)


@pytest.fixture(scope="module")
def drawn(scenes_folder: Path) -> Batch:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    return batch(shard, np.arange(8), np.arange(9), 64, np.random.default_rng(1))


@pytest.fixture(scope="module")
def texts(tokenizer: Tokenizer, tiny_proposals: Config) -> torch.Tensor:
    said = sentences(RENDERED, np.random.default_rng(2))
    return tokenised(said, tokenizer, tiny_proposals.clip.context_length)


def test_every_part_that_ships_is_taught(trainer: EncoderTrainer, drawn: Batch, texts: torch.Tensor) -> None:
    losses = trainer.losses(drawn, texts)
    taught = {k: v for k, v in losses.items() if not k.startswith("accuracy")}
    assert {"object", "name", "box", "oriented", "scene", "look", "clip object"} <= taught.keys()
    assert all(torch.isfinite(v) for v in taught.values())
    trainer.zero_grad()
    torch.autograd.backward(sum(taught.values(), torch.zeros(())))
    idle = {n for n, p in trainer.named_parameters() if p.grad is None}
    assert idle <= {"encoders.vit.embeddings.mask_token"}


def test_parts_that_are_not_asked_for_are_left_out(trainer: EncoderTrainer, drawn: Batch) -> None:
    few = trainer.losses(drawn, None, dense=False)
    assert few.keys() == {"scene", "look", "accuracy cnn", "accuracy vit"}


def test_what_has_no_label_teaches_nothing(
    trainer: EncoderTrainer, drawn: Batch, texts: torch.Tensor
) -> None:
    nobody = [torch.full_like(v, -1) for v in (drawn.label, drawn.look, drawn.crop_type)]
    bare = replace(drawn, label=nobody[0], look=nobody[1], crop_type=nobody[2])
    losses = trainer.losses(bare, texts)
    assert [float(losses[k].detach()) for k in ("scene", "look", "clip type", "clip scene")] == [0, 0, 0, 0]
    known = torch.stack([v for k, v in losses.items() if not k.startswith("accuracy")])
    assert bool(torch.isfinite(known).all())


def test_there_is_a_sentence_for_every_name() -> None:
    said = sentences(RENDERED, np.random.default_rng(3))
    assert len(said) == len(RENDERED.objects) + 1 + len(RENDERED.types) + len(RENDERED.scenes)
    again, other = (sentences(RENDERED, np.random.default_rng(seed)) for seed in (3, 4))
    assert said == again != other


def test_the_names_are_the_worlds(trainer: EncoderTrainer) -> None:
    assert trainer.head.names.out_channels == len(RENDERED.objects)
    readings = [m for m in trainer.look_probes.modules() if isinstance(m, torch.nn.Linear)]
    assert {reading.out_features for reading in readings} == {len(RENDERED.looks)}
    assert len(readings) == len(trainer.look_probes)
