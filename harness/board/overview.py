"""What the page over all leaderboards holds, before it is markdown or HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..blocks import Foreign
from ..cells import DASH, with_interval
from ..paper_layout import BEST, SECOND
from .table import Board

TABLES = ("Table", "Compares", "Figure", "Best", "Second", "Runs compared", "Runs apart")
ENTRIES = ("Method", "Task", "Figure", "%", "Samples", "Compared")


def table_rows(boards: Sequence[Board]) -> Iterator[tuple[str, list[str]]]:
    """The name of a table and its cells under TABLES; a line for every figure that tasks of ours headline."""
    for board in boards:
        counted = [
            str(sum(not why for _, why in board.entries)),
            str(sum(bool(why) for _, why in board.entries)),
        ]
        for column in _headlines(board) or (None,):
            best = [_at(board, column, place) for place in (BEST, SECOND)]
            title, _, said = board.compared.title.partition(": ")
            yield board.name, [title, said, column or DASH, *best, *counted]


def entry_rows(boards: Sequence[Board]) -> Iterator[list[str]]:
    """The cells of every entry under ENTRIES, each once, in the order of the tables."""
    found = {entry.file: (entry, why) for board in boards for entry, why in board.entries}
    for entry, why in found.values():
        report = entry.report
        head = [
            entry.title,
            f"{report.task} version {entry.spec['task_version']}",
            Foreign(report.headline.name),
        ]
        yield [
            *head,
            with_interval(report.headline),
            str(report.samples),
            Foreign(f"no: {why}" if why else "yes"),
        ]


def _headlines(board: Board) -> list[str]:
    """The columns that stand for a task of ours."""
    return [n for n, column in board.columns.items() if column.figure == column.card.protocol.get("headline")]


def _at(board: Board, column: str | None, place: int) -> str:
    """Who has a place in a column, with the figure."""
    if column is None:
        return DASH
    layout = board.compared
    c = layout.columns.index(column)
    held = [
        f"{row.values[c].partition(' ')[0]} {row.lead[0][0]}"
        for row, placed in zip(layout.rows, layout.places(), strict=True)
        if placed[c] == place
    ]
    return Foreign(", ".join(held) or DASH)
