"""A folder of leaderboards read whole: broken files are named, and take nothing else down."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.board.boards import amiss, read_boards
from rsbench.harness.board.entry import entry_text
from rsbench.harness.board.known import vouch
from rsbench.harness.published import TABLES

from .board_runs import TASK, entry, leaderboards, place
from .test_board_known import COPY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return leaderboards(tmp_path)


def test_every_broken_file_is_named_and_the_others_stand(folder: Path) -> None:
    good = entry(labels=("mini",), kind="mini")
    place(folder, good)
    entries = folder / "tiny" / "entries"
    (entries / "broken.json").write_text("{")
    (entries / "changed.json").write_text(entry_text(good).replace("0.8", "0.9"))
    (entries / entry(task="clrs").file).write_text(entry_text(entry(task="clrs")))
    stray = folder / "nowhere" / "entries"
    stray.mkdir(parents=True)
    (stray / entry().file).write_text(entry_text(entry()))
    unknown = entry(task="no_such_task")
    (entries / unknown.file).write_text(entry_text(unknown))
    (folder / "damaged").mkdir()
    (folder / "damaged" / "published.yaml").write_text("title: [")
    vouch(folder, COPY, "a maintainer")
    (folder / "fingerprints" / "x.yaml").write_text("5")
    boards = read_boards(folder)
    assert "verified by a maintainer" in str(boards.boards[0].compared.notes)
    assert [board.name for board in boards.boards] == ["tiny"]
    assert [one for one, _ in boards.boards[0].entries] == [good]
    told = "\n".join(boards.broken)
    for words in (
        "tiny/entries/broken.json: ",
        "changed.json was changed",
        "the task clrs fills no table",
        "the task no_such_task fills no table",
        f"a run of {TASK} belongs to tiny/entries: move it there",
        "damaged/published.yaml cannot be read",
        "fingerprints/x.yaml cannot be read",
    ):
        assert words in told
    assert len(boards.broken) == 7


def test_an_entry_waits_until_its_fingerprint_is_known(folder: Path) -> None:
    one = entry(by=("a",))
    place(folder, one)
    assert read_boards(folder).of(one) == "fingerprint not known yet"
    place(
        folder, entry(by=("b",), seed=1, labels=("mini",), kind="mini")
    )  # says nothing of the official copy
    assert read_boards(folder).of(one) == "fingerprint not known yet"
    place(folder, entry(by=("b",), seed=2))
    assert read_boards(folder).of(one) == ""


def test_a_verified_copy_makes_it_known(folder: Path) -> None:
    one = entry()
    place(folder, one)
    vouch(folder, COPY, "a maintainer")
    boards = read_boards(folder)
    assert boards.of(one) == ""
    assert amiss(one, boards.columns) == ()
    assert amiss(entry(failed=1), boards.columns)[0].said == "incomplete"


def test_ours_are_whole() -> None:
    boards = read_boards(TABLES)
    assert boards.broken == ()
    assert {f"table_{n}" for n in range(1, 10)} <= {board.name for board in boards.boards}
    assert [board.name for board in boards.boards if board.name.startswith("table_")][0] == "table_1"
