"""`rsbench compare`: how other runs of a task differ from a first one, and whether by more than chance."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("baseline", type=click.Path(path_type=Path))
@click.argument("others", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--figures",
    multiple=True,
    metavar="PATTERN",
    help="Figures to compare (*, ?), again for more; else the headline and those of the published table.",
)
@click.option("--all", "every", is_flag=True, help="Every figure that both have.")
@click.option(
    "--flips",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Samples to list of every kind of change.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True
)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there, not here.")
@click.option("--resamples", type=click.IntRange(min=100), default=1000, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
def compare(
    baseline: Path,
    others: tuple[Path, ...],
    figures: tuple[str, ...],
    every: bool,
    flips: int,
    form: str,
    output: Path | None,
    resamples: int,
    seed: int,
) -> None:
    """Compare OTHERS, each on its own, with BASELINE: folders of runs of one task, or their reports.

    Folders are scored again from their answers: paired differences with 95 % bootstrap intervals over
    pictures and p-values after Holm, where the difference lies, and the samples that flipped. Exit status 3:
    they cannot be compared, with every reason and what would help.
    """
    import json

    from ..compared_content import content
    from ..compared_page import page
    from ..comparison import compare as compared
    from ..errors import UsageError, disk_errors
    from ..result import open_result

    if figures and every:
        raise UsageError("--figures and --all exclude each other.", "Leave one of them out.")
    if len(others) > _MOST:
        raise UsageError(f"{len(others)} runs beside the baseline are too many to read: {_MOST} at most.")
    first, *rest = [open_result(place) for place in (baseline, *others)]
    names = ("*",) if every else figures or None
    found = [compared(first, other, names, resamples, seed) for other in rest]
    if form == "json":
        text = json.dumps(content(found, flips), indent=1) + "\n"
    else:
        text = page(found, flips, markdown=form == "markdown")
    if output is None:
        click.echo(text, nl=False)
    else:
        with disk_errors(output):
            output.write_text(text, encoding="utf-8")


_MOST = 25
