"""Which leaderboards are meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.board.folder import boards_folder, in_order
from rsbench.harness.errors import UsageError

from .board_runs import leaderboards


def test_those_of_the_checkout_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = leaderboards(tmp_path)
    below = tmp_path / "docs" / "deep"
    below.mkdir(parents=True)
    for here in (tmp_path, below, folder / "tiny"):
        monkeypatch.chdir(here)
        assert boards_folder(None) == folder


def test_never_those_of_the_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no leaderboards here or above.*\n.*--to DIR"):
        boards_folder(None)


def test_a_folder_that_is_given_holds_tables(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    assert boards_folder(folder) == folder
    with pytest.raises(UsageError, match="holds no leaderboard"):
        boards_folder(tmp_path)


def test_tables_stand_as_one_counts() -> None:
    assert in_order(["table_10", "rscovlm_text", "table_9"]) == ["table_9", "table_10", "rscovlm_text"]
