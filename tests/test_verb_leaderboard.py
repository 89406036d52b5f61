"""`rsbench leaderboard` from the command: build, check, submit, vouch, and their exit codes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.board.entry import read_entry
from rsbench.harness.cli import main
from rsbench.harness.ledger import Ledger
from rsbench.harness.report import read, text

from .board_runs import STRICT, TASK, Official, entry, leaderboards, official_run, place


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The leaderboards of a checkout that one stands in."""
    monkeypatch.chdir(tmp_path)
    return leaderboards(tmp_path)


def rsbench(*args: str | Path) -> int:
    try:
        main(["leaderboard", *map(str, args)])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def entries(folder: Path) -> list[Path]:
    return sorted((folder / "tiny" / "entries").glob("*"))


def test_build_and_check(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rsbench("check") == 1
    assert "tiny/README.md" in (said := capsys.readouterr().err) and "rsbench leaderboard build" in said
    assert rsbench() == 0
    assert (checkout / "tiny" / "README.md").is_file() and (checkout / "README.md").is_file()
    assert rsbench("check") == 0
    place(checkout, entry()).write_text("{")
    assert rsbench("build", "--html", checkout.parent / "html") == 3
    assert (checkout.parent / "html" / "tiny.html").is_file()
    capsys.readouterr()
    assert rsbench("check") == 3
    assert entry().file in capsys.readouterr().err


def test_outside_a_checkout_a_folder_must_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = leaderboards(tmp_path / "there")
    monkeypatch.chdir(tmp_path)
    assert rsbench("build") == 2 and "--to DIR" in capsys.readouterr().err
    assert rsbench("build", "--to", folder) == 0 and (folder / "README.md").is_file()


def test_a_run_enters_waits_and_is_compared(
    checkout: Path, official: Official, capsys: pytest.CaptureFixture[str]
) -> None:
    before = read(official.ledger.folder)
    assert rsbench("submit", official.ledger.folder, "--by", "a") == 0
    assert "entered, not compared: fingerprint not known yet" in capsys.readouterr().out
    (path,) = entries(checkout)
    found = read_entry(path)
    assert found.report.headline.value == before.headline.value == 0.75
    assert str(checkout.parent) not in path.read_text() and official.copy.name not in path.read_text()
    assert rsbench("submit", official.ledger.folder, "--by", "a") == 0
    assert "there already" in capsys.readouterr().out
    assert rsbench("vouch", TASK, "--data", official.copy, "--by", "a maintainer") == 0
    assert "complete" in capsys.readouterr().out
    assert rsbench("check") == 0
    page = (checkout / "tiny" / "README.md").read_text()
    assert "**75.00** [" in page and "verified by a maintainer" in page and "Not compared" not in page
    assert entries(checkout) == [path] and read(official.ledger.folder) == before


def test_two_submitters_make_a_fingerprint_known(checkout: Path, official: Official) -> None:
    assert rsbench("submit", official.ledger.folder, "--by", "a") == 0
    assert rsbench("submit", official.ledger.folder, "--by", "b") == 0
    assert "**75.00** [" in (checkout / "tiny" / "README.md").read_text()
    assert len(entries(checkout)) == 1


def test_a_part_of_the_data_stands_apart(
    checkout: Path, official: Official, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = official_run(official.copy, tmp_path / "part", limit=5, wrong=0)
    assert rsbench("submit", part.folder) == 3
    said = capsys.readouterr().err
    assert "limited to 5 of 20" in said and "--labelled" in said and not entries(checkout)
    assert rsbench("submit", part.folder, "--labelled", "--name", "Perfect") == 0
    page = (checkout / "tiny" / "README.md").read_text()
    assert "Perfect" in page.partition("## Not compared")[2] and "**100.00**" not in page


@pytest.fixture
def own(official: Official, tmp_path: Path) -> Ledger:
    """A copy of the run, to be changed."""
    folder = tmp_path / "runs" / official.ledger.folder.name
    shutil.copytree(official.ledger.folder, folder)
    return Ledger(folder)


def test_an_edited_report_is_refused(checkout: Path, own: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    path = own.folder / "report.json"
    found = read(path)
    path.write_text(path.read_text(encoding="utf-8").replace("0.75", "0.99"), encoding="utf-8")
    assert rsbench("submit", own.folder) == 3
    assert "its digest differs" in capsys.readouterr().err
    better = replace(found, headline=replace(found.headline, value=0.99))
    path.write_text(text(better), encoding="utf-8")  # by somebody who makes the digest fit
    assert rsbench("submit", own.folder) == 3
    assert f"{STRICT} of 0.99 in the report" in (said := capsys.readouterr().err) and "rsbench score" in said
    assert not entries(checkout)


def test_a_stale_report_and_missing_ones_are_refused(
    checkout: Path, own: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    responses = own.folder / "responses.jsonl"
    lines = responses.read_text(encoding="utf-8").splitlines(keepends=True)
    responses.write_text("".join(lines[:-1]), encoding="utf-8")
    assert rsbench("submit", own.folder) == 3
    assert "failed 0 in the report and 1 by the answers" in capsys.readouterr().err
    assert rsbench("submit", own.folder / "report.json") == 2
    assert "the folder of the run" in capsys.readouterr().err
    assert rsbench("submit", checkout) == 3
    assert rsbench("submit", own.folder, "--rule", "no/rule") == 3
    assert "no report under the rule no/rule" in capsys.readouterr().err
    assert not entries(checkout)


def test_a_copy_that_is_not_whole_is_not_vouched_for(
    checkout: Path, official: Official, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "part"
    shutil.copytree(official.copy, copy)
    next(iter(sorted(copy.rglob("*.png")))).write_bytes(b"")
    assert rsbench("vouch", TASK, "--data", copy, "--by", "me") == 3
    assert "nothing was written down" in capsys.readouterr().err
    assert rsbench("vouch", TASK, "--data", "mini", "--by", "me") == 2
    assert not (checkout / "fingerprints").exists()
