"""transformers' Trainer with our data, our loss and checkpoints of what learns."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments

from ...harness.errors import ModelError, UsageError
from . import checkpoints
from .collate import Batch
from .dataset import Steps
from .forward import Learner
from .progress import Journal, Taken
from .recipe import Recipe

PROBLEMS = "problems.jsonl"
_LENGTH = ("max_steps", "num_train_epochs", "warmup_steps", "warmup_ratio")  # are known once the data is


def arguments(recipe: Recipe, folder: Path) -> TrainingArguments:
    """What Trainer is told. `recipe.trainer` is added as it is.

    Raises:
        UsageError: `trainer` sets what the recipe decides, or has a key or value that Trainer does not take.
    """
    adam = recipe.optimiser
    own: dict[str, Any] = {
        "output_dir": str(folder),
        "per_device_train_batch_size": 1,  # an item of `Steps` is a whole part of a step
        "gradient_accumulation_steps": recipe.accumulate,
        "learning_rate": adam.learning_rate,
        "adam_beta1": adam.betas[0],
        "adam_beta2": adam.betas[1],
        "weight_decay": adam.weight_decay,
        "max_grad_norm": adam.clip,
        "lr_scheduler_type": "cosine",
        "optim": "adamw_torch_fused",
        "bf16": recipe.precision == "bf16",
        "seed": recipe.seed,
        "dataloader_num_workers": recipe.workers,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "save_strategy": "steps",
        "save_steps": recipe.save_every,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
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


class Training(Trainer):
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
        told.max_steps = steps.steps
        told.warmup_steps = round(recipe.optimiser.warm_up * steps.steps)
        super().__init__(model=learner, args=told, train_dataset=steps)
        self.remove_callback(PrinterCallback)
        self._learner = learner
        self._recipe, self._folder, self._steps = recipe, folder, steps
        self._trained = [n for n, p in learner.model.named_parameters() if p.requires_grad]
        self._journal: Journal | None = None
        self._board = board
        self._loss = torch.zeros((), dtype=torch.float64)
        self._tokens = 0
        self.waited = 0.0  # seconds spent waiting for data

    def run(self, done: int) -> None:
        """Train from step `done` on, where a checkpoint lies unless it is 0.

        Raises:
            ModelError: the loss is not finite, or a checkpoint cannot be written or does not fit.
        """
        if self.is_world_process_zero():
            self._journal = Journal(self._folder, self._steps.steps, done, self._board)
        try:
            self.train(resume_from_checkpoint=str(checkpoints.at(self._folder, done)) if done else None)
        finally:
            if self._journal is not None:
                self._journal.close()

    def get_train_dataloader(self) -> DataLoader[Batch]:
        """The parts of the steps in order, shared out among processes."""
        loader: DataLoader[Batch] = DataLoader(
            self._steps,
            batch_size=1,
            shuffle=False,
            collate_fn=_only,
            num_workers=self.args.dataloader_num_workers,
            pin_memory=self.args.dataloader_pin_memory,
        )
        prepared: DataLoader[Batch] = self.accelerator.prepare(loader)
        return prepared

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
        self._tokens = int(sums[1])
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
        self._loss = self._loss.to(loss.device) + loss.detach()
        return loss * self.args.world_size

    def get_decay_parameter_names(self, model: nn.Module) -> list[str]:
        """Matrices decay; gains, scales, biases and the like do not."""
        return [name for name, parameter in model.named_parameters() if parameter.ndim > 1]

    def log(self, logs: dict[str, float], *rest: Any) -> None:
        """Write down the step that was just taken; called before a checkpoint of it is written.

        Raises:
            ModelError: the loss or the gradient is not finite.
        """
        if "loss" not in logs:
            return
        loss, self._loss = self._loss, torch.zeros_like(self._loss)
        if self.args.world_size > 1:
            loss = self.accelerator.gather(loss[None]).sum()
        step, norm = self.state.global_step, float(logs.get("grad_norm", 0.0))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise ModelError(self._lost(step, float(loss), norm), checkpoints.goes_on(self._folder))
        if self._journal is not None:
            self._journal.step(Taken(step, float(loss), logs["learning_rate"], norm, self._tokens))

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write what learns; the frozen rest is in `start`."""
        state: Mapping[str, Tensor]
        if self.is_fsdp_enabled or self.is_deepspeed_enabled:
            whole = self.accelerator.get_state_dict(self.model_wrapped)
            state = {name: whole[f"model.{name}"] for name in self._trained} if whole else {}
        else:
            every = dict(self._learner.model.named_parameters())
            state = {name: every[name] for name in self._trained}
        if self.args.should_save:
            path = Path(output_dir or self._folder)
            path.mkdir(parents=True, exist_ok=True)
            checkpoints.save_tensors(state, path / checkpoints.WEIGHTS)

    def _save_checkpoint(self, *rest: Any, **named: Any) -> None:
        with checkpoints.told(self._folder):
            super()._save_checkpoint(*rest, **named)
            self.accelerator.wait_for_everyone()
            if self.args.should_save:
                checkpoints.publish(self._folder, self.state.global_step, self._recipe.keep)
        self.accelerator.wait_for_everyone()

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._folder / checkpoints.PART)

    @torch.no_grad()
    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        every = dict(self._learner.model.named_parameters())
        path = Path(resume_from_checkpoint) / checkpoints.WEIGHTS
        checkpoints.load_tensors(path, {name: every[name] for name in self._trained})

    def _lost(self, step: int, loss: float, norm: float) -> str:
        made = self._steps.step(step - 1)
        names = [made.names[block.sample] for block in made.blocks]
        more = f" and {len(names) - 8} more" if len(names) > 8 else ""
        return (
            f"Step {step}: the loss is {loss}, the gradient's norm {norm}. "
            f"The batch was {', '.join(names[:8])}{more}."
        )

    def _write_down(self, problems: list[dict[str, str]]) -> None:
        if problems:
            with (self._folder / PROBLEMS).open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(problem) + "\n" for problem in problems)


def _only(items: list[Batch]) -> Batch:
    return items[0]
