"""Leaderboards as markdown: one README a table, and the page over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..blocks import Foreign, Literal, grid, items, joined, markdown
from ..cells import table
from ..paper_layout import BEST, SECOND, Layout
from .entry import FOLDER, Entry
from .overview import ENTRIES, TABLES, entry_rows, table_rows
from .table import Board

_MADE = "Made from the files beside it by `rsbench leaderboard build`; a change by hand is lost."
RANKED = (  # the end of a sentence that begins with marks of its own
    "over published rows and runs that compare; equal figures share a place. Ours have their 95 % bootstrap "
    "interval, over images."
)
OVERVIEW = (
    "What papers print, and runs of rsbench beside it. A run is compared with published figures where it is "
    "of the whole official data, told by a fingerprint; any other stands apart and is not ranked."
)
APART = (
    "Runs on the miniature that rsbench draws (mini), on other data or a part of it, under another rule, or "
    "not complete. They say nothing against or for the rows above, and nothing here is ranked."
)


def page(board: Board) -> str:
    """The README of one table."""
    return "\n\n".join(part for part in _parts(board) if part) + "\n"


def _parts(board: Board) -> Iterator[str]:
    yield f"# {board.compared.title}"
    yield f"{_MADE} [All leaderboards](../README.md)."
    if board.ranked:
        yield f"In every column the best figure is **bold** and the second <u>underlined</u>, {RANKED}"
    yield _table(board.compared)
    yield _notes(board.compared)
    if board.apart.rows:
        yield "## Not compared"
        yield APART
        yield _table(board.apart)
        yield _notes(board.apart)
    if board.entries:
        yield "## Entries"
        yield _entries(board.entries)


def _table(layout: Layout) -> str:
    width, rows, group = len(layout.head + layout.columns + layout.counts), [], ""
    for row, placed in zip(layout.rows, layout.places(), strict=True):
        if row.group != group:  # the paper heads its groups with a line of their own
            group = row.group
            rows.append([f"*{group}*", *[""] * (width - 1)])
        values = map(_marked, row.values, placed)
        rows.append([*map(joined, row.lead), *values, *(row.counts or [""] * len(layout.counts))])
    return table([*layout.head, *layout.columns, *layout.counts], rows, len(layout.head))


def _marked(text: str, place: int | None) -> str:
    """A figure as its place has it; an interval stays plain."""
    figure, space, interval = text.partition(" ")
    marks = {BEST: f"**{figure}**", SECOND: f"<u>{figure}</u>"}
    return f"{marks[place]}{space}{interval}" if place in marks else text


def _notes(layout: Layout) -> str:
    return markdown([items(*layout.notes)]) if layout.notes else ""


def _entries(entries: Sequence[tuple[Entry, str]]) -> str:
    rows = [
        [
            f"[{joined([Literal(entry.file)])}]({FOLDER}/{entry.file})",
            entry.report.task,
            Literal(entry.spec["checkpoint"][:12]) if entry.spec["checkpoint"] else "none",
            Foreign(", ".join(entry.entered.by) or "not said"),
        ]
        for entry, _ in entries
    ]
    return markdown([grid(["File", "Task", "Checkpoint (sha256)", "Sent in by"], rows, 4)])


def overview(boards: Sequence[Board]) -> str:
    """The page over all tables: what each compares, its best rows, and every entry."""
    rows = [[f"[{cells[0]}]({name}/README.md)", *cells[1:]] for name, cells in table_rows(boards)]
    parts = [
        "# Leaderboards",
        f"{_MADE} How to read and enter them: [docs/leaderboards.md](../docs/leaderboards.md).",
        OVERVIEW,
        markdown([grid(TABLES, rows, 5)]),
        "## Entries",
    ]
    entered = [list(cells) for cells in entry_rows(boards)]
    parts.append(markdown([grid(ENTRIES, entered, 3)]) if entered else "None yet.")
    return "\n\n".join(parts) + "\n"
