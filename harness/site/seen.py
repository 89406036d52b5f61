"""A run as its pages show it: the report, and the ledger understood once for charts and samples alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..ledger import Ledger
from ..outcomes import Outcome, outcomes
from ..plan import build_dialect, stored_task
from ..result import Result, open_result
from ..roles import Dialect, Task
from ..score import Survey, survey


@dataclass(frozen=True, slots=True)
class Seen:
    """A run: what it proves, what it was asked and answered, and what became of every sample, in order."""

    result: Result
    ledger: Ledger
    task: Task
    dialect: Dialect | None
    survey: Survey
    outcomes: tuple[Outcome, ...]


def see(folder: Path) -> Seen:
    """A run's folder, read and understood.

    Raises:
        DataError: no run there, a report without its ledger, or a report that is not of these answers.
    """
    result = open_result(folder)
    if result.ledger is None:
        raise DataError(
            f"{folder} is a report alone: pages show every sample, which it does not hold.",
            "Give the folder of the run that it lies in.",
        )
    ledger = result.ledger
    task, dialect = stored_task(ledger), build_dialect(ledger.spec["dialect"])
    surveyed = survey(ledger, task, dialect)
    _check(result, surveyed, folder)
    return Seen(result, ledger, task, dialect, surveyed, tuple(outcomes(surveyed)))


def _check(result: Result, surveyed: Survey, folder: Path) -> None:
    """The answers of the ledger give the figure that the report shows: nothing came, or changed, since."""
    run = surveyed.run
    if run is None:
        return
    name = run.own(surveyed.shown)
    found = run.tally.figures(only=name).get(name)
    said = next((f.value for f in result.report.figures if f.name == surveyed.shown), None)
    if found != said and (found is None or said is None or not math.isclose(found, said, abs_tol=1e-9)):
        raise DataError(
            f"The report in {folder} is not of the answers that lie beside it: {surveyed.shown} is "
            f"{said} there and {found} by the answers.",
            f"Make it again with: rsbench score {folder}",
        )
