"""Trainer over the conversations of a recipe: what it is told, and its loss."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import TrainingArguments

from ...harness.errors import UsageError
from .collate import Batch
from .dataset import Steps
from .forward import Learner
from .kept import Kept, common
from .recipe import Recipe

PROBLEMS = "problems.jsonl"
_LENGTH = ("max_steps", "num_train_epochs", "warmup_steps", "warmup_ratio")  # are known once the data is


def arguments(recipe: Recipe, folder: Path) -> TrainingArguments:
    """What Trainer is told. `recipe.trainer` is added as it is.

    Raises:
        UsageError: `trainer` sets what the recipe decides, or has a key or value that Trainer does not take.
    """
    adam = recipe.optimiser
    own: dict[str, Any] = common(
        folder,
        betas=adam.betas,
        weight_decay=adam.weight_decay,
        clip=adam.clip,
        seed=recipe.seed,
        save_every=recipe.save_every,
        workers=recipe.workers,
    )
    own |= {
        "gradient_accumulation_steps": recipe.accumulate,
        "learning_rate": adam.learning_rate,
        "lr_scheduler_type": "cosine",
        "bf16": recipe.precision == "bf16",
        "ddp_find_unused_parameters": False,  # `Learner` sees to it that none is
    }
    for key in recipe.trainer:
        if key in own or key in _LENGTH:
            raise UsageError(f"trainer.{key} is what the recipe decides.", "Use the recipe's own key.")
    try:
        made = TrainingArguments(**own, **recipe.trainer)
    except (TypeError, ValueError) as error:
        raise UsageError(f"transformers does not take the section `trainer`: {error}") from error
    if made.n_gpu > 1:
        made._n_gpu = 1  # of several GPUs one process uses one; more take torchrun or accelerate launch
    return made


class Training(Kept):
    """One training of one recipe in one folder."""

    def __init__(
        self,
        learner: Learner,
        recipe: Recipe,
        told: TrainingArguments,
        steps: Steps,
        folder: Path,
        board: Any,
    ) -> None:
        told.warmup_steps = round(recipe.optimiser.warm_up * steps.steps)
        super().__init__(learner, told, steps, steps.steps, folder, recipe.keep, board)
        self._model, self._steps = learner.model, steps
        self._names = [n for n, p in learner.model.named_parameters() if p.requires_grad]
        self.waited = 0.0  # seconds spent waiting for data

    def learned(self) -> dict[str, Tensor]:
        """What a checkpoint holds, by its name in the model; the frozen rest is in `start`."""
        every = dict(self._model.named_parameters())
        return {name: every[name] for name in self._names}

    def gathered(self) -> Mapping[str, Tensor]:
        """`learned`; sharded weights are put together, on the main process."""
        if not (self.is_fsdp_enabled or self.is_deepspeed_enabled):
            return self.learned()
        whole = self.accelerator.get_state_dict(self.model_wrapped)
        return {name: whole[f"model.{name}"] for name in self._names} if whole else {}

    def batch_of(self, step: int) -> str:
        """The samples of a step."""
        made = self._steps.step(step - 1)
        names = [made.names[block.sample] for block in made.blocks]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        return f"its batch was {', '.join(names[:8])}{more}"

    def get_batch_samples(
        self, epoch_iterator: Iterator[Batch], num_batches: int, *rest: Any
    ) -> tuple[list[Batch], Tensor]:
        """This process's parts of a step, and what all answers of the step weigh in all processes."""
        began = time.monotonic()
        parts, _ = super().get_batch_samples(epoch_iterator, num_batches, *rest)
        self.waited += time.monotonic() - began
        notes = [part.pop("note") for part in parts]
        self._write_down([problem for note in notes for problem in note["problems"]])
        weight = sum(float(part["weights"].sum(dtype=torch.float64)) for part in parts)
        tokens = sum(note["tokens"] for note in notes)
        sums = torch.tensor([weight, tokens], dtype=torch.float64, device=self.args.device)
        if self.args.world_size > 1:
            sums = self.accelerator.gather(sums[None]).sum(0)
        self.tokens = int(sums[1])
        return parts, sums[0].clamp(min=1e-6)

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        """The part's share of the step's mean loss; times the processes, over which gradients are
        averaged."""
        assert num_items_in_batch is not None and not return_outputs
        loss = model(**inputs) / num_items_in_batch
        self.note_loss(loss)
        return loss * self.args.world_size

    def _write_down(self, problems: list[dict[str, str]]) -> None:
        if problems:
            with (self.folder / PROBLEMS).open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(problem) + "\n" for problem in problems)
