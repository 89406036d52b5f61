"""What a training is asked to do: a recipe file as frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from ...harness.errors import ModelError, UsageError, unknown
from .values import build

# May change between a training and its continuation: they leave the curve as it is.
MUTABLE = ("accumulate", "workers", "save_every", "keep", "tensorboard", "trainer", "gradient_checkpointing")
CHOICES = {
    "turns": ("together", "apart"),
    "weigh": ("tokens", "answers"),
    "precision": ("fp32", "bf16"),
    "attention": ("sdpa", "flash_attention_2"),
}


@dataclass(frozen=True, slots=True)
class Optimiser:
    """AdamW and its schedule.

    Betas, the peak and the minimum of 0 are EarthGPT's (V-A); warm-up as a share of the steps, no weight
    decay and the clipped norm are those of LLaMA2-Accessory's SPHINX fine-tuning. The rate rises linearly
    from 0 and falls by half a cosine, per step. Only matrices decay.
    """

    learning_rate: float = 2e-5
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.0
    warm_up: float = 0.03
    clip: float = 8.0


@dataclass(frozen=True, slots=True)
class Data:
    """One source of conversations: an MMRS-1M JSON file, or a function that builds a `Source`.

    `mmrs` with `images` (the folder its paths are below), or `module` ("package.module:function") with
    `arguments`. `weight`: how often one pass over the mixture visits each example; 1 is once.
    """

    mmrs: str | None = None
    images: str | None = None
    module: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    weight: float = 1.0
    name: str | None = None

    @property
    def called(self) -> str:
        """The name given, or the file's, or the function's."""
        return self.name or (Path(self.mmrs).stem if self.mmrs else str(self.module).rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training of the stages `align` (III-C) and `tune` (III-D).

    `preset` or the config.json of `start` describes the model, `model` changes some of it. `start`:
    checkpoint folders; the first is the base, each further one lies over it and may hold a part of the
    tensors. Without one, weights are random. `tokenizer`: a folder; without it the last of `start` that has
    one. `trainable`: groups of parameters (reference_model/trainable.py); without it those of the stage.
    `tuning`: the variant of bias tuning (reference_model/bias_tuning.py). `unseen`: folders of pictures for
    evaluation; records whose picture is one of them, or looks like it, are left out and counted.

    `steps` of the optimiser or `epochs` over the mixture. `batch`: conversations of a step, over all
    processes and parts, so that the curve is the same on one process and on many; 64 are LLaMA2-Accessory's 4
    x 4 on 8 GPUs with 2-way model parallelism. `accumulate`: parts a process cuts its share into;
    conversations of like length go together, which on a CPU saves padding. `pack`: tokens of a row that
    several conversations share, blind to each other; 0 is one conversation a row. `max_tokens`: text tokens
    of a conversation (Accessory's max_words); turns beyond are left out and counted. `turns`: `together` is
    one conversation in which a turn sees the earlier ones; `apart` shows each turn the picture only. `weigh`:
    the loss is a mean over the answers' `tokens` (equation 14), or over `answers`, each the mean of its
    tokens.

    `precision` bf16: frozen weights and arithmetic in bfloat16, trained weights in float32 (Accessory's
    promotion). `attention`: flash_attention_2 joins all rows to one, and transformers reads from its
    positions where a conversation begins. `trainer`: given to transformers.TrainingArguments as it is (fsdp,
    fsdp_config, deepspeed, use_cpu, torch_compile, ...).
    """

    stage: str
    data: tuple[Data, ...]
    batch: int
    preset: str | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    start: str | tuple[str, ...] = ()
    trainable: str | tuple[str, ...] | None = None
    tuning: Mapping[str, Any] = field(default_factory=dict)
    tokenizer: str | None = None
    unseen: tuple[str, ...] = ()
    optimiser: Optimiser = field(default_factory=Optimiser)
    steps: int | None = None
    epochs: float | None = None
    accumulate: int = 1
    pack: int = 0
    max_tokens: int = 512
    turns: str = "together"
    weigh: str = "tokens"
    precision: str = "fp32"
    attention: str = "sdpa"
    gradient_checkpointing: bool = False
    seed: int = 0
    save_every: int = 100
    keep: int = 2
    workers: int = 0
    tensorboard: bool = True
    trainer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folders(self) -> tuple[Path, ...]:
        """`start`, the base first."""
        return tuple(Path(s) for s in ((self.start,) if isinstance(self.start, str) else self.start))

    @property
    def groups(self) -> str | tuple[str, ...]:
        """What trains: `trainable`, or what the stage trains by itself."""
        return self.trainable or self.stage

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return found

    def digest(self) -> str:
        """SHA-256 of what decides the curve."""
        decisive = {k: v for k, v in self.to_dict().items() if k not in MUTABLE}
        return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def read_yaml(path: Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """The mapping of a recipe file, with `key=value` overrides; dots lead into sections and lists.

    Raises:
        ModelError: not readable, or not a mapping.
        UsageError: an override that has no `=` or leads nowhere.
    """
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ModelError(f"The recipe {path} cannot be read: {error}", "Give a YAML file.") from error
    if not isinstance(raw, dict):
        raise ModelError(f"The recipe {path} is not a mapping.", "See reference_model/recipes/7b_align.yaml.")
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set {text!r} is not key=value.", "Write, for instance, --set steps=100.")
        try:
            parsed = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UsageError(f"The value of --set {text!r} is not YAML: {error}") from error
        _put(raw, key.split("."), parsed, text)
    return raw


def parse(raw: Mapping[str, Any], file: str) -> Recipe:
    """The recipe in the mapping of a file.

    Raises:
        UsageError: a key that is unknown, missing, of another type or value; it is named, and so is the file.
    """
    recipe = build(Recipe, raw, "", file)
    for key, choices in CHOICES.items():
        if getattr(recipe, key) not in choices:
            raise unknown(f"{key} in {file}", getattr(recipe, key), choices)
    _check_numbers(recipe, file)
    for place, entry in enumerate(recipe.data):
        if (entry.mmrs is None) == (entry.module is None):
            raise UsageError(f"data.{place} of {file} must have mmrs or module, one of them.")
        if entry.weight <= 0:
            raise UsageError(f"data.{place}.weight of {file} is {entry.weight}; it must be above 0.")
    _check_names(recipe, file)
    if recipe.attention != "sdpa" and recipe.turns == "apart":
        raise UsageError(f"{file}: turns apart need a mask that {recipe.attention} does not take.")
    return recipe


def _check_numbers(recipe: Recipe, file: str) -> None:
    if (recipe.steps is None) == (recipe.epochs is None):
        raise UsageError(f"{file} must say how long to train: steps or epochs, one of them.")
    if not recipe.data:
        raise UsageError(f"{file} has no data.", "List at least one source under data.")
    least = {
        "batch": 1,
        "accumulate": 1,
        "pack": 0,
        "max_tokens": 1,
        "save_every": 1,
        "keep": 1,
        "workers": 0,
    }
    for key, bound in least.items():
        if getattr(recipe, key) < bound:
            raise UsageError(f"{key} of {file} is {getattr(recipe, key)}; it must be at least {bound}.")
    for key in ("steps", "epochs"):
        value = getattr(recipe, key)
        if value is not None and value <= 0:
            raise UsageError(f"{key} of {file} is {value}; it must be above 0.")


def _check_names(recipe: Recipe, file: str) -> None:
    """The same entry twice is a matter of the mixture; two of one name would be taken for that."""
    entries: dict[str, Data] = {}
    for place, entry in enumerate(recipe.data):
        if entries.setdefault(entry.called, entry) != entry:
            raise UsageError(
                f"data.{place} of {file} is called {entry.called!r}, and so is another source.",
                "Give one of them a `name`.",
            )


def _put(raw: Any, keys: list[str], value: Any, text: str) -> None:
    here = raw
    try:
        for key in keys[:-1]:
            here = here[int(key)] if isinstance(here, list) else here.setdefault(key, {})
        here[int(keys[-1]) if isinstance(here, list) else keys[-1]] = value
    except (IndexError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f"--set {text!r} leads nowhere in the recipe.", "Lists are counted from 0."
        ) from error
