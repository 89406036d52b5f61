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
    return Result(place.resolve().name, report, Ledger(place) if place.is_dir() else None)
