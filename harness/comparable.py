"""May two results be compared: every reason why not with what would help, and what else differs."""

from __future__ import annotations

import filecmp
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .contract import Report, Sample
from .datasets.card import Card, known_card, parse_card
from .errors import DataError
from .ledger import Ledger
from .page import command
from .result import Result
from .variants import change_of

# parts of a Spec that may differ: they are what is compared
_COMPARED = (
    "adapter",
    "arguments",
    "checkpoint",
    "dialect",
    "dialect_version",
    "decoding",
    "seed",
    "runtime",
    "confidences",
    "views",
    "corrupt",
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why two results cannot be compared, and what would make them comparable."""

    reason: str
    remedy: str


class NotComparable(DataError):
    """Two results that no difference can be said of; `obstacles` are all the reasons."""

    def __init__(self, first: Result, second: Result, obstacles: list[Obstacle]) -> None:
        lines = [f"  - {found.reason}\n    {found.remedy}" for found in obstacles]
        super().__init__(
            f"{first.name} and {second.name} cannot be compared:\n" + "\n".join(lines),
        )
        self.obstacles = tuple(obstacles)


def obstacles(first: Result, second: Result) -> list[Obstacle]:
    """Every reason why the two cannot be compared; none where they can.

    Another model, checkpoint, dialect, decoding, seed or runtime is no reason: see `what_differs`.

    Raises:
        DataError: a ledger is damaged.
    """
    one, other = spec_of(first), spec_of(second)
    if one["task"] != other["task"]:
        reason = f"They are of different tasks, {one['task']} and {other['task']}."
        return [Obstacle(reason, "Compare runs of one task.")]
    chosen = list(_chosen(one, other))
    found = [*_versions(first, second), *_sources(one["source"], other["source"], bool(chosen))]
    found += [*chosen, *_settings(one, other)]
    found += _labels(first.report, second.report)
    for result in (first, second):
        found += _incomplete(result)
    if not found and first.ledger and second.ledger:
        found += _samples(first.ledger, second.ledger)
    return found


def cautions(first: Result, second: Result) -> list[str]:
    """What could not be checked, though nothing speaks against it."""
    one, other = spec_of(first)["source"], spec_of(second)["source"]
    said = []
    if one["images"] != other["images"]:
        named = second.name if one["images"] else first.name
        said.append(f"The pictures of {named} were not at hand: that both saw the same ones is not checked.")
    alone = [result.name for result in (first, second) if result.ledger is None]
    if alone and known_card(spec_of(first)["task"]) is None:
        said.append(f"{' and '.join(alone)}: a report without its card, which may be another one.")
    return said


def what_differs(first: Result, second: Result) -> list[tuple[str, str, str]]:
    """Name, first and second of every setting that differs and may: it is what is compared."""
    one, other = _settings_of(first), _settings_of(second)
    return [
        (name, one.get(name, "none"), other.get(name, "none"))
        for name in dict.fromkeys((*one, *other))
        if one.get(name) != other.get(name)
    ]


def spec_of(result: Result) -> Mapping[str, Any]:
    """The Spec: of the ledger where there is one, which the report only repeats."""
    return result.ledger.spec if result.ledger else result.report.spec


def card_of(result: Result) -> Card | None:
    """The card of a result: the one kept with its ledger, or that of the catalogue."""
    own = result.ledger.folder / "card.json" if result.ledger else None
    return parse_card(own) if own and own.is_file() else known_card(spec_of(result)["task"])


def _settings_of(result: Result) -> dict[str, str]:
    spec, report = spec_of(result), result.report
    rows = {name: spec.get(name) for name in _COMPARED} | {"raters": report.details.get("raters", {})}
    found: dict[str, str] = {}
    for name, value in (rows | {"versions": report.versions}).items():
        if isinstance(value, Mapping):
            found |= {f"{name}: {key}": str(part) for key, part in sorted(value.items())}
        elif value is not None:
            found[name.replace("_", " ")] = str(value)
    return found


def _versions(first: Result, second: Result) -> Iterator[Obstacle]:
    """Versions of the task, the card that both will be scored under, and a user's own card."""
    name = spec_of(first)["task"]
    versions = spec_of(first)["task_version"], spec_of(second)["task_version"]
    if versions[0] != versions[1]:
        old, new = sorted(versions)
        yield Obstacle(
            f"{name} is version {versions[0]} there and {versions[1]} here: another protocol or other data.",
            f"Run again what is of version {old} with the rsbench that has version {new}.",
        )
    cards = card_of(first), card_of(second)
    ledgers = [result.ledger for result in (first, second) if result.ledger]
    if len(ledgers) == 2 and _own_card(ledgers[0]) != _own_card(ledgers[1]):
        yield Obstacle(
            f"Their cards of {name} differ: {_changed(*cards)}.",
            "Run both under the same card: each run keeps its own in card.json.",
        )
    elif len(ledgers) == 2 and ledgers[0].head["classes"] != ledgers[1].head["classes"]:
        yield Obstacle(
            "Their lists of classes differ.", "Run both on one copy of the data, under the same card."
        )
    elif ledgers and cards[0] and versions[0] == versions[1] != cards[0].version:
        yield Obstacle(
            f"This rsbench has version {cards[0].version} of {name}; both runs are of version {versions[0]}.",
            "Run both again, or compare them with the rsbench that made them.",
        )


def _own_card(ledger: Ledger) -> Any:
    path = ledger.folder / "card.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _changed(first: Card | None, second: Card | None) -> str:
    """The keys of two cards that differ."""
    if first is None or second is None:
        return "one is not known here"
    keys = [key for key in Card.__slots__ if getattr(first, key) != getattr(second, key)]
    return ", ".join(keys) or "only one is the user's own"


def _sources(one: Mapping[str, Any], other: Mapping[str, Any], chosen: bool) -> Iterator[Obstacle]:
    """What the samples were drawn from. Fingerprints say nothing new where it is of another kind anyway.

    `chosen`: other samples were chosen, and the pictures are those of the samples.
    """
    origins = list(_origins(one, other))
    yield from origins
    if origins:
        return
    if one["annotations"] != other["annotations"] or one["items"] != other["items"]:
        yield Obstacle(
            f"The annotations differ: {one['items']} items, sha256 {one['annotations'][:12]}, and "
            f"{other['items']}, {other['annotations'][:12]}.",
            "Run both on one copy of the data; rsbench data verify says which is as published.",
        )
    if one["images"] and other["images"] and one["images"] != other["images"] and not chosen:
        yield Obstacle(
            f"The pictures differ: sha256 {one['images'][:12]} and {other['images'][:12]}.",
            "Run both on one copy of the data; rsbench data verify says which is as published.",
        )


def _origins(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Obstacle]:
    if one["kind"] != other["kind"]:
        yield Obstacle(f"The data are {one['kind']} and {other['kind']}.", "Run both with the same --data.")
    if one["split"] != other["split"]:
        splits = " and ".join(source["split"] or "all" for source in (one, other))
        yield Obstacle(f"The splits are {splits}.", "Run both with the same --split.")
    if one.get("errata") != other.get("errata"):
        said = " and ".join(_ERRATA.get(s.get("errata"), f"version {s.get('errata')}") for s in (one, other))
        yield Obstacle(
            f"Known errors of the data are treated differently: {said}.", "Run both with the same --errata."
        )


_ERRATA = {None: "no corrections", 0: "not corrected"}


def _settings(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Obstacle]:
    """Whatever else belongs to the question asked."""
    asked = one.keys() | other.keys()
    for name in sorted(asked - {*_COMPARED, "task", "task_version", "source", "limit"}):
        if one.get(name) != other.get(name):
            said = " and ".join(
                "none" if spec.get(name) is None else str(spec[name]) for spec in (one, other)
            )
            yield Obstacle(
                f"Their {name} differs: {said}.",
                "Run both with the same --prompting."
                if name == "prompting"
                else "Run both under the same card.",
            )


def _chosen(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Obstacle]:
    """Other samples of the same data."""
    if one["limit"] != other["limit"]:
        said = " and ".join("none" if spec["limit"] is None else str(spec["limit"]) for spec in (one, other))
        yield Obstacle(
            f"Their limit differs: {said}, so they are of other samples.", "Run both with the same --limit."
        )
    if one["limit"] is not None and one["limit"] == other["limit"] and one["seed"] != other["seed"]:
        yield Obstacle(
            f"Seeds {one['seed']} and {other['seed']} chose other samples for --limit {one['limit']}.",
            "Run both with the same --seed, or without --limit.",
        )


def _labels(first: Report, second: Report) -> Iterator[Obstacle]:
    """Labels that no part of the Spec tells, such as another rule."""
    known = ("incomplete", "limited to", "prompting", "own data")
    one, other = (
        {label for label in report.labels if not label.startswith(known)} - {report.spec["source"]["kind"]}
        for report in (first, second)
    )
    if one != other:
        said = " and ".join(", ".join(sorted(labels)) or "none" for labels in (one, other))
        yield Obstacle(f"Their labels differ: {said}.", "Score both in the same way (rsbench score).")


def _incomplete(result: Result) -> Iterator[Obstacle]:
    report = result.report
    if report.failed:
        yield Obstacle(
            f"{result.name} is incomplete: {report.failed} of {report.samples} samples have no answer.",
            f"The same command asks for the rest: {command(spec_of(result))}",
        )


def same_samples(first: Ledger, second: Ledger) -> bool:
    """Whether the samples of both are equal byte by byte."""
    files = first.folder / "samples.jsonl", second.folder / "samples.jsonl"
    return files[0].is_file() and files[1].is_file() and filecmp.cmp(files[0], files[1], shallow=False)


def _samples(first: Ledger, second: Ledger) -> Iterator[Obstacle]:
    """Ids and truths of the samples, where the files differ; variants of a picture are in no figure."""
    if same_samples(first, second):
        return
    one, other = _truths(first), _truths(second)
    if missing := len(one.keys() ^ other.keys()):
        yield Obstacle(
            f"{missing} samples are in one of them only.", "Run both on the same samples of the same data."
        )
    changed = [name for name in one.keys() & other.keys() if one[name] != other[name]]
    if changed:
        yield Obstacle(
            f"{len(changed)} samples have another truth or question, {min(changed)} for one.",
            "Run both on one copy of the data.",
        )


def _truths(ledger: Ledger) -> dict[str, Sample]:
    return {sample.id: sample for sample in ledger.samples() if not change_of(sample)}
