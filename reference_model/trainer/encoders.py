"""The stage `encoders`: ViT, CLIP and proposal head learn from scenes, through transformers' Trainer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from ...harness.errors import ModelError, UsageError
from .. import checkpoint
from ..config import Config, preset
from ..data.json_file import read as read_records
from ..encoder_lessons import EncoderTrainer
from ..model import EarthGPT
from ..real_scenes import real_shard
from ..renamed import with_names
from ..scenes import Shard, joined, read_shards, render
from ..schedule import BETAS, Schedule, rate_at
from ..tokenizer import FILE as TOKENIZER
from ..tokenizer import Tokenizer
from ..vocabulary import learned
from ..world import RENDERED, World
from . import checkpoints
from .encoder_draws import Draws
from .encoder_recipe import EncoderRecipe, parse
from .kept import Kept, common
from .progress import board
from .stages import Say

EXPORT, PARTS = "checkpoint", "parts.jsonl"
_AVERAGED = 25  # steps of a line in parts.jsonl


class EncoderTraining(Kept):
    """Trainer over the draws of a recipe; the learning rate goes through the recipe's cycles."""

    def __init__(
        self, teacher: EncoderTrainer, recipe: EncoderRecipe, draws: Draws, folder: Path, log: Any
    ) -> None:
        told = TrainingArguments(
            **common(
                folder,
                betas=BETAS,
                weight_decay=recipe.weight_decay,
                clip=recipe.clip,
                seed=recipe.seed,
                save_every=recipe.save_every,
                workers=recipe.workers,
            ),
            learning_rate=1.0,  # the schedule's factor is the rate
        )
        if told.world_size > 1:
            raise UsageError("The stage encoders trains on one process.", "Start it without torchrun.")
        super().__init__(teacher, told, draws, recipe.steps, folder, recipe.keep, log)
        self._cycles = [Schedule(c.learning_rate, recipe.warm_up, c.steps) for c in recipe.cycles]
        self._parts: list[dict[str, float]] = []

    def create_scheduler(
        self, num_training_steps: int, optimizer: torch.optim.Optimizer | None = None
    ) -> torch.optim.lr_scheduler.LRScheduler:
        """The cycles of the recipe."""
        if self.lr_scheduler is None:
            adam = optimizer or self.optimizer
            assert adam is not None
            self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(adam, lambda n: rate_at(self._cycles, n))
        made: torch.optim.lr_scheduler.LRScheduler = self.lr_scheduler
        return made

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> Any:
        """The weighted sum of what a step teaches."""
        total, parts = model(inputs)
        self.note_loss(total)
        self._parts.append(parts)
        if len(self._parts) == _AVERAGED:
            self._write_parts()
        return total

    def _write_parts(self) -> None:
        """The mean of every part of the loss over the last steps; parts that had nothing to say are NaN."""
        row: dict[str, float] = {"step": self.state.global_step + 1}
        for name in dict.fromkeys(name for parts in self._parts for name in parts):
            known = [parts[name] for parts in self._parts if parts.get(name, float("nan")) == parts.get(name)]
            if known:
                row[name] = round(sum(known) / len(known), 5)
        with (self.folder / PARTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self._parts = []


def train(raw: Mapping[str, Any], file: str, folder: Path, dry: bool, say: Say) -> None:
    """Train a recipe in a folder, continuing where it stopped; `dry` says what would be trained.

    Raises:
        UsageError, ModelError, DataError: the recipe, the checkpoint it starts from, its pictures; a loss
            that is not finite; a disk that is full. The message says what to do.
    """
    recipe = parse(raw, file)
    base, config, world = _beginning(recipe)
    if dry:
        say(f"encoders of {config.name}: {recipe.steps:,} steps of {recipe.batch} pictures")
        return
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        "recipe": json.loads(json.dumps(asdict(recipe))),
        "digest": recipe.digest(),
        "start": recipe.start,
    }
    checkpoints.remember(folder, state)
    shard = _shard(recipe, folder, world, config, say)
    tokenizer = _tokenizer(recipe, folder, shard, config)
    torch.manual_seed(recipe.seed)
    if base is None:
        teacher = EncoderTrainer.fresh(config, world)
    else:
        assert base.head is not None
        teacher = EncoderTrainer(config, world, base.encoders, base.head)
    done = (checkpoints.steps_of(folder) or [0])[-1]
    if done:
        say(f"{folder}: continues at step {done} of {recipe.steps}")
    if done < recipe.steps:
        draws = Draws(recipe, shard, world, tokenizer, config.clip.context_length)
        log = board(folder, recipe.tensorboard, done, say)
        EncoderTraining(teacher.requires_grad_(True), recipe, draws, folder, log).run(done)
    with checkpoints.told(folder):
        checkpoint.save(folder / EXPORT, *trained_model(recipe, checkpoints.at(folder, recipe.steps)))
    say(f"{folder}: trained; the next stage starts from {folder / EXPORT}")


