"""The stages `align` and `tune`, from a recipe to a checkpoint that `rsbench run` takes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...harness.errors import ModelError, UsageError
from .. import checkpoint
from ..data.guard import guard
from ..model import checkpointed_activations
from ..trainable import group_of
from . import checkpoints, sources
from .dataset import Steps
from .example import Context, Source
from .exported import trained_model
from .pack import padding
from .recipe import Recipe, parse
from .stages import Say
from .start import Start, begin, fingerprints

EXPORT, SUMMARY = "checkpoint", "training.json"
_VERSIONS = ("rsbench", "torch", "transformers", "accelerate", "tokenizers", "safetensors", "numpy")


def train(raw: Mapping[str, Any], file: str, folder: Path, dry: bool, say: Say) -> None:
    """Train a recipe in a folder, continuing where it stopped; `dry` says what would be trained.

    Raises:
        UsageError, ModelError, DataError: the recipe, the weights it starts from, its data; a loss that is
            not finite; a disk that is full. The message says what to do.
    """
    recipe = parse(raw, file)
    if dry:
        start = begin(recipe)
        say("\n".join(outline(recipe, start, _sources(recipe, start, folder))))
        return
    from .loop import arguments

    told = arguments(recipe, folder)
    folder.mkdir(parents=True, exist_ok=True)
    main = told.process_index == 0
    if main:
        state = {"recipe": recipe.to_dict(), "digest": recipe.digest(), "start": fingerprints(recipe)}
        checkpoints.remember(folder, state)
    found = _fitted(recipe, folder, told, say)  # and the model that was trained is out of memory again
    if main:
        with checkpoints.told(folder):
            exported = export(recipe, folder, found["steps"])
            _summarise(recipe, folder, found)
        say(f"{folder}: trained; rsbench run --model earthgpt,checkpoint={exported}")


def _sources(recipe: Recipe, start: Start, folder: Path) -> dict[str, Source]:
    context = Context(start.model, start.tokenizer, start.model.config, folder, recipe.seed)
    watch = guard(against=[Path(unseen) for unseen in recipe.unseen])
    return {data.called: sources.build(data, context, watch) for data in recipe.data}


def outline(recipe: Recipe, start: Start, made: Mapping[str, Source]) -> list[str]:
    """What a recipe would train, in lines."""
    steps = Steps(recipe, start.model.config, start.tokenizer, made, 1)
    every = dict(start.model.named_parameters())
    sizes: Counter[str] = Counter()
    for name in start.trained:
        sizes[group_of(name)] += every[name].numel()
    total = sum(p.numel() for p in every.values())
    lines = [f"{start.model.config.name}: {sum(sizes.values()):,} of {total:,} parameters are trained"]
    lines += [f"  {group}: {count:,}" for group, count in sizes.items()]
    if start.fresh:
        lines.append(
            f"begins at random: {', '.join(start.fresh[:4])}{' ...' if len(start.fresh) > 4 else ''}"
        )
    passes = steps.steps * recipe.batch / steps.samples
    lines.append(
        f"{steps.steps:,} steps of {recipe.batch} conversations, {passes:.2f} passes over the mixture"
    )
    drawn = steps.counts(steps.steps)
    for name, source in made.items():
        lines.append(f"  {name}: {len(source):,} examples, {drawn[name]:,} samples")
        lines += [f"    {problem}" for problem in getattr(source, "problems", ())]
    lines += [f"  {problem}" for problem in steps.problems.lines()]
    step = steps.step(0)
    lengths = [block.length for block in step.blocks]
    waste = padding(lengths, step.dealt)
    lines.append(f"the first step: {sum(lengths):,} tokens, {waste:.0%} more places are padding")
    return lines


def _fitted(recipe: Recipe, folder: Path, told: Any, say: Say) -> dict[str, Any]:
    """Train to the end; what there is to tell of it."""
    from .forward import Learner
    from .loop import Training
    from .progress import board

    start = begin(recipe)
    with told.main_process_first(local=False):  # which fills the caches of sources
        made = _sources(recipe, start, folder)
    steps = Steps(recipe, start.model.config, start.tokenizer, made, told.world_size)
    _check(recipe, start, told.world_size)
    main = told.process_index == 0
    done = (checkpoints.steps_of(folder) or [0])[-1]
    if main and done:
        say(f"{folder}: continues at step {done} of {steps.steps}")
    began, waited = time.monotonic(), 0.0
    if done < steps.steps:
        start.model.language.set_attn_implementation(recipe.attention)
        if recipe.gradient_checkpointing:
            checkpointed_activations(start.model.language)
        log = board(folder, recipe.tensorboard, done, say) if main else None
        training = Training(Learner(start.model, recipe.attention), recipe, told, steps, folder, log)
        try:
            training.run(done)
        except KeyboardInterrupt:
            if main:
                say(f"\n{checkpoints.goes_on(folder, mend=False)}")
            raise
        waited = training.waited
    lines = {name: list(getattr(source, "problems", ())) for name, source in made.items()}
    return {
        "steps": steps.steps,
        "last_session": {
            "steps": steps.steps - done,
            "seconds": round(time.monotonic() - began, 1),
            "waiting_for_data": round(waited, 1),
            "processes": told.world_size,
        },
        "samples": steps.counts(steps.steps) if main else {},
        "problems": {"mixture": steps.problems.lines(), "sources": lines},
    }


def export(recipe: Recipe, folder: Path, step: int) -> Path:
    """The whole model after a step, as `rsbench run` takes it."""
    model, tokenizer = trained_model(recipe, checkpoints.at(folder, step))
    checkpoint.save(folder / EXPORT, model, tokenizer)
    return folder / EXPORT


def _check(recipe: Recipe, start: Start, processes: int) -> None:
    config = start.model.config
    if recipe.batch < processes * recipe.accumulate:
        raise UsageError(
            f"A batch of {recipe.batch} cannot be cut into {recipe.accumulate} parts "
            f"for {processes} processes.",
            "Raise batch, or lower accumulate.",
        )
    places = 1 + config.visual_tokens + recipe.max_tokens
    if places > config.language.positions:
        raise ModelError(
            f"A picture and {recipe.max_tokens} tokens take {places} places; the language model has "
            f"{config.language.positions}.",
            f"Set max_tokens to at most {config.language.positions - 1 - config.visual_tokens}.",
        )


def _summarise(recipe: Recipe, folder: Path, found: Mapping[str, Any]) -> None:
    from .loop import PROBLEMS

    path = folder / PROBLEMS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    met = {line: json.loads(line) for line in lines}.values()  # a continued training meets some again
    summary = {
        "recipe": recipe.to_dict(),
        "digest": recipe.digest(),
        "start": fingerprints(recipe),
        "versions": {name: version(name) for name in _VERSIONS if _installed(name)},
        **found,
    }
    summary["problems"] = found["problems"] | {"met": dict(Counter(one["problem"] for one in met))}
    (folder / SUMMARY).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")


def _installed(name: str) -> bool:
    from importlib.metadata import PackageNotFoundError

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
