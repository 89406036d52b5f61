"""Fingerprints of official copies: which are known, by whose word, and how one becomes known.

`leaderboards/fingerprints/<task>.yaml` lists copies that were read whole and found complete by somebody who
puts a name to it (`rsbench leaderboard vouch`). Two submitters whose runs have the same make one known, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..contract import Report
from ..errors import DataError, disk_errors
from .entry import Entry
from .typed import conforms

FOLDER = "fingerprints"
_ENOUGH = 2  # submitters


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A copy of a split, as a version of its task reads it: SHA-256 of the annotations and of the pictures.

    `errata` is the version of the overlay of known errors it was read under, 0 where that was switched off,
    None where there is none.
    """

    task: str
    task_version: int
    split: str
    errata: int | None
    annotations: str
    images: str


def fingerprint_of(report: Report) -> Fingerprint | None:
    """What a report says of its data; None where the pictures were not at hand."""
    source = report.spec["source"]
    if not source["images"]:
        return None
    where = (report.task, report.spec["task_version"], source["split"], source.get("errata"))
    return Fingerprint(*where, source["annotations"], source["images"])


class Known:
    """The fingerprints that are known, and who vouched for each."""

    def __init__(self, vouched: Mapping[Fingerprint, str], entries: Iterable[Entry] = ()) -> None:
        """`entries` are those in which nothing is amiss but that their fingerprint may not be known."""
        self._vouched = dict(vouched)
        self._named: dict[Fingerprint, set[str]] = {}
        for entry in entries:
            if found := fingerprint_of(entry.report):
                self._named.setdefault(found, set()).update(entry.entered.by)

    def why(self, fingerprint: Fingerprint) -> str | None:
        """By whose word a fingerprint is known; None if it is not."""
        if name := self._vouched.get(fingerprint):
            return f"verified by {name}"
        names = sorted(self._named.get(fingerprint, ()))
        return f"named by {', '.join(names)}" if len(names) >= _ENOUGH else None

    def of(self, task: str) -> dict[Fingerprint, str]:
        """All that are known of a task, and by whose word."""
        found = {one: self.why(one) for one in (*self._vouched, *self._named) if one.task == task}
        return {one: why for one, why in found.items() if why}


def vouched_files(folder: Path) -> list[Path]:
    """The files of what was vouched for, one a task, below a folder of leaderboards."""
    return sorted((folder / FOLDER).glob("*.yaml"))


def vouch(folder: Path, fingerprint: Fingerprint, name: str) -> Path:
    """Write down that somebody verified an official copy; the file of the task.

    Raises:
        DataError: the file that is there is damaged, or cannot be written.
    """
    import yaml

    path = folder / FOLDER / f"{fingerprint.task}.yaml"
    found = read_vouched(path) if path.is_file() else {}
    found.setdefault(fingerprint, name)
    rows = [
        {**asdict(one), "verified": by} for one, by in sorted(found.items(), key=lambda item: str(item[0]))
    ]
    with disk_errors(path):
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(rows, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def read_vouched(path: Path) -> dict[Fingerprint, str]:
    """What was vouched for of a task, and by whom.

    Raises:
        DataError: the file is damaged; the message names it.
    """
    import yaml

    try:
        rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [
            (Fingerprint(**{k: v for k, v in row.items() if k != "verified"}), row["verified"])
            for row in rows
        ]
        if not all(conforms(one, Fingerprint) and conforms(name, str) and name for one, name in found):
            raise ValueError("a value is of the wrong kind")
        if any(one.task != path.stem for one, _ in found):
            raise ValueError("it names another task")
    except (OSError, ValueError, yaml.YAMLError, TypeError, KeyError, AttributeError) as error:
        raise DataError(f"{FOLDER}/{path.name} cannot be read as fingerprints: {error}.") from error
    return dict(found)
