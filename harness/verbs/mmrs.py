"""`rsbench data mmrs`: published data sets as MMRS-1M conversations, Table I, and checks of such files."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

_COMMANDS = "rsbench.reference_model.data.commands"  # the harness reaches the model's data by name alone


@click.command(short_help="Convert a published data set into MMRS-1M's form.")
@click.option(
    "--from",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The data set, or a folder with several.",
)
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="A data set of Table I; may be repeated."
)
@click.option(
    "--split", "splits", multiple=True, metavar="NAME", help="Other splits than those of the paper."
)
@click.option("--wording", type=click.Choice(["released", "paper"]), default="released", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE.json", help="The file to write.")
@click.option("--table1", is_flag=True, help="Print Table I, the counts found in --from beside the paper's.")
@click.option("--check", type=click.Path(path_type=Path), metavar="FILE.json", help="Read a file and report.")
@click.option(
    "--images",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="What data/... stands for in --check; every picture is decoded.",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Pictures for evaluation: what looks like one of them is left out.",
)
def mmrs(
    folder: Path | None,
    sources: tuple[str, ...],
    splits: tuple[str, ...],
    wording: str,
    output: Path | None,
    table1: bool,
    check: Path | None,
    images: Path | None,
    against: tuple[Path, ...],
) -> None:
    """Convert published data sets into one MMRS-1M file, print Table I, or check such a file.

    \b
    rsbench data mmrs --from DIR --source NAME --output FILE.json
    rsbench data mmrs --table1 [--from DIR]
    rsbench data mmrs --check FILE.json --images DIR

    Splits that a task reports on are refused, and so are pictures like those of --against.
    """
    from ..errors import UsageError

    asked = {"--table1": table1, "--check": check is not None, "--source": bool(sources)}
    if sum(asked.values()) != 1:
        raise UsageError("One thing is done at a time.", f"Give one of {', '.join(asked)}.")
    commands = import_module(_COMMANDS)
    if table1:
        lines = commands.table_lines(folder)
    elif check is not None:
        lines = commands.check_lines(check, images, against)
    elif folder is None or output is None:
        raise UsageError("A conversion needs --from and --output.", "Give the folder and the file to write.")
    else:
        lines = commands.convert_lines(folder, sources, splits, wording, output, against)
    for line in lines:
        click.echo(line)
