"""The README of a table: the paper's layout, marks, and foreign words that do nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.board.boards import Boards, read_boards
from rsbench.harness.board.known import vouch
from rsbench.harness.board.markdown import overview, page

from .board_runs import entry, leaderboards, place
from .test_board_known import COPY

HOSTILE = "<script>alert(1)</script> **x** | `y` [a](b)"


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Boards:
    folder = leaderboards(tmp_path_factory.mktemp("boards"))
    vouch(folder, COPY, HOSTILE)
    place(folder, entry(strict=0.65, name="A model", by=("me",)))
    place(folder, entry(strict=0.9, name=HOSTILE, labels=("mini",), kind="mini", details={"note": HOSTILE}))
    return read_boards(folder)


def lines(text: str, begin: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.startswith(f"| {begin}")]


def test_the_layout_of_the_paper_with_ours_below(boards: Boards) -> None:
    text = page(boards.boards[0])
    compared, _, apart = text.partition("## Not compared")
    assert compared.startswith("# Table A: grounding\n")
    assert lines(compared, "Method") == ["| Method | Publication Year | Pr | mIoU |"]
    assert lines(compared, "*") == [
        "| *Specialists* | | | |",
        "| *MLLM* | | | |",
        "| *Runs of rsbench on the official data* | | | |",
    ]
    assert lines(compared, "One") == ["| One | A 2023 | **70.00** | **80.00** |"]
    assert lines(compared, "Two") == ["| Two | B 2023 | 60.00 | 50.00 |"]
    ours = "| A model | rsbench, choice_grounding version 1 | <u>65.00</u> [60.00, 70.00] | <u>70.00</u> |"
    assert lines(compared, "A model") == [ours]
    (row,) = lines(apart.partition("## Entries")[0], "&lt;script>")
    assert "| mini | 90.00 [85.00, 95.00] | 70.00 | 20 | 0 | 5.0 % |" in row
    assert "<u>" not in apart and "- The paper contradicts itself." in compared


def test_every_entry_is_linked(boards: Boards) -> None:
    text = page(boards.boards[0])
    name = entry().file
    assert f"| [`{name}`](entries/{name})" in text
    assert "| me" in text and "| not said" in text


def test_foreign_words_do_nothing(boards: Boards) -> None:
    """Rendered with HTML allowed, only our own marks are there."""
    from markdown_it import MarkdownIt

    for text in (page(boards.boards[0]), overview(boards.boards)):
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        assert "alert(1)" in html
        assert "<script" not in html and "<strong>x" not in html and 'href="b"' not in html
        rows = [row.count("<td") for row in html.split("<tr>")]
        assert set(rows) <= {0, 4, 6, 7}  # a bar in a name opens no cell


def test_pages_of_the_same_files_are_the_same(boards: Boards) -> None:
    assert page(boards.boards[0]) == page(boards.boards[0])


def test_a_table_of_counts_ranks_nothing(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    path = folder / "tiny" / "published.yaml"
    path.write_text(path.read_text() + "better: {Pr: none, mIoU: none}\n")
    text = page(read_boards(folder).boards[0])
    assert "**" not in text and "<u>" not in text
