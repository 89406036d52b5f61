"""Results by their names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rsbench.harness.report import write
from rsbench.harness.result import open_result

from .test_ledger import begin
from .test_page import report


def test_a_result_is_called_after_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = begin(tmp_path)
    for name in ("report", "report-cls-geochat"):
        write(ledger, report(), name)
    folder = ledger.folder
    assert open_result(folder).name == open_result(folder / "report.json").name == folder.name
    assert open_result(folder / "report-cls-geochat.json").name == f"{folder.name}/report-cls-geochat"
    assert open_result(folder).ledger is not None and open_result(folder / "report.json").ledger is None
    shutil.copy(folder / "report.json", tmp_path / "old.json")
    monkeypatch.chdir(tmp_path)
    assert open_result(Path("old.json")).name == f"{tmp_path.name}/old"
