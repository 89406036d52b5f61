"""The page over all leaderboards."""

from __future__ import annotations

from pathlib import Path

from rsbench.harness.board.boards import read_boards
from rsbench.harness.board.known import vouch
from rsbench.harness.board.overview import ENTRIES, TABLES, entry_rows, table_rows
from rsbench.harness.published import TABLES as SHIPPED

from .board_runs import STRICT, TASK, entry, leaderboards, place
from .test_board_known import COPY


def test_a_line_a_headline_with_who_is_best(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    vouch(folder, COPY, "me")
    place(folder, entry(strict=0.7, name="Ours"))
    place(folder, entry(seed=1, labels=("mini",), kind="mini"))
    boards = read_boards(folder).boards
    ((name, cells),) = table_rows(boards)
    assert name == "tiny" and len(cells) == len(TABLES)
    best = "70.00 One, 70.00 Three, 70.00 Ours"
    assert cells == ["Table A", "grounding", "Pr", best, "60.00 Two", "1", "1"]
    rows = list(entry_rows(boards))
    assert {len(row) for row in rows} == {len(ENTRIES)}
    assert ["Ours", f"{TASK} version 1", STRICT, "70.00 [65.00, 75.00]", "20", "yes"] in rows
    assert "no: mini" in {row[-1] for row in rows}


def test_a_table_of_two_headlines_has_two_lines_and_one_of_none_a_dash() -> None:
    rows = list(table_rows(read_boards(SHIPPED).boards))
    third = [cells for name, cells in rows if name == "table_3"]
    assert [cells[2:5] for cells in third] == [
        ["CLRS", "77.37 EarthGPT", "60.72 Sphinx"],
        ["NASC-TG2", "74.72 EarthGPT", "49.76 Sphinx"],
    ]
    (counts,) = [cells for name, cells in rows if name == "table_1"]
    assert counts[2:5] == ["–", "–", "–"]
