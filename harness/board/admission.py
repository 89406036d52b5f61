"""Which run stands beside published figures, and what keeps another from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..registry import BUILT_IN
from .columns import Column
from .entry import Entry
from .known import Known, fingerprint_of

_BOUNDS = ("rsbench.harness.adapters.trivial:", "rsbench.harness.adapters.floors:")
UNKNOWN = "fingerprint not known yet"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a run does not compare with published figures, and what would change that."""

    said: str
    mend: str


def objections(entry: Entry, column: Column, known: Known | None) -> tuple[Objection, ...]:
    """All that keeps a run from a column; nothing where it compares.

    Without `known`, it is not asked whether the fingerprint of the data is known.
    """
    found = {one.said: one for one in (*_of_the_run(entry), *_of_the_data(entry, column, known))}
    return tuple(found.values())


def _of_the_run(entry: Entry) -> Iterator[Objection]:
    report, spec = entry.report, entry.spec
    if BUILT_IN["adapters"].get(spec["adapter"], "").startswith(_BOUNDS):
        yield Objection("no model", "It bounds what models reach; it is shown, not ranked.")
    for label in report.labels:  # those of the data and of the run are in the same list
        yield Objection(label, _MEND.get(label.partition(" ")[0].rstrip(":"), _MEND[""]))
    if spec["limit"] is not None and not any(label.startswith("limited") for label in report.labels):
        yield Objection("limited", _MEND["limited"])
    if report.failed and not any(label.startswith("incomplete") for label in report.labels):
        yield Objection("incomplete", _MEND["incomplete"])
    if spec.get("prompting") and not any(label.startswith("prompting") for label in report.labels):
        yield Objection("prompting", _MEND["prompting"])
    if report.headline.value is None:
        missing = "; ".join(f"{name} {why}" for name, why in report.details.get("absent", {}).items())
        yield Objection(
            f"{report.headline.name} is not computed",
            f"Score it where it can be: rsbench score RUN{f' ({missing})' if missing else ''}.",
        )


def _of_the_data(entry: Entry, column: Column, known: Known | None) -> Iterator[Objection]:
    report, spec, card = entry.report, entry.spec, column.card
    source = spec["source"]
    if spec["task_version"] != card.version:
        yield Objection(
            f"{card.name} version {spec['task_version']}",
            f"The task has version {card.version} now: run it again.",
        )
    if source["split"] != column.split:
        yield Objection(
            f"own split {source['split'] or 'all'}",
            f"Figures are published of {column.split}: leave out --split.",
        )
    elif source["kind"] != "official":
        if source["kind"] not in report.labels and "own data" not in report.labels:
            yield Objection(f"data: {source['kind']}", _MEND["own"])
    else:
        yield from _of_the_copy(entry, column, known)


def _of_the_copy(entry: Entry, column: Column, known: Known | None) -> Iterator[Objection]:
    source, card = entry.spec["source"], column.card
    published = card.counts.get(column.split)
    if not source["items"] == entry.report.samples == published:
        counted = f"{published:,} are" if published else "no count is"
        yield Objection(
            f"{card.items(entry.report.samples)} of {source['items']:,} where {counted} published",
            _MEND["own"],
        )
    fingerprint = fingerprint_of(entry.report)
    if fingerprint is None:
        yield Objection(
            "pictures not at hand", "Run where the pictures are, so that their fingerprint is known."
        )
    elif known is not None and known.why(fingerprint) is None:
        yield Objection(
            UNKNOWN,
            "It becomes known when a second submitter's run has the same, or a maintainer verifies a copy: "
            f"rsbench leaderboard vouch {card.name} --data DIR --by NAME",
        )


_OFFICIAL = "Run on the whole official data: rsbench run ... --data DIR"
_MEND = {  # by the first word of a label
    "mini": _OFFICIAL,
    "own": _OFFICIAL,
    "limited": "Run again without --limit: answers that are there are kept.",
    "incomplete": "The same rsbench run again asks for what has no answer.",
    "rule": "Submit the report of the task's own rule: leave out --rule.",
    "prompting": "Run again without --prompting.",
    "": _OFFICIAL,
}
