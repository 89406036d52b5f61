"""`rsbench leaderboard`: make the pages again, see whether they are fresh, enter a run, vouch for data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import DataError, UsageError

if TYPE_CHECKING:
    from ..board.boards import Boards
    from ..contract import Report

_TO = click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder leaderboards/ that is meant; by default that of the checkout one stands in, "
    "never that of the installed package.",
)


@click.group(invoke_without_command=True)
@click.pass_context
def leaderboard(context: click.Context) -> None:
    """Published tables with runs beside them. Without a command: build."""
    if context.invoked_subcommand is None:
        context.invoke(build)


@leaderboard.command(short_help="Make every page again from published.yaml and entries/.")
@_TO
@click.option(
    "--html",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the same pages as HTML into DIR, to be opened from disk.",
)
def build(to: Path | None = None, html: Path | None = None) -> None:
    """Make the README.md of every table, and the page over all, again from the files.

    A file that cannot be used is left out and named; the exit code is then 3.
    """
    from ..board.boards import read_boards
    from ..board.folder import boards_folder

    folder = boards_folder(to)
    boards = read_boards(folder)
    if html is not None:
        from ..board.html import write_html

        click.echo(f"Open {write_html(html, boards.boards)}")
    _make_again(folder, boards)


@leaderboard.command(short_help="Are the pages what the files make them?")
@_TO
def check(to: Path | None) -> None:
    """Exit 1 where a page is missing or stale, 3 where a file cannot be used; for continuous integration."""
    from ..board.boards import read_boards
    from ..board.folder import boards_folder
    from ..board.pages import check as check_pages
    from ..board.pages import refuse_broken

    folder = boards_folder(to)
    boards = read_boards(folder)
    for why in boards.broken:
        click.echo(f"rsbench: {why}", err=True)
    check_pages(folder, boards)
    refuse_broken(boards)
    click.echo("Every page is fresh.")


@leaderboard.command(short_help="Enter a run, scored again before it is believed.")
@click.argument("run", type=click.Path(path_type=Path))
@_TO
@click.option(
    "--labelled", is_flag=True, help="Enter a run that does not compare, below the table, labelled."
)
@click.option("--name", default="", metavar="TEXT", help="How the model is called; else as --model had it.")
@click.option("--by", default="", metavar="NAME", help="Who sends the run in.")
@click.option(
    "--rule", metavar="NAME", help="The report that rsbench score --rule NAME wrote; always labelled."
)
def submit(run: Path, to: Path | None, labelled: bool, name: str, by: str, rule: str | None) -> None:
    """Enter RUN, the folder of a run, into the leaderboards of the checkout one stands in.

    Its answers are scored again and must give the figures of its report; its data must be whole and official.
    What is written is a small report, without samples, answers or paths; sent in twice it is one entry.
    """
    from ..board.boards import amiss, read_boards
    from ..board.entry import reduced
    from ..board.folder import boards_folder
    from ..board.submission import check_compares, check_portable, enter, place

    folder = boards_folder(to)
    columns = read_boards(folder).columns
    entry = reduced(_believed(run, rule), name, (by,) if by else ())
    path = place(folder, columns, entry)
    check_portable(entry)
    check_compares(amiss(entry, columns), labelled)
    entry, changed = enter(path, entry)
    boards = read_boards(folder)
    why = boards.of(entry)
    stands = f"not compared: {why}" if why else "compared with published figures"
    click.echo(f"{path}: {'entered' if changed else 'there already'}, {stands}")
    _make_again(folder, boards)


@leaderboard.command(short_help="Verify an official copy and write down its fingerprint.")
@click.argument("task")
@click.option("--data", required=True, metavar="DIR", help="The official copy; every file of it is read.")
@click.option("--by", required=True, metavar="NAME", help="Who says that this is what the authors publish.")
@click.option("--split", metavar="NAME", help="Another split than the one the paper reports.")
@_TO
def vouch(task: str, data: str, by: str, split: str | None, to: Path | None) -> None:
    """Verify an official copy of TASK, and write its fingerprint down, so that runs on it compare.

    It is what rsbench data verify does, and the name of who did it, in leaderboards/fingerprints/TASK.yaml.
    """
    from ..board.boards import read_boards
    from ..board.folder import boards_folder
    from ..board.known import Fingerprint
    from ..board.known import vouch as write_down
    from ..datasets.card import read_card
    from ..datasets.open import HUGGING_FACE, MINI
    from ..datasets.verify import verify
    from ..plan import plan

    folder = boards_folder(to)
    card = read_card(task)
    if data == MINI or data.startswith(HUGGING_FACE):
        raise UsageError(
            f"{data} is no official copy.", "Give the folder of the data as its authors publish it."
        )
    found = verify(card, data, split, Path())
    click.echo(found.text)
    if not found.complete or found.kind != "official":
        raise DataError(f"This is no complete official copy of {card.title}: nothing was written down.")
    for errata in (True, False) if found.dataset.errata is not None else (True,):
        source = plan(task, data, split, None, 0, Path(), errata=errata).source
        assert source.images, "every picture was read"
        where = (card.name, card.version, source.split, source.errata)
        path = write_down(folder, Fingerprint(*where, source.annotations, source.images), by)
        click.echo(f"{path}: annotations {source.annotations[:12]}, pictures {source.images[:12]}")
    _make_again(folder, read_boards(folder))


def _make_again(folder: Path, boards: Boards) -> None:
    """Write the pages that are not as the files make them now, and name what could not be used."""
    from ..board.pages import refuse_broken, write_pages

    changed = write_pages(folder, boards)
    click.echo("\n".join(f"{folder / name}: made again" for name in changed) or "Every page is fresh.")
    refuse_broken(boards)


def _believed(run: Path, rule: str | None) -> Report:
    """The report of a run as its answers make it, where it is the one that lies beside them."""
    from ..board.submission import check_report, check_truths
    from ..ledger import Ledger
    from ..plan import build_dialect, stored_task
    from ..report import file_name, read
    from ..score import score

    if run.is_file():
        raise UsageError(
            f"{run} is a file: a report is believed when its answers make it again.",
            "Give the folder of the run that it lies in.",
        )
    ledger, path = Ledger(run), run / f"{file_name(rule)}.json"
    if rule and not path.is_file():
        raise DataError(f"{run} has no report under the rule {rule}.", f"rsbench score {run} --rule {rule}")
    report = read(path)
    task, dialect = stored_task(ledger, rule), build_dialect(ledger.spec["dialect"])
    again = score(ledger, task, dialect, rule=rule)
    check_report(report, again, ledger)
    check_truths(ledger, getattr(task, "tiles", None) is not None)
    return again
