"""transformers' Trainer with checkpoints that are whole or not there, and a journal of every step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from transformers import PrinterCallback, Trainer, TrainingArguments

from ...harness.errors import ModelError
from . import checkpoints
from .progress import Journal, Taken


def common(
    folder: Path,
    *,
    betas: tuple[float, float],
    weight_decay: float,
    clip: float,
    seed: int,
    save_every: int,
    workers: int,
) -> dict[str, Any]:
    """What every training here tells TrainingArguments."""
    return {
        "output_dir": str(folder),
        "per_device_train_batch_size": 1,  # an item is a whole batch
        "adam_beta1": betas[0],
        "adam_beta2": betas[1],
        "weight_decay": weight_decay,
        "max_grad_norm": clip,
        "optim": "adamw_torch_fused",
        "seed": seed,
        "dataloader_num_workers": workers,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "save_strategy": "steps",
        "save_steps": save_every,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
    }


class Kept(Trainer):
    """Trains `module` for `total` steps on a data set whose items are whole batches, in their order.

    A subclass computes the loss and tells it with `note_loss`.
    """

    def __init__(
        self,
        module: nn.Module,
        told: TrainingArguments,
        items: Dataset[Any],
        total: int,
        folder: Path,
        keep: int,
        board: Any,
    ) -> None:
        told.max_steps = total
        super().__init__(model=module, args=told, train_dataset=items)
        self.remove_callback(PrinterCallback)
        self.folder = folder
        self.tokens = 0  # read in this step
        self._items, self._total, self._keep, self._board = items, total, keep, board
        self._module = module
        self._journal: Journal | None = None
        self._loss = torch.zeros((), dtype=torch.float64)

    def run(self, done: int) -> None:
        """Train from step `done` on, where a checkpoint lies unless it is 0.

        Raises:
            ModelError: the loss is not finite, or a checkpoint cannot be written or does not fit.
        """
        if self.is_world_process_zero():
            self._journal = Journal(self.folder, self._total, done, self._board)
        try:
            self.train(resume_from_checkpoint=str(checkpoints.at(self.folder, done)) if done else None)
        finally:
            if self._journal is not None:
                self._journal.close()

    def note_loss(self, loss: Tensor) -> None:
        """Add to the loss of the step."""
        self._loss = self._loss.to(loss.device) + loss.detach()

    def learned(self) -> dict[str, Tensor]:
        """What a checkpoint holds, by name."""
        return {name: p for name, p in self._module.named_parameters() if p.requires_grad}

    def gathered(self) -> Mapping[str, Tensor]:
        """`learned`; a subclass whose weights are sharded puts them together."""
        return self.learned()

    def batch_of(self, step: int) -> str:
        """What step `step` (from 1) was taken on, for a message."""
        return "its scenes are drawn from the seed and the step"

    def get_train_dataloader(self) -> DataLoader[Any]:
        """The items in order, shared out among processes."""
        loader: DataLoader[Any] = DataLoader(
            self._items,
            batch_size=1,
            shuffle=False,
            collate_fn=_only,
            num_workers=self.args.dataloader_num_workers,
            pin_memory=self.args.dataloader_pin_memory,
        )
        prepared: DataLoader[Any] = self.accelerator.prepare(loader)
        return prepared

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
            raise ModelError(
                f"Step {step}: the loss is {float(loss)}, the gradient's norm {norm}; {self.batch_of(step)}.",
                checkpoints.goes_on(self.folder),
            )
        if self._journal is not None:
            self._journal.step(Taken(step, float(loss), logs["learning_rate"], norm, self.tokens))

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write what learns; the frozen rest is where the training began."""
        state = self.gathered()
        if self.args.should_save:
            path = Path(output_dir or self.folder)
            path.mkdir(parents=True, exist_ok=True)
            checkpoints.save_tensors(state, path / checkpoints.WEIGHTS)

    def _save_checkpoint(self, *rest: Any, **named: Any) -> None:
        with checkpoints.told(self.folder):
            super()._save_checkpoint(*rest, **named)
            self.accelerator.wait_for_everyone()
            if self.args.should_save:
                checkpoints.publish(self.folder, self.state.global_step, self._keep)
        self.accelerator.wait_for_everyone()

    def _get_output_dir(self, trial: Any) -> str:
        return str(self.folder / checkpoints.PART)

    @torch.no_grad()
    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: nn.Module | None = None) -> None:
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
            return
        checkpoints.load_tensors(Path(resume_from_checkpoint) / checkpoints.WEIGHTS, self.learned())


def _only(items: list[Any]) -> Any:
    return items[0]
