"""`rsbench report`: what it prints, what it writes, and which wishes do not go together."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.cli import main

from .two_runs import run, scenes

NAMES = ("airport", "beach", "forest")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run over nine scenes, all called airports."""
    ledger = run(tmp_path_factory.mktemp("run"), "images", scenes(9), ["airport"] * 9, NAMES).ledger
    assert ledger is not None
    return ledger.folder


def refused(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["report", *arguments])
    return int(stop.value.code or 0)


def test_markdown_is_what_it_printed_before(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(place)])
    bare = capsys.readouterr().out
    main(["report", str(place), "--format", "markdown"])
    assert capsys.readouterr().out == bare and bare.startswith("### Results")
    main(["report", str(place), "--full"])
    assert "## How to reproduce" in capsys.readouterr().out


def test_json_is_the_reports_themselves(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(place), str(place / "report.json"), "--format", "json"])
    said = json.loads(capsys.readouterr().out)
    assert said == [json.loads((place / "report.json").read_text(encoding="utf-8"))] * 2


def test_latex_is_printed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["report", str(place), "--format", "latex"])
    out = capsys.readouterr().out
    assert r"\begin{tabular}{lllr}" in out and "33.33" in out


def test_pages_lie_in_the_run_unless_a_folder_is_named(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["report", str(place), "--html", str(tmp_path / "pages")])
    out = capsys.readouterr().out
    assert f"{tmp_path / 'pages' / 'index.html'}: 9 samples, 0 thumbnails, 9 missing" in out
    assert "The pictures were not given" in out
    main(["report", str(place), "--html"])
    assert (place / "html" / "index.html").is_file()


def test_plots_are_listed_as_they_are_written(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["report", str(place), "--plots", str(tmp_path / "plots"), "--format", "svg"])
    listed = capsys.readouterr().out.split()
    assert listed and all(Path(path).is_file() and path.endswith(".svg") for path in listed)


@pytest.mark.parametrize(
    ("wish", "code", "said"),
    [
        (["--against", "OTHER"], 2, "--against and --data are for pages"),
        (["--data", "mini"], 2, "--against and --data are for pages"),
        (["--format", "svg"], 2, "Say where: --plots DIR"),
        (["--format", "latex", "--plots", "x"], 2, "Ask for it on its own"),
        (["--full", "--format", "json"], 2, "--full is for markdown"),
        (["--format", "docx"], 2, "docx"),
        (["--thumbnails", "5"], 2, "thumbnails"),
    ],
)
def test_wishes_that_do_not_go_together(
    place: Path, wish: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(str(place), *wish) == code
    assert said in capsys.readouterr().err


def test_several_runs_need_a_folder(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(str(place), str(place), "--html") == 2
    assert "--html DIR" in capsys.readouterr().err


def test_what_is_no_run_is_no_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(str(tmp_path), "--html", str(tmp_path / "pages")) == 3
    assert "There is no report" in capsys.readouterr().err and not (tmp_path / "pages").exists()
