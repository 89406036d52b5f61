"""Pages as files: made again, found stale, and ours are fresh."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.board.boards import read_boards
from rsbench.harness.board.pages import check, pages, refuse_broken, write_pages
from rsbench.harness.errors import DataError, GateFailed
from rsbench.harness.published import TABLES

from .board_runs import entry, leaderboards, place


def test_ours_are_fresh() -> None:
    """Where this fails: rsbench leaderboard build."""
    check(TABLES, read_boards(TABLES))


def test_a_page_is_stale_until_it_is_made_again(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    boards = read_boards(folder)
    with pytest.raises(GateFailed, match="README.md, tiny/README.md.\n.*rsbench leaderboard build"):
        check(folder, boards)
    assert write_pages(folder, boards) == ["README.md", "tiny/README.md"]
    check(folder, boards)
    assert write_pages(folder, boards) == []
    place(folder, entry(labels=("mini",), kind="mini"))
    boards = read_boards(folder)
    with pytest.raises(GateFailed):
        check(folder, boards)
    write_pages(folder, boards)
    page = folder / "tiny" / "README.md"
    page.write_text(page.read_text(encoding="utf-8").replace("70.00", "71.00"), encoding="utf-8")
    with pytest.raises(GateFailed, match="them: tiny/README.md"):
        check(folder, boards)
    page.write_bytes(b"\xff")
    assert write_pages(folder, boards) == ["tiny/README.md"]
    assert page.read_text(encoding="utf-8") == pages(boards)["tiny/README.md"]


def test_what_is_broken_is_told_at_the_end(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    refuse_broken(read_boards(folder))
    place(folder, entry()).write_text("{")
    boards = read_boards(folder)
    assert "tiny/README.md" in write_pages(folder, boards)
    with pytest.raises(DataError, match="left out:\n- tiny/entries/"):
        refuse_broken(boards)
