"""`rsbench score`: the answers of a run, scored again; no model, no images, no annotations needed."""

from __future__ import annotations

from pathlib import Path

import click

from ..ledger import Ledger
from ..plan import build_dialect, stored_task
from ..report import show, write
from ..score import RESAMPLES
from ..score import score as score_ledger


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--resamples", type=click.IntRange(min=1), default=RESAMPLES, show_default=True)
def score(runs: tuple[Path, ...], resamples: int) -> None:
    """Score the answers in RUNS (folders with a spec.json) again and rewrite their reports."""
    reports = []
    for folder in runs:
        ledger = Ledger(folder)
        report = score_ledger(ledger, stored_task(ledger), build_dialect(ledger.spec["dialect"]), resamples)
        write(ledger, report)
        reports.append(report)
    click.echo(show(reports))
