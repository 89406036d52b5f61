"""What Trainer costs: the steps of a recipe through `rsbench train`, over a bare loop of the same batches.

    python benchmarks/training_step.py --steps 20 --batch 16 --repeats 3

Both arms train a copy of the shipped nano model (all but its encoders) on the same conversations about
pictures that were seen before, as its recipe does. The bare loop has its batches ready: forward, backward,
clipping, AdamW and nothing else. Trainer makes its batches while it runs, once in its own process and once
in one worker. Arms take turns. Wall time is what counts; CPU time of the process is printed beside it,
because it does not depend on how quiet the machine is.
"""

from __future__ import annotations

import argparse
import copy
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from rsbench.reference_model.checkpoint import SHIPPED
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.proposals import Proposals, input_size
from rsbench.reference_model.trainer.dataset import Steps
from rsbench.reference_model.trainer.example import Cached, Example
from rsbench.reference_model.trainer.forward import Learner
from rsbench.reference_model.trainer.loop import Training, arguments
from rsbench.reference_model.trainer.recipe import Recipe, parse
from rsbench.reference_model.trainer.start import Start, begin
from rsbench.reference_model.vision import stage_channels

WARM = 2  # steps before the clock runs


@dataclass(frozen=True)
class Cost:
    """Seconds of a step: by the clock, of this process's CPU, and waiting for data."""

    wall: float
    cpu: float
    waited: float


class Seen:
    """Sixty-four pictures that were seen before, with two to nine questions each."""

    def __init__(self, start: Start) -> None:
        config, rng = start.model.config, torch.Generator().manual_seed(0)
        tokens, vit = 1 + config.vit.grid**2, len(config.vit.layers) * config.vit.width
        maps = tuple(torch.randn(tokens - 1, d, generator=rng).half() for d in stage_channels(config))
        proposals = None
        if config.proposals is not None:
            count = config.proposals.count
            proposals = Proposals(
                torch.ones(count, dtype=torch.bool),
                torch.rand(count, generator=rng),
                torch.rand(count, 4, generator=rng),
                torch.rand(count, 8, generator=rng),
                torch.zeros(count, dtype=torch.long),
                torch.zeros(count, dtype=torch.long),
                torch.randn(count, input_size(config.proposals), generator=rng),
            )
        self._cached = Cached(torch.randn(tokens, vit, generator=rng).half(), maps, proposals)

    def __len__(self) -> int:
        return 64

    def example(self, index: int, rng: np.random.Generator) -> Example:
        boxes = ";".join(f"[{x:.2f},0.10,{x + 0.05:.2f},0.20]" for x in np.arange(0, 0.9, 0.1)[: index % 8])
        turns = [
            Turn(f"How many ships are there in part {n} of the image?", str(n)) for n in range(index % 7)
        ]
        turns.append(Turn("Which sensor took this image?", "optical"))
        turns.append(Turn("Detect all ships shown in the RS image.", f"There are <p>ships</p>{boxes}."))
        return Example(tuple(turns), self._cached)


def bare(start: Start, recipe: Recipe, steps: Steps, processes: int = 1) -> Cost:
    """The loop anyone would write."""
    learner = Learner(copy.deepcopy(start.model)).train()
    trained = [p for p in learner.parameters() if p.requires_grad]
    adam = torch.optim.AdamW(trained, lr=1e-4, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    batches = [steps[slot] for slot in range(len(steps))]
    for batch in batches:
        batch.pop("note")
    parts = recipe.accumulate * processes
    began = clocks()
    for number in range(steps.steps):
        if number == WARM:
            began = clocks()
        group = batches[number * parts : (number + 1) * parts]
        items = sum(float(batch["weights"].sum()) for batch in group)
        for batch in group:
            torch.autograd.backward(learner(**batch) / items)
        torch.nn.utils.clip_grad_norm_(trained, recipe.optimiser.clip)
        adam.step()
        adam.zero_grad()
    return per_step(began, steps.steps - WARM, 0.0)


def trainer(start: Start, recipe: Recipe, steps: Steps) -> Cost:
    """The same through our Trainer."""
    with tempfile.TemporaryDirectory() as folder:
        learner = Learner(copy.deepcopy(start.model))
        training = Timed(learner, recipe, arguments(recipe, Path(folder)), steps, Path(folder), None)
        training.run(0)
        return per_step(training.began, steps.steps - WARM, training.waited - training.before, training.ended)


class Timed(Training):
    """Our Trainer with a clock: it runs from the end of step WARM to the end of the last."""

    began = ended = (0.0, 0.0)
    before = 0.0

    def log(self, logs: dict[str, float], *rest: Any) -> None:
        super().log(logs, *rest)
        if "loss" in logs:
            self.ended = clocks()
            if self.state.global_step == WARM:
                self.began, self.before = clocks(), self.waited


def clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def per_step(
    began: tuple[float, float], steps: int, waited: float, ended: tuple[float, float] | None = None
) -> Cost:
    end = ended or clocks()
    return Cost((end[0] - began[0]) / steps, (end[1] - began[1]) / steps, waited / steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--accumulate", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    raw = {
        "stage": "align",
        "trainable": ["full"],
        "start": str(SHIPPED),
        "data": [{"module": "made:here"}],
        "steps": options.steps,
        "batch": options.batch,
        "accumulate": options.accumulate,
        "turns": "together",
        "save_every": 10**6,
        "tensorboard": False,
        "trainer": {"use_cpu": True, "save_only_model": True},
    }
    recipes = [parse(raw | {"workers": workers}, "benchmark") for workers in (0, 1)]
    start = begin(recipes[0])
    made = {"here": Seen(start)}
    steps = [Steps(r, start.model.config, start.tokenizer, made, 1) for r in recipes]
    arms: dict[str, Callable[[], Cost]] = {
        "bare loop": lambda: bare(start, recipes[0], steps[0]),
        "rsbench train": lambda: trainer(start, recipes[0], steps[0]),
        "rsbench train, one worker": lambda: trainer(start, recipes[1], steps[1]),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in arms}
    for _ in range(options.repeats):
        for name, arm in arms.items():
            costs[name].append(arm())
    base = costs["bare loop"]
    for name, found in costs.items():
        wall = median(b.wall / c.wall for b, c in zip(base, found, strict=True))
        cpu = median(b.cpu / c.cpu for b, c in zip(base, found, strict=True))
        waited = median(c.waited / c.wall for c in found)
        print(
            f"{name:27s}{median(c.wall for c in found):8.3f} s a step, throughput / bare loop "
            f"{wall:.3f} (CPU {cpu:.3f}), waiting for data {waited:.1%}"
        )


if __name__ == "__main__":
    main()
