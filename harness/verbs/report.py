"""`rsbench report`: the reports of runs that were made before, as tables."""

from __future__ import annotations

from pathlib import Path

import click

from ..page import page
from ..report import read, show


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="The whole page of each run, not the tables alone.")
def report(runs: tuple[Path, ...], full: bool) -> None:
    """Show the reports of RUNS, side by side where they fill the same table."""
    reports = [read(folder) for folder in runs]
    click.echo("\n".join(page(one) for one in reports) if full else show(reports))
