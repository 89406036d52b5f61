"""Leaderboards as HTML: a folder that opens from disk, in the look of the pages of runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from ..errors import UsageError, disk_errors
from ..site.templates import SITE, template
from .markdown import APART, OVERVIEW, RANKED
from .overview import ENTRIES, TABLES, entry_rows, table_rows
from .table import Board

_MARK = '<meta name="generator" content="rsbench leaderboard">'
_BOARD = __package__ or ""
_BESIDE = {SITE: ("style.css", "theme.js"), _BOARD: ("board.css", "sort.js")}


def write_html(folder: Path, boards: Sequence[Board]) -> Path:
    """Write the page over all tables, and one a table, into a folder; the first of them.

    Raises:
        UsageError: the folder holds other files.
        DataError: it is not writable.
    """
    index = folder / "index.html"
    if folder.exists() and any(folder.iterdir()) and not _is_ours(index):
        raise UsageError(
            f"{folder} holds something other than leaderboards.",
            "Give --html a new folder, or an earlier one.",
        )
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages(boards):
            (folder / name).write_text(text, encoding="utf-8")
        for package, names in _BESIDE.items():
            for name in names:
                (folder / name).write_bytes((files(package) / name).read_bytes())
    return index


def pages(boards: Sequence[Board]) -> Iterator[tuple[str, str]]:
    """Every page with its name."""
    page = template("board.html", _BOARD)
    tables = [(f"{name}.html", cells) for name, cells in table_rows(boards)]
    entries = [("", cells) for cells in entry_rows(boards)]
    lists = {"heads": TABLES, "tables": tables, "entry_heads": ENTRIES, "entries": entries}
    yield "index.html", page.render(title="Leaderboards", about=OVERVIEW, board=None, **lists)
    for board in boards:
        yield (
            f"{board.name}.html",
            page.render(title=board.compared.title, board=board, ranked=RANKED, apart=APART),
        )


def _is_ours(index: Path) -> bool:
    return index.is_file() and _MARK in index.read_text(encoding="utf-8", errors="replace")[:2000]
