"""`rsbench report`: the reports of runs that were made before, as tables, pages and plots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from ..site.thumbnails import SIDE

if TYPE_CHECKING:
    from ..site.build import Built

BESIDE = "html"  # where the pages of one run lie unless another folder is named


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--full", is_flag=True, help="The whole page of each run, not the tables alone.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "latex", "json", "png", "svg", "pdf"]),
    help="Of what is printed: markdown (default), latex or json. Of --plots: png (default), svg or pdf.",
)
@click.option(
    "--html",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Pages that open from disk, with every sample; RUN/html if no DIR is given.",
)
@click.option("--against", type=click.Path(path_type=Path), metavar="RUN2", help="A run to set beside RUN.")
@click.option("--data", metavar="DIR|mini|hf:ID", help="Where the pictures of the samples lie.")
@click.option(
    "--thumbnails",
    type=click.IntRange(32, 2048),
    default=SIDE,
    show_default=True,
    metavar="PIXELS",
    help="The long side of the pictures on the pages.",
)
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Every chart as a file.")
def report(
    runs: tuple[Path, ...],
    full: bool,
    form: str | None,
    html: str | None,
    against: Path | None,
    data: str | None,
    thumbnails: int,
    plots: Path | None,
) -> None:
    """Show the reports of RUNS, side by side where they fill the same table.

    With --html or --plots, the answers of each run are understood again; that needs no model. Runs on drawn
    data (mini) find their pictures themselves.
    """
    _check(runs, full, form, html, against, data, plots)
    if html is not None:
        from ..site.build import build

        folder = Path(html) if html else runs[0] / BESIDE
        for built in build(runs, folder, data, against, thumbnails):
            click.echo(_said(built))
    if plots is not None:
        from ..plots import draw

        for path in draw(runs, plots, form or "png"):
            click.echo(path)
    if html is None and plots is None:
        click.echo(_text(runs, full, form or "markdown"), nl=False)


def _text(runs: Sequence[Path], full: bool, form: str) -> str:
    from ..latex import latex
    from ..page import page
    from ..report import read, show, text

    reports = [read(place) for place in runs]
    if form == "latex":
        return latex(reports)
    if form == "json":
        return "[" + ",\n".join(text(one).rstrip() for one in reports) + "]\n"
    return ("\n".join(page(one) for one in reports) if full else show(reports)) + "\n"


def _check(
    runs: Sequence[Path],
    full: bool,
    form: str | None,
    html: str | None,
    against: Path | None,
    data: str | None,
    plots: Path | None,
) -> None:
    """What was said together makes sense."""
    if (against or data) and html is None:
        raise UsageError("--against and --data are for pages.", "Add --html, last or with a folder.")
    if html == "" and len(runs) > 1:
        raise UsageError("Pages of several runs need a folder.", "Name it: --html DIR.")
    if full and (html is not None or plots or form not in (None, "markdown")):
        raise UsageError("--full is for markdown, which is printed.", "Leave it out.")
    drawn, printed = form in ("png", "svg", "pdf"), form in ("markdown", "latex", "json")
    if drawn and plots is None:
        raise UsageError(f"--format {form} is for plots.", "Say where: --plots DIR.")
    if printed and (plots is not None or html is not None):
        raise UsageError(f"--format {form} is printed, not written into a folder.", "Ask for it on its own.")


def _said(built: Built) -> str:
    pictures = f"{built.thumbnails:,} thumbnails" + (f", {built.missing:,} missing" if built.missing else "")
    lines = [f"{built.folder / 'index.html'}: {built.samples:,} samples, {pictures}"]
    return "\n".join([*lines, *([built.note] if built.note else [])])