def trained_model(recipe: EncoderRecipe, path: Path) -> tuple[EarthGPT, Tokenizer]:
    """The whole model of a checkpoint: the trained encoders and head; without a `start` the rest is random.

    Raises:
        ModelError: the checkpoint is damaged or of another recipe, or the model or tokenizer it began with
            is gone.
    """
    base, config, world = _beginning(recipe)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        model = base or EarthGPT(config)
        assert model.head is not None
        teacher = EncoderTrainer(config, world, model.encoders, model.head)
    with torch.no_grad():
        checkpoints.load_tensors(path / checkpoints.WEIGHTS, dict(teacher.named_parameters()))
    return model, Tokenizer.read(path.parent if recipe.start is None else Path(recipe.start))


def _beginning(recipe: EncoderRecipe) -> tuple[EarthGPT | None, Config, World]:
    """The model that is continued, its configuration, and the names that are taught."""
    if recipe.preset is not None:
        config = preset(recipe.preset)
        if config.proposals is None:
            raise ModelError(
                f"The preset {config.name!r} has no proposal head to train.", "Take the preset nano."
            )
        head = replace(config.proposals, names=RENDERED.objects, types=RENDERED.types)
        return None, replace(config, proposals=head), RENDERED
    assert recipe.start is not None  # `parse` sees to it
    model = with_names(checkpoint.load(Path(recipe.start)).model, recipe.objects)
    told = model.config.proposals
    assert told is not None  # `with_names` sees to it
    scenes = RENDERED.scenes if recipe.scenes else recipe.classes
    return model, model.config, World(told.names, told.types, scenes, RENDERED.looks)


def _shard(recipe: EncoderRecipe, folder: Path, world: World, config: Config, say: Say) -> Shard:
    if recipe.scenes is not None:
        place = Path(recipe.scenes.folder) if recipe.scenes.folder else folder.parent / "scenes"
        paths = []
        for seed in recipe.scenes.seeds:
            paths += list(render(place, seed, recipe.scenes.each, config.image_size))
            say(f"{place}: {len(paths)} shards of scenes")
        return read_shards(paths)
    shards, lost = [], Counter[str]()
    for number, real in enumerate(recipe.real):
        records, problems = read_records(Path(real.mmrs), Path(real.images))
        shard, unused = real_shard(records, Path(real.images), world, config.image_size, recipe.seed + number)
        shards.append(shard)
        lost.update(unused)
        for line in problems.lines():
            say(f"{real.mmrs}: {line}")
    for reason, count in lost.items():
        say(f"{count} x {reason}")
    return joined(shards)


def _tokenizer(recipe: EncoderRecipe, folder: Path, shard: Shard, config: Config) -> Tokenizer:
    """That of the checkpoint, or a new one, learned once a folder."""
    if recipe.start is not None:
        return Tokenizer.read(Path(recipe.start))
    if not (folder / TOKENIZER).is_file():
        learned(shard, config).write(folder)
    return Tokenizer.read(folder)
