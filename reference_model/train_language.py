"""Stages 1 and 2 in one for nano: the projections and the language model learn the instructions."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..harness.contract import Frame, Region
from ..harness.dialects.earthgpt import EarthGPT as Dialect
from .config import Config
from .data.record import Turn
from .instructions import choose_list, classify, detect
from .model import EarthGPT
from .packing import Encoded, encode, pack
from .perceive import Perceived, perceive
from .scenes import Shard, read_shards
from .tokenizer import Tokenizer
from .training import Schedule, load_state, optimizer, save_state

LONGEST = 400  # text tokens of a picture; turns beyond are left out
LABELLED = 2.0  # how much more often a picture with a class is drawn than one without


def train_language(
    config: Config, tokenizer: Tokenizer, shards: Path, folder: Path, recipe: dict[str, Any]
) -> None:
    """Train for `recipe["steps"]` steps of `recipe["batch"]` pictures; continues where `folder` stopped."""
    model = with_encoders(config, folder)
    for frozen in (model.encoders, model.head):
        assert frozen is not None
        frozen.requires_grad_(False).eval()
    shard = read_shards(sorted(shards.glob("*.npz"))[: recipe["shards"]])
    seen = perceive(model, shard.images, np.random.default_rng(recipe["seed"]))
    share = np.where(shard.label >= 0, LABELLED, 1.0)
    share /= share.sum()
    adam = optimizer(model, recipe["weight_decay"])
    schedule = Schedule(recipe["learning_rate"], recipe["warm_up"], recipe["steps"])
    step, minutes = load_state(folder / "language.pt", model, adam)
    started = last = time.monotonic()
    window: list[tuple[float, float]] = []
    while step < recipe["steps"]:
        rng = np.random.default_rng((recipe["seed"], step))
        chosen = rng.choice(len(shard.images), recipe["batch"], replace=False, p=share)
        turns = [_encoded(shard, seen, int(i), tokenizer, config, rng) for i in chosen]
        loss, right = _loss(model, seen, torch.from_numpy(chosen), turns)
        schedule.apply(adam, step)
        adam.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        step += 1
        window.append((float(loss.detach()), right))
        if step % 25 == 0:
            means = np.mean(window, axis=0)
            rate = (time.monotonic() - last) / len(window)
            print(f"{step} {rate:.2f} s loss {means[0]:.4f} token accuracy {means[1]:.3f}", flush=True)
            window, last = [], time.monotonic()
        if step % 100 == 0 or step == recipe["steps"]:
            save_state(folder / "language.pt", model, adam, step, minutes + (time.monotonic() - started) / 60)


def with_encoders(config: Config, folder: Path) -> EarthGPT:
    """A model whose encoders and proposal head are those of the stage before."""
    torch.manual_seed(0)
    model = EarthGPT(config)
    state = torch.load(folder / "encoders.pt", weights_only=True)["model"]
    own = {k: v for k, v in state.items() if k.startswith(("encoders.", "head."))}
    model.load_state_dict(model.state_dict() | own)
    return model


def questions(
    shard: Shard, seen: Perceived, scene: int, config: Config, rng: np.random.Generator
) -> list[Turn]:
    """What is asked of a picture: its class where that is clear, and its objects in both notations.

    The objects are the proposals shown, under the names the head gives them: the language model learns to
    report what was found, and the head's threshold alone decides what counts as found. Taught to leave out
    wrong proposals too, so small a model soon left out most of the right ones.
    """
    from ..harness.datasets.mini import SCENES

    assert config.proposals is not None
    dialect = Dialect("paper" if rng.random() < 0.8 else "released")
    turns = []
    if shard.label[scene] >= 0:
        label = SCENES[shard.label[scene]]
        turns = [classify(*choose_list(label, SCENES, rng), dialect) for _ in range(1 + int(rng.integers(2)))]
    slots, nouns = seen.slots(scene), seen.nouns(scene, config.proposals)
    for oriented in (False, True):
        shapes = slots.corners if oriented else slots.boxes
        regions = [Region(tuple(shape), noun) for shape, noun in zip(shapes, nouns, strict=True)]
        turn = detect(regions, oriented, Frame.plain(1, 1), dialect)
        turns.append(Turn(turn.question, slots.pointed(turn.answer, oriented, range(len(nouns)))))
    return turns


def _encoded(
    shard: Shard, seen: Perceived, scene: int, tokenizer: Tokenizer, config: Config, rng: np.random.Generator
) -> list[Encoded]:
    kept: list[Encoded] = []
    for turn in questions(shard, seen, scene, config, rng):
        encoded = encode(turn, tokenizer, config.system_prompt, config.language.eos_id)
        length = sum(len(e.prompt) + len(e.answer) for e in (*kept, encoded))
        if length <= LONGEST:
            kept.append(encoded)
    return kept


def _loss(
    model: EarthGPT, seen: Perceived, scenes: Tensor, turns: list[list[Encoded]]
) -> tuple[Tensor, float]:
    """Cross-entropy on the answers' tokens (equation 14), a mean over the tokens of an answer and then over
    answers, and the share of tokens that is predicted right."""
    language = model.config.language
    packed = pack(turns, model.config.visual_tokens, language.bos_id, language.pad_id)
    embedded = model.splice(seen.prefix(model, scenes), packed.ids)
    hidden = model.language.model(
        inputs_embeds=embedded, attention_mask=packed.mask, position_ids=packed.positions, use_cache=False
    ).last_hidden_state
    asked = packed.targets >= 0
    logits, targets = model.language.lm_head(hidden[asked]), packed.targets[asked]
    weights = packed.weights[asked]
    loss = (functional.cross_entropy(logits, targets, reduction="none") * weights).sum() / weights.sum()
    return loss, float((logits.argmax(-1) == targets).float().mean())
