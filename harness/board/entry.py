"""Entries of leaderboards: reports of runs, cut to what a page shows, each a file that can be checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..blocks import Foreign
from ..cells import model
from ..contract import Decoding, Report, Source, Spec, Stretch
from ..errors import DataError
from ..paper_tables import RULED
from ..report import read, text
from .typed import conforms

FOLDER = "entries"
_KEPT = ("shown", "not computed", "absent", "raters", "note")  # of a report's details
_LARGEST = 2**20  # bytes of a file
LONGEST = 120  # characters of a title
_AGAIN = "Take it away, and enter the run again with: rsbench leaderboard submit RUN"


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entry says beside the report: `details["entry"]` of it.

    `report` is the digest of the whole report, which `rsbench score` makes again from the run. `name` is how
    the model wants to be called, "" for what `--model` was given; `by` who sent the run in, each once.
    """

    report: str
    name: str = ""
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A run on a leaderboard: its report without slices, problems, and most details."""

    report: Report
    entered: Entered

    @property
    def spec(self) -> Mapping[str, Any]:
        """What was asked for."""
        return self.report.spec

    @property
    def title(self) -> Foreign:
        """How the row is headed: nothing in it but what can be seen."""
        words = self.entered.name or model(self.spec)
        seen = "".join(c if c.isprintable() else " " for c in words[:LONGEST])
        return Foreign(" ".join(seen.split()) or "(no name)")

    @property
    def file(self) -> str:
        """The name of its file: the run's own, and the rule it was scored by where that is another."""
        spec = self.spec
        rules = [label.removeprefix(RULED) for label in self.report.labels if label.startswith(RULED)]
        parts = (str(spec["task"]), str(spec["adapter"]), _spec(spec).digest()[:12], *rules)
        return "-".join(re.sub(r"[^\w.]+", "-", part) for part in parts) + ".json"


def reduced(report: Report, name: str = "", by: Iterable[str] = ()) -> Entry:
    """The entry of a whole report."""
    entered = Entered(json.loads(text(report))["digest"], name, tuple(dict.fromkeys(by)))
    details = {key: report.details[key] for key in _KEPT if report.details.get(key)}
    return Entry(replace(report, slices=(), problems=(), details=details), entered)


def entry_text(entry: Entry) -> str:
    """An entry as the file it is: a report like any other, its own digest as the last key."""
    said = {"report": entry.entered.report, "name": entry.entered.name, "by": list(entry.entered.by)}
    details = {**entry.report.details, "entry": said}
    return text(replace(entry.report, details=details))


def read_entry(path: Path) -> Entry:
    """An entry from its file.

    Raises:
        DataError: the file is no report, was changed, holds what no run writes, or has another run's name.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is larger than an entry can be")
        entry = _entry(read(path))
        if entry.file != path.name:
            raise ValueError(f"it is of the run whose entry is called {entry.file}")
    except DataError as error:
        raise DataError(error.message, _AGAIN) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        why = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise DataError(f"{path.name} cannot be read as an entry: {why}.", _AGAIN) from error
    return entry


def _entry(report: Report) -> Entry:
    details = dict(report.details)
    entered = Entered(**details.pop("entry"))
    spec = _spec(report.spec)
    known: dict[str, Any] = {"absent": Mapping[str, str], "raters": Mapping[str, str], "note": str}
    sound = (
        conforms(report, Report)
        and conforms(spec, Spec)
        and conforms(entered, Entered)
        and all(conforms(details[key], hint) for key, hint in known.items() if key in details)
    )
    if not sound or report.task != spec.task:
        raise ValueError("it holds a value of a kind that no run writes")
    if report.slices or report.problems or min(report.samples, report.failed, report.unparsable) < 0:
        raise ValueError("it is no entry as `rsbench leaderboard submit` writes it")
    return Entry(replace(report, details=details), replace(entered, by=tuple(entered.by)))


def _spec(row: Mapping[str, Any]) -> Spec:
    raster = row.get("raster")
    parts = {
        "source": Source(**row["source"]),
        "decoding": Decoding(**row["decoding"]),
        "raster": Stretch(**raster) if raster else None,
    }
    return Spec(**{**row, **parts})
