"""`rsbench score`: the answers of a run, or of a file, scored; no model, no images needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ..contamination import contamination
from ..contract import Report, Runtime
from ..datasets.shared_pictures import read as read_shared
from ..errors import DataError, UsageError
from ..ledger import Ledger
from ..plan import build_adapter, build_dialect, plan, stored_task
from ..report import file_name, read, show, write
from ..score import RESAMPLES
from ..score import score as score_ledger
from ..sweep import swept
from .run import run_task

_ADDED = ("cut", "contamination")  # details that need more than the ledger


@click.command()
@click.argument("answers", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--task", metavar="NAME", help="What a file of answers was asked (rsbench list tasks).")
@click.option("--data", metavar="DIR", help="Where the truths lie, if not in the file itself.")
@click.option("--dialect", metavar="NAME", default="plain", show_default=True, help="How a file is read.")
@click.option(
    "--validation",
    type=click.Path(path_type=Path),
    metavar="RUN",
    help="A detector's run on validation data: choose there above which score its boxes count.",
)
@click.option(
    "--rule", metavar="NAME", help="Headline under another rule (cls/geochat, rsvqa/lhrs, legacy, ...)."
)
@click.option(
    "--overlap",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Figures with and without pictures that a training set has: a file of rsbench data overlap.",
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
@click.option("--resamples", type=click.IntRange(min=1), default=RESAMPLES, show_default=True)
def score(
    answers: tuple[Path, ...],
    task: str | None,
    data: str | None,
    dialect: str,
    validation: Path | None,
    rule: str | None,
    overlap: Path | None,
    output: Path,
    resamples: int,
) -> None:
    """Score ANSWERS: folders of runs again, or files in which a model's answers stand, one record a line.

    A file is kept as a run of its own. Its records hold an id for the data named, or the truth itself, under
    the names that published kits use: annotation, ground_truth, caption0 ..., answer. Under another --rule
    the report of a run is written beside its own, which stays. What --validation and --overlap found stays in
    a report that is made again of the same answers.
    """
    reports = []
    if (rule or validation or overlap) and any(path.is_file() for path in answers):
        raise UsageError(
            "--rule, --validation and --overlap are for folders of runs.",
            "Score the file first; its folder can then be scored again.",
        )
    for path in answers:
        if path.is_file():
            reports.append(_file(path, task, data, dialect, output, resamples))
        else:
            reports.append(_run(Ledger(path), resamples, rule, validation, overlap))
    click.echo(show(reports))


def _run(
    ledger: Ledger, resamples: int, rule: str | None, validation: Path | None, overlap: Path | None
) -> Report:
    shared = read_shared(overlap) if overlap else None
    dialect, task = build_dialect(ledger.spec["dialect"]), stored_task(ledger, rule)
    report, name = score_ledger(ledger, task, dialect, resamples, rule), file_name(rule)
    more = _kept(ledger.folder / f"{name}.json", report)
    if validation:
        more["cut"] = swept(report, ledger, Ledger(validation), task, dialect)
    if shared:
        more["contamination"] = contamination(report, ledger, task, dialect, shared, resamples)
    report = replace(report, details={**report.details, **more})
    write(ledger, report, name)
    return report


def _kept(path: Path, report: Report) -> dict[str, Any]:
    """What earlier scorings added to the details of a report; nothing where its figures are not these."""
    try:
        earlier = read(path)
    except DataError:  # there is none, or one to be replaced
        return {}
    values, before = ([(f.name, f.value) for f in r.figures] for r in (report, earlier))
    return {name: earlier.details[name] for name in _ADDED if name in earlier.details and values == before}


def _file(
    path: Path, task: str | None, data: str | None, dialect: str, output: Path, resamples: int
) -> Report:
    if task is None:
        raise UsageError(
            f"{path.name} is a file of answers: name what was asked.",
            f"rsbench score {path.name} --task vqa (rsbench list tasks shows all).",
        )
    runtime = Runtime()
    planned = plan(task, data or str(path), None, None, runtime.seed, output / "mini")
    adapter, options = build_adapter(f"replay,answers={path}", runtime)
    return run_task(planned, adapter, options, dialect, runtime, output, resamples)
