"""All leaderboards of a folder, and every file in it that could not be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..published import PublishedTable, read_table, table_names
from .admission import Objection, objections
from .columns import Columns
from .entry import FOLDER, Entry, read_entry
from .folder import in_order
from .known import Fingerprint, Known, read_vouched, vouched_files
from .table import Board, board


@dataclass(frozen=True, slots=True)
class Boards:
    """Every leaderboard in order; `broken` says of each file that could not be used where and why."""

    boards: tuple[Board, ...]
    columns: Columns
    broken: tuple[str, ...]

    def of(self, entry: Entry) -> str:
        """What keeps an entry from being compared where it stands; nothing where it compares."""
        stands = {one.file: why for board in self.boards for one, why in board.entries}
        return stands[entry.file]


def read_boards(folder: Path) -> Boards:
    """The leaderboards of a folder; a file that is broken is told of and left out.

    Raises:
        DataError: tables and cards do not fit together.
    """
    broken: list[str] = []
    tables = dict(_tables(folder, broken))
    columns = Columns(tables)
    entries = list(_entries(folder, columns, broken))
    known = _known(folder, columns, entries, broken)
    boards = tuple(board(name, table, columns, entries, known) for name, table in tables.items())
    return Boards(boards, columns, tuple(broken))


def _tables(folder: Path, broken: list[str]) -> Iterator[tuple[str, PublishedTable]]:
    for name in in_order(table_names(folder)):
        try:
            yield name, read_table(name, folder)
        except DataError as error:
            broken.append(error.message)


def _entries(folder: Path, columns: Columns, broken: list[str]) -> Iterator[Entry]:
    for path in sorted(folder.glob(f"*/{FOLDER}/*.json")):
        place = path.relative_to(folder).as_posix()
        try:
            entry = read_entry(path)
        except DataError as error:
            broken.append(f"{place}: {error}")
            continue
        home = columns.home(entry.report.task)
        if home is None:
            broken.append(f"{place}: the task {entry.report.task} fills no table.")
        elif home != path.parents[1].name:
            broken.append(f"{place}: a run of {entry.report.task} belongs to {home}/{FOLDER}: move it there.")
        else:
            yield entry


def _known(folder: Path, columns: Columns, entries: list[Entry], broken: list[str]) -> Known:
    """What was vouched for, and what the runs in which nothing else is amiss have in common."""
    vouched: dict[Fingerprint, str] = {}
    for path in vouched_files(folder):
        try:
            vouched |= read_vouched(path)
        except DataError as error:
            broken.append(error.message)
    return Known(vouched, [entry for entry in entries if not amiss(entry, columns)])


def amiss(entry: Entry, columns: Columns) -> tuple[Objection, ...]:
    """What keeps a run from the table of its task, whether or not its fingerprint is known."""
    home = columns.home(entry.report.task)
    filled = columns.filled(home, entry) if home else {}
    return next((objections(entry, column, None) for column in filled.values()), ())
