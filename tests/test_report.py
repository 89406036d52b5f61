"""Reports on disk: read back as they were written, refused by name where they are damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.errors import DataError
from rsbench.harness.report import read, write

from .test_ledger import begin
from .test_page import report


def test_a_report_comes_back(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    write(ledger, report())
    assert read(ledger.folder) == report()
    assert (
        (ledger.folder / "report.md")
        .read_text(encoding="utf-8")
        .startswith("# clrs: earthgpt,wording=paper\n")
    )


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", "5", '{"headline": 3}', "\x00"])
def test_a_damaged_report_says_how_to_make_it_again(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(DataError, match="cannot be read as a report.*\n.*rsbench score"):
        read(tmp_path)


def test_no_report(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DataError, match="There is no report"):
            read(place)


def test_a_report_changed_by_hand_is_refused(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    write(ledger, report())
    path = ledger.folder / "report.json"
    row = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(row, indent=3, sort_keys=True))  # another layout of the same
    assert read(path) == report()
    row["headline"]["value"] = 0.99
    path.write_text(json.dumps(row))
    with pytest.raises(DataError, match="its digest differs.*\n.*rsbench score"):
        read(path)


def test_only_where_its_run_lies_beside_it_is_a_report_made_again_from_there(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    for path in (ledger.folder / "report.json", tmp_path / "old.json"):
        path.write_text("{}")
        with pytest.raises(DataError) as caught:
            read(path)
        beside = path.parent == ledger.folder
        assert (f"rsbench score {path.parent}" in str(caught.value)) is beside
        assert ("copy its new report here" in str(caught.value)) is not beside
