"""What a user names when asking about an earlier run: its folder, or its report alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .contract import Report
from .ledger import Ledger
from .report import read


@dataclass(frozen=True, slots=True)
class Result:
    """A report under the name that tells it from others, and its ledger where it is at hand."""

    name: str
    report: Report
    ledger: Ledger | None


def open_result(place: Path) -> Result:
    """The result of a run's folder, or of a report's own file.

    Raises:
        DataError: neither is there, or it is damaged or was changed.
    """
    report = read(place)
    return Result(_name(place.resolve()), report, Ledger(place) if place.is_dir() else None)


def _name(place: Path) -> str:
    """A run's folder, also of its report; with the file's name where that is another."""
    if place.is_dir():
        return place.name
    return place.parent.name if place.name == "report.json" else f"{place.parent.name}/{place.stem}"
