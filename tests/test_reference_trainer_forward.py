"""The loss of packed conversations is that of each alone; the head sees only what is learned."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rsbench.reference_model.config import Config
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.preprocess import normalised
from rsbench.reference_model.proposals import Proposals, select
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.trainer.collate import collate
from rsbench.reference_model.trainer.conversation import Spoken, apart, together
from rsbench.reference_model.trainer.example import Cached
from rsbench.reference_model.trainer.forward import Learner
from rsbench.reference_model.trainer.pack import Block
from rsbench.reference_model.vision import on_grid

RNG = np.random.default_rng(0)
PICTURES: Any = {n: RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8) for n in range(4)}
TALKS = [
    [Turn("Is there a ship?", "yes"), Turn("Where?", "in the image")],
    [Turn("Is there a harbour?", "no")],
    [Turn("Is?", "There is a ship in the image."), Turn("a?", "no"), Turn("There?", "yes")],
    [Turn("Why?", "There is.")],
]
PICTURED = (True, True, False, True)  # the third is text alone


def blocks(tokenizer: Tokenizer, config: Config, speak: Any = together) -> list[Block]:
    spoken: list[Spoken] = [speak(turns, tokenizer, config.system_prompt, 2, 99) for turns in TALKS]
    visual = config.visual_tokens
    return [Block(s, visual if PICTURED[n] else 0, n) for n, s in enumerate(spoken)]


def alone(model: EarthGPT, block: Block, learned: list[int], ids: list[int]) -> Tensor:
    """Losses of some tokens from the plain causal model: no mask, no positions, no padding."""
    text = torch.tensor([[1, *ids]])
    embedded = model.language.get_input_embeddings()(text)
    if block.visual:
        embedded = model.splice(model.see(normalised([PICTURES[block.sample]])).tokens, text)
    logits = model.language(inputs_embeds=embedded).logits[0, block.visual :]
    return functional.cross_entropy(
        logits[learned], torch.tensor([ids[i] for i in learned]), reduction="none"
    )


def batch_of(rows: list[list[Block]], weigh: str = "tokens", **pictures: Any) -> dict[str, Any]:
    return collate(rows, {n: PICTURES[n] if PICTURED[n] else None for n in range(4)}, 1, 0, weigh)


@pytest.mark.parametrize("rows", [[[0], [1], [2], [3]], [[2, 0], [3, 1]], [[3, 2, 1, 0]]])
@torch.no_grad()
def test_packed_is_alone(
    rows: list[list[int]], text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer
) -> None:
    every = blocks(tokenizer, tiny)
    losses = []
    for block in every:
        learned = [i for i, a in enumerate(block.spoken.answer) if a >= 0]
        losses.append(alone(text_model, block, learned, block.spoken.ids))
    found = Learner(text_model)(**batch_of([[every[n] for n in row] for row in rows]))
    assert float(found) == pytest.approx(float(torch.cat(losses).sum()), abs=1e-5 * len(torch.cat(losses)))
    # joined to one row, told apart by positions alone, as flash attention is used
    joined = Learner(text_model, "flash_attention_2")(**batch_of([[every[n] for n in row] for row in rows]))
    assert float(joined) == pytest.approx(float(found), abs=1e-5 * len(torch.cat(losses)))


@torch.no_grad()
def test_each_answer_has_the_loss_it_has_alone(
    text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer
) -> None:
    """One answer at a time is given weight: sums cannot hide a leak from one conversation to another."""
    every = blocks(tokenizer, tiny)
    batch = batch_of([[every[1], every[2]], [every[0], every[3]]])
    for number, (row, start) in enumerate(((0, 0), (0, every[1].length), (1, 0), (1, every[0].length))):
        block = [every[1], every[2], every[0], every[3]][number]
        for answer in range(block.spoken.answers):
            learned = [i for i, a in enumerate(block.spoken.answer) if a == answer]
            weights = torch.zeros_like(batch["weights"])
            places = [start + block.visual + i for i in learned]
            weights[row, places] = 1.0
            found = Learner(text_model)(**batch | {"weights": weights})
            expected = alone(text_model, block, learned, block.spoken.ids).sum()
            assert float(found) == pytest.approx(float(expected), abs=1e-5 * len(learned))


@torch.no_grad()
def test_turns_apart_see_the_picture_only(text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer) -> None:
    every = blocks(tokenizer, tiny, apart)
    total = 0.0
    for block in every:
        for number in range(1, block.spoken.answers + 1):
            own = [i for i, p in enumerate(block.spoken.part) if p == number]
            ids = [block.spoken.ids[i] for i in own]
            learned = [i for i, place in enumerate(own) if block.spoken.answer[place] >= 0]
            total += float(alone(text_model, block, learned, ids).sum())
    found = Learner(text_model)(**batch_of([[every[0], every[1]], [every[2], every[3]]]))
    assert float(found) == pytest.approx(total, abs=1e-4)


@torch.no_grad()
def test_weights_of_answers(text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer) -> None:
    every = blocks(tokenizer, tiny)
    means = []
    for block in every:
        for answer in range(block.spoken.answers):
            learned = [i for i, a in enumerate(block.spoken.answer) if a == answer]
            means.append(float(alone(text_model, block, learned, block.spoken.ids).mean()))
    batch = batch_of([[b] for b in every], "answers")
    assert float(batch["weights"].sum()) == pytest.approx(len(means))
    assert float(Learner(text_model)(**batch)) == pytest.approx(sum(means), abs=1e-4)


@torch.no_grad()
def test_the_head_sees_what_is_learned_only(text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer) -> None:
    seen: list[tuple[int, ...]] = []
    hook = text_model.language.lm_head.register_forward_pre_hook(lambda _, a: seen.append(tuple(a[0].shape)))
    batch = batch_of([[b] for b in blocks(tokenizer, tiny)])
    Learner(text_model)(**batch)
    hook.remove()
    assert seen == [(int((batch["targets"] >= 0).sum()), tiny.language.width)]


@torch.no_grad()
def test_what_was_seen_before_counts_as_the_picture(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    model = proposals_model
    assert model.head is not None and model.config.proposals is not None
    features = model.encoders(normalised([PICTURES[n] for n in range(4)]))
    found = select(model.head(features), model.config.proposals)
    maps = on_grid(features.stages, model.config.vit.grid)
    cached = {
        n: Cached(
            features.vit[n],
            tuple(m[n] for m in maps),
            Proposals(*(getattr(found, f)[n] for f in Proposals.__dataclass_fields__)),
        )
        for n in range(4)
    }
    every = blocks(tokenizer, model.config)
    rows = [[every[0], every[1]], [every[3]]]
    pixels = collate(rows, PICTURES, 1, 0, "tokens")
    mixed: Any = {0: PICTURES[0], 1: cached[1], 3: cached[3]}
    for pictures in (mixed, cached):
        other = collate(rows, pictures, 1, 0, "tokens")
        assert float(Learner(model)(**other)) == pytest.approx(float(Learner(model)(**pixels)), rel=1e-5)


def test_a_broken_picture_costs_its_own_answers_only(
    text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer
) -> None:
    every = blocks(tokenizer, tiny)
    both = collate([[every[0], every[1]]], {0: None, 1: PICTURES[1]}, 1, 0, "tokens")
    only = collate([[every[1]]], {1: PICTURES[1]}, 1, 0, "tokens")
    assert both["weights"].sum() == only["weights"].sum()
    with torch.no_grad():
        assert float(Learner(text_model)(**both)) == pytest.approx(
            float(Learner(text_model)(**only)), abs=1e-4
        )


def test_frozen_encoders_are_not_differentiated_and_text_alone_leaves_zeros(
    text_model: EarthGPT, tiny: Config, tokenizer: Tokenizer
) -> None:
    from rsbench.reference_model.trainable import freeze

    model = copy.deepcopy(text_model)
    trained = freeze(model, "align")
    learner = Learner(model)
    every = blocks(tokenizer, tiny)
    learner(**batch_of([[b] for b in every])).backward()
    grads = {name for name, p in model.named_parameters() if p.grad is not None}
    assert grads == set(trained)
    model.zero_grad()
    Learner(model)(**batch_of([[every[2]]])).backward()
    parameters = dict(model.named_parameters())
    assert all(parameters[name].grad is not None for name in trained)
    grad = parameters["fusion.proj.0.weight"].grad
    assert grad is not None and not grad.any()
    Learner(model)(**collate([], {}, 1, 0, "tokens")).backward()  # a part with nothing in it
