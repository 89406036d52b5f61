"""What a run will do before any model is loaded: data opened, task built, samples chosen, Spec written."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from inspect import signature
from pathlib import Path
from typing import Any

from .arguments import named, portable
from .contract import Decoding, Runtime, Sample, Source, Spec
from .datasets.card import Card, Dataset, parse_card, read_card
from .datasets.open import MINI, open_dataset
from .datasets.raster import declared
from .datasets.verify import fingerprint, image_digests
from .errors import UsageError, check_keys, unknown
from .guess import guess, is_place
from .ledger import Ledger
from .registry import load, names
from .roles import Adapter, Dialect, Task
from .rules.table import CLASSIFICATION, MULTIPLE_CHOICE, RULES
from .variants import variants

PROMPTINGS = ("count", "hbb")


@dataclass(frozen=True, slots=True)
class Plan:
    """One task of a run, ready to be asked."""

    card: Card
    dataset: Dataset
    task: Task
    samples: tuple[Sample, ...]
    images: Mapping[str, str]  # image name -> digest of its bytes, where the picture is at hand
    source: Source
    limit: int | None
    prompting: str | None = None
    views: str | None = None
    corrupt: tuple[str, ...] = ()
    variants: tuple[Sample, ...] = ()  # the samples again, with their pictures turned and disturbed


def plan(
    name: str,
    data: str | None,
    split: str | None,
    limit: int | None,
    seed: int,
    cache: Path,
    prompting: str | None = None,
    errata: bool = True,
) -> Plan:
    """Open the data of a task and choose its samples.

    With `limit`, the samples with the smallest hash of (seed, id) are taken, so that no class is favoured by
    its place in the list; a limit that leaves no sample out is none. Known errors of the data are corrected
    unless `errata` is false.

    Raises:
        UsageError: no such task, or one that `prompting` is not for.
        DataError: data missing, in another layout, or without one usable sample.
    """
    card = prompted(read_card(name), prompting)
    dataset, kind = open_dataset(card, data, split=split, cache=cache, errata=errata)
    task = build_task(card, dataset)
    every = tuple(task.samples())
    if limit is not None and limit >= len(every):
        limit = None  # all are asked: the same run as without it, which compares
    samples = every if limit is None else _drawn(every, limit, seed)
    images = image_digests(samples)
    annotations, pictures = fingerprint(dataset.samples, samples, images)
    source = Source(
        _kind(kind, card, split, dataset),
        split or card.split,
        len(dataset.samples),
        annotations,
        pictures,
        dataset.errata,
    )
    return Plan(card, dataset, task, samples, images, source, limit, prompting)


def varied(planned: Plan, views: str | None, corrupt: tuple[str, ...], seed: int) -> Plan:
    """The plan with its samples asked again about changed pictures (variants.py).

    Raises:
        DataError: an id of the data is that of a variant.
    """
    again = variants(planned.samples, views, corrupt, seed)
    return replace(planned, views=views, corrupt=corrupt, variants=again)


def build_task(card: Card, dataset: Dataset) -> Task:
    """The task of a card over a data set, through its family."""
    task: Task = load("tasks", card.family)(card, dataset)
    return task


def stored_task(ledger: Ledger, rule: str | None = None) -> Task:
    """The task of an earlier run, from its ledger and its card alone; under another rule if one is named.

    Raises:
        UsageError: the card is gone, or its family has no such rule.
    """
    own = ledger.folder / "card.json"  # JSON is YAML too
    card = parse_card(own) if own.is_file() else read_card(ledger.spec["task"])
    card = prompted(card, ledger.spec.get("prompting"))
    if rule is not None:
        card = under_rule(card, rule)
    aliases = tuple((str(spelling), str(name)) for spelling, name in ledger.head.get("aliases", ()))
    samples = ledger.samples(changed=False)
    dataset = Dataset(samples, ledger.problems(), tuple(ledger.head["classes"]), aliases)
    return build_task(card, dataset)


def under_rule(card: Card, rule: str) -> Card:
    """The card with its headline under another rule: cls/geochat, rsvqa/lhrs, legacy ...

    Raises:
        UsageError: no such rule, or none for this family.
    """
    changed: dict[str, Any]
    if card.family == "classification":
        changed = {"headline": f"{_among(rule, CLASSIFICATION)}/top-1"}
    elif card.family == "vqa":
        picked = str(card.protocol["rule"]).startswith("choice/")
        free = [name for name in RULES if name not in (*CLASSIFICATION, *MULTIPLE_CHOICE)]
        others = (*card.protocol.get("others", ()), _among(rule, MULTIPLE_CHOICE if picked else free))
        changed = {"others": others, "headline": f"{rule}/{'micro' if picked else 'OA'}"}
    elif card.family == "detection" and card.protocol.get("rule") != "coco":
        changed = {"matching": rule}
    else:
        raise UsageError(f"{card.name} has one rule, whose figures are all in its report.")
    return replace(card, protocol={**card.protocol, **changed})


def prompted(card: Card, prompting: str | None) -> Card:
    """The card with another question before its own (tasks/detection.py); the card itself for None.

    Raises:
        UsageError: no such question, or none for this family.
    """
    if prompting is None:
        return card
    if prompting not in PROMPTINGS:
        raise unknown("prompting", prompting, PROMPTINGS)
    if card.family != "detection":
        raise UsageError(
            f"{card.name} has no question that could come first: --prompting is for detection.",
            "Leave it out, or name detection tasks alone.",
        )
    return replace(card, protocol={**card.protocol, "prompting": prompting})


def _among(rule: str, rules: Sequence[str]) -> str:
    if rule not in rules:
        raise unknown("rule of this task", rule, rules)
    return rule


def build_adapter(text: str, runtime: Runtime) -> tuple[Adapter, dict[str, str]]:
    """The adapter that `--model` names, with the options as given.

    What is no name but a place is looked at, and on standard error is said what it was taken for.

    Raises:
        UsageError: no such adapter or option.
        ModelError: its weights cannot be loaded, or the place cannot be told.
    """
    name, options = named(text)
    if name not in names("adapters") and is_place(name):
        found = guess(name, options)
        print(found, file=sys.stderr)
        name, options = found.adapter, dict(found.options)
    adapter: Adapter = load("adapters", name)(options, runtime)
    return adapter, options


def build_dialect(text: str | None) -> Dialect | None:
    """The dialect that `--dialect` or an adapter names; None stays None.

    Raises:
        UsageError: no such dialect, or it does not take an option.
    """
    if text is None:
        return None
    name, options = named(text)
    make = load("dialects", name)
    check_keys(f"the dialect {name}", options, signature(make).parameters)
    dialect: Dialect = make(**options)
    return dialect


def confidence_options(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """What every `--confidence` sets up: the options of a source, by its name.

    Raises:
        UsageError: no such source, one named twice, or it does not take an option.
    """
    found: dict[str, dict[str, str]] = {}
    for name, options in map(named, texts):
        known = signature(load("confidences", name)).parameters.keys() - {"runtime"}
        check_keys(f"the confidence {name}", options, known)
        if name in found:
            raise UsageError(f"--confidence names {name} twice.")
        found[name] = options
    return found


def build_spec(
    planned: Plan,
    adapter: Adapter,
    options: Mapping[str, str],
    dialect_text: str | None,
    dialect: Dialect | None,
    runtime: Runtime,
) -> Spec:
    """The Spec of a plan: what names the ledger and enters every resume key."""
    confidences: tuple[str, ...] = getattr(planned.task, "confidences", ())
    return Spec(
        task=planned.task.name,
        task_version=planned.task.version,
        source=planned.source,
        adapter=adapter.name,
        arguments=getattr(adapter, "arguments", portable(dict(options))),  # what its answers depend on
        checkpoint=adapter.checkpoint,
        dialect=dialect_text,
        dialect_version=dialect.version if dialect else None,
        decoding=Decoding(),
        limit=planned.limit,
        seed=runtime.seed,
        confidences=confidences,
        runtime={"device": runtime.device.partition(":")[0], "dtype": runtime.dtype},
        prompting=planned.prompting,
        raster=declared(planned.card),
        views=planned.views,
        corrupt=planned.corrupt,
    )


def versions() -> dict[str, str]:
    """The versions that a number can depend on; a package that is not installed is left out."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in (
        "rsbench",
        "numpy",
        "numba",
        "nltk",
        "pycocoevalcap",
        "pillow",
        "scipy",
        "torch",
        "transformers",
        "open_clip_torch",
        "timm",
    ):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _kind(kind: str, card: Card, split: str | None, dataset: Dataset) -> str:
    """The kind as a report shows it: data with fewer items than are published, or more, says so."""
    expected, found = card.counts.get(split or card.split), len(dataset.samples)
    if kind in ("official", MINI) or expected in (None, found):
        return kind
    counted = f"{card.items(found)} where {expected:,} are published"
    return counted if kind == "folder" else f"{kind}: {counted}"


def _drawn(samples: tuple[Sample, ...], limit: int, seed: int) -> tuple[Sample, ...]:
    order = sorted(samples, key=lambda s: sha256(f"{seed}:{s.id}".encode()).digest())
    chosen = {sample.id for sample in order[:limit]}
    return tuple(sample for sample in samples if sample.id in chosen)
