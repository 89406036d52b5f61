"""Reports on disk and on screen: report.json for programs, report.md for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .contract import Figure, Problem, Report, Slice
from .errors import DataError
from .ledger import Ledger
from .page import page
from .paper_tables import paper_tables


def write(ledger: Ledger, report: Report, name: str = "report") -> None:
    """Put report.json and report.md, or files of another name, into the run's folder."""
    ledger.write(f"{name}.json", json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n")
    ledger.write(f"{name}.md", page(report))


def show(reports: Sequence[Report]) -> str:
    """What a terminal prints at the end of a run: the paper's tables, one row of ours in each."""
    return paper_tables(reports)


def read(folder: Path) -> Report:
    """The report of a run.

    Raises:
        DataError: no report there, or not one of this version.
    """
    path = folder / "report.json"
    try:
        return _report(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"There is no report in {folder}.", f"If it is a run's folder: rsbench score {folder}"
        ) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{path} cannot be read as a report: {error}.", f"Make it again with: rsbench score {folder}"
        ) from error


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        **{
            **row,
            "headline": Figure(**row["headline"]),
            "figures": tuple(Figure(**f) for f in row["figures"]),
            "slices": tuple(Slice(**{**s, "figure": Figure(**s["figure"])}) for s in row["slices"]),
            "problems": tuple(Problem(**p) for p in row["problems"]),
            "labels": tuple(row["labels"]),
        }
    )
