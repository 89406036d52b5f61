"""From a run to an entry: is the report that of the answers, are the truths the data's, what may leave."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..contract import Report, digest
from ..datasets.verify import fingerprint
from ..errors import DataError, UsageError, disk_errors
from ..ledger import Ledger
from ..variants import unchanged
from .admission import Objection
from .columns import Columns
from .entry import FOLDER, LONGEST, Entered, Entry, entry_text, read_entry

_CLOSE = 1e-9
_PATH = re.compile(r"""(?:^|[\s=:,;'"(\[])(?:/[^\s/]+/|~/|[A-Za-z]:\\)""")
_CREDENTIAL = re.compile(r"://[^/\s]*@|\b(?:sk-|hf_|ghp_|glpat-)\w{12,}")
_SECRET = re.compile(r"(?:api[_-]?)?key|token|secret|password|authorization", re.I)


def check_report(report: Report, again: Report, ledger: Ledger) -> None:
    """Refuse a report that the answers of its ledger do not make again.

    Raises:
        DataError: what was asked, a count, a label or a figure differs; the message names it.
    """
    differences = list(_differences(report, again))
    if differences:
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise DataError(
            f"The report in {ledger.folder} is not that of its answers: {'; '.join(differences[:3])}{more}.",
            f"Make it again with: rsbench score {ledger.folder}",
        )


def check_truths(ledger: Ledger, tiled: bool) -> None:
    """Refuse a ledger whose samples are not those that its Spec names.

    A part of the data, and pictures in tiles, cannot be told from their fingerprint: that is of the whole.

    Raises:
        DataError: samples were taken away, or a truth was changed.
    """
    spec = ledger.spec
    if tiled or spec["limit"] is not None or spec.get("prompting"):
        return
    samples = unchanged(ledger.samples())
    found, _ = fingerprint(samples, (), {})
    if found != spec["source"]["annotations"] or len(samples) != spec["source"]["items"]:
        raise DataError(
            f"The samples in {ledger.folder} are not those that its spec.json names: they were changed.",
            "Run again with another --output.",
        )


def check_portable(entry: Entry) -> None:
    """Refuse an entry with a path of this machine or a credential in it, or a name that cannot be read.

    Raises:
        UsageError: a name holds what is not seen, or is too long.
        DataError: the message names the place, and does not repeat a credential.
    """
    names = {"name": entry.entered.name, "by": entry.entered.by}
    for place, words in _texts("", names):
        if not words.isprintable() or len(words) > LONGEST:
            raise UsageError(f"--{place} is not one line of at most {LONGEST} characters that can be seen.")
    for place, words in _texts("", {**names, "spec": entry.spec, "details": entry.report.details}):
        if _CREDENTIAL.search(words) or (_SECRET.fullmatch(place.rpartition("/")[2]) and words):
            raise DataError(
                f"{place} of this run looks like a credential.", "Run again without it in --model."
            )
        if _PATH.search(words):
            raise DataError(f"{place} of this run holds a path of this machine: {words[:80]!r}.", _NO_PATH)


def check_compares(found: Sequence[Objection], labelled: bool) -> None:
    """Refuse a run that does not compare, unless it is to stand apart, labelled.

    Raises:
        DataError: with all that is in the way, and what would change it.
    """
    if found and not labelled:
        said = "; ".join(one.said for one in found)
        mend = "\n".join(dict.fromkeys(f"- {one.mend}" for one in found))
        raise DataError(
            f"This run does not compare with published figures: {said}.",
            f"{mend}\nOr show it below the table, labelled, never ranked: --labelled",
        )


def enter(path: Path, entry: Entry) -> tuple[Entry, bool]:
    """Write the entry of a run into its file; the entry as it stands there now, and whether it changed.

    A run is one entry. Sent in again, its figures stay, and a new submitter stands beside the earlier ones;
    unless its figures are others now: then the entry is of them, and of this submitter alone.

    Raises:
        DataError: it cannot be written.
    """
    there = _there(path)
    if there is not None and not list(_differences(there.report, entry.report)):
        said, new = there.entered, entry.entered
        both = Entered(said.report, new.name or said.name, tuple(dict.fromkeys((*said.by, *new.by))))
        if both == said:
            return there, False
        entry = Entry(there.report, both)
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        path.write_text(entry_text(entry), encoding="utf-8")
    return entry, True


def place(folder: Path, columns: Columns, entry: Entry) -> Path:
    """The file of an entry below a folder of leaderboards.

    Raises:
        UsageError: its task fills no table.
    """
    home = columns.home(entry.report.task)
    if home is None:
        raise UsageError(
            f"{entry.report.task} fills no table of {folder}.",
            "A table names the tasks of its columns under `figures` in its published.yaml.",
        )
    return folder / home / FOLDER / entry.file


def _there(path: Path) -> Entry | None:
    """The entry that lies there; None for none, or one that is broken."""
    try:
        return read_entry(path) if path.is_file() else None
    except DataError:
        return None


def _differences(report: Report, again: Report) -> Iterator[str]:
    if digest(dict(report.spec)) != digest(dict(again.spec)) or report.task != again.task:
        yield "it is of another run"
    for name in ("samples", "failed", "unparsable", "labels"):
        said, found = getattr(report, name), getattr(again, name)
        if said != found:
            yield f"{name} {_listed(said)} in the report and {_listed(found)} by the answers"
    figures = {figure.name: figure.value for figure in report.figures}
    others = {figure.name: figure.value for figure in again.figures}
    for name in dict.fromkeys((*figures, *others)):
        if not _equal(figures.get(name), others.get(name)):
            missing = again.details.get("absent", {}).get(name)
            by = f"not computed here ({missing})" if missing else f"{others.get(name)} by the answers"
            yield f"{name} is {figures.get(name)} in the report and {by}"
    one, other = report.headline, again.headline
    if one.name != other.name or not _equal(one.value, other.value):
        said, found = (f"{figure.name} of {figure.value}" for figure in (one, other))
        yield f"the headline is {said} in the report and {found} by the answers"


def _equal(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=0, abs_tol=_CLOSE)


def _listed(value: object) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, (tuple, list)) else str(value)


def _texts(place: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text in a value, with the keys that lead to it."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from _texts(f"{place}/{key}".lstrip("/"), held)
    elif isinstance(value, (list, tuple)):
        for held in value:
            yield from _texts(place, held)


_NO_PATH = "Run again from the folder it lies in, so that a name alone is kept."
