"""Reports on disk and on screen: report.json for programs, report.md for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from .contract import Figure, Problem, Report, Slice, digest
from .errors import DataError
from .ledger import Ledger
from .metrics.better import less_is_better
from .page import page
from .paper_tables import paper_tables


def write(ledger: Ledger, report: Report, name: str = "report") -> None:
    """Put report.json and report.md, or files of another name, into the run's folder."""
    ledger.write(f"{name}.json", text(report))
    ledger.write(f"{name}.md", page(report))


def file_name(rule: str | None) -> str:
    """The name of a run's report, without its ending; under another rule it lies beside the run's own.

    >>> file_name("cls/geochat")
    'report-cls-geochat'
    """
    return f"report-{rule.replace('/', '-')}" if rule else "report"


def text(report: Report) -> str:
    """A report as JSON; its last key is the digest of all the others, by which a changed one is told."""
    row = json.loads(json.dumps(asdict(report)))
    return json.dumps({**row, "digest": digest(row)}, indent=1, ensure_ascii=False) + "\n"


def show(reports: Sequence[Report]) -> str:
    """What a terminal prints at the end of a run: the paper's tables, one row of ours in each."""
    return paper_tables(reports)


def read(place: Path) -> Report:
    """The report of a run: of its folder, or a report's own file.

    Raises:
        DataError: no report there, not one of this version, or one that was changed after it was written.
    """
    path = place / "report.json" if place.is_dir() else place
    again = _again(path)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        said = row.pop("digest")
        report = _report(row)
    except (FileNotFoundError, NotADirectoryError) as error:
        folder = place.parent if place.name == "report.json" else place
        raise DataError(
            f"There is no report in {folder}.", f"If it is a run's folder: rsbench score {folder}"
        ) from error
    except KeyError as error:
        raise DataError(
            f"{path} cannot be read as a report of this version: it has no {error}.", again
        ) from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as a report: {error}.", again) from error
    if digest(row) != said:
        raise DataError(f"{path} was changed after it was written: its digest differs.", again)
    return report


def _again(path: Path) -> str:
    """How a report is made again: where its run lies beside it, or elsewhere."""
    if (path.parent / "spec.json").is_file():
        return f"Make it again with: rsbench score {path.parent}"
    return (
        "Its run does not lie beside it: score that again (rsbench score RUN) and copy its new report here."
    )


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        **{
            **row,
            "headline": _figure(row["headline"]),
            "figures": tuple(_figure(f) for f in row["figures"]),
            "slices": tuple(Slice(**{**s, "figure": _figure(s["figure"])}) for s in row["slices"]),
            "problems": tuple(Problem(**p) for p in row["problems"]),
            "labels": tuple(row["labels"]),
        }
    )


def _figure(row: Mapping[str, Any]) -> Figure:
    """A figure; of reports from before any said that less is better, those say it too."""
    found = Figure(**row)
    return replace(found, higher_is_better=False) if less_is_better(found.name) else found
