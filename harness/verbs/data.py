"""`rsbench data`: describe a benchmark's data, verify a copy of it, or draw its miniature."""

from __future__ import annotations

from pathlib import Path

import click

from ..datasets.card import read_card
from .mmrs import mmrs
from .overlap import overlap
from .spice import spice


@click.group()
def data() -> None:
    """Describe, verify or draw the data of a benchmark."""


@data.command(short_help="Where it is published, its licence and layout.")
@click.argument("task")
def info(task: str) -> None:
    """Where the data of TASK is published, under which licence, and how it must lie."""
    from ..datasets.open import describe

    click.echo(describe(read_card(task)))


@data.command(short_help="Check counts, classes and every file.")
@click.argument("task")
@click.option("--data", "folder", required=True, metavar="DIR|mini", help="The folder to check.")
@click.option("--split", metavar="NAME", help="Another split than the one the paper reports.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("runs"), show_default=True)
def verify(task: str, folder: str, split: str | None, output: Path) -> None:
    """Check counts, class list and every file of TASK in a folder, and print its fingerprint."""
    from ..datasets.verify import verify as check

    found = check(read_card(task), folder, split, output / "mini")
    click.echo(found.text)
    if not found.complete:
        raise SystemExit(3)


@data.command(short_help="Draw a miniature in the official layout.")
@click.argument("task")
@click.option("--output", type=click.Path(path_type=Path), required=True, help="Where to write it.")
@click.option("--split", metavar="NAME", help="Another split than the one the paper reports.")
@click.option("--count", type=click.IntRange(min=1), help="Images (detection) or images a class.")
@click.option("--seed", type=int, help="Another draw; training seeds start at 1,000,000.")
def mini(task: str, output: Path, split: str | None, count: int | None, seed: int | None) -> None:
    """Draw a miniature of TASK in the layout its authors published it in."""
    from ..datasets.mini.write import write_mini

    click.echo(write_mini(read_card(task), output, split=split, count=count, seed=seed))


data.add_command(mmrs)
data.add_command(overlap)
data.add_command(spice)
