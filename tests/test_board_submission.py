"""From a run to an entry: believed as its answers make it, and nothing of this machine leaves with it."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.board.admission import Objection
from rsbench.harness.board.columns import Columns
from rsbench.harness.board.entry import read_entry, reduced
from rsbench.harness.board.submission import (
    check_compares,
    check_portable,
    check_report,
    check_truths,
    enter,
    place,
)
from rsbench.harness.contract import Figure, Report
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.ledger import Ledger
from rsbench.harness.report import read

from .board_runs import Official, entry, leaderboards, official_run, report, tables


@pytest.fixture
def run(official: Official) -> Ledger:
    return official.ledger


def changed(report: Report, value: float | None) -> Report:
    headline = replace(report.headline, value=value)
    figures = tuple(headline if figure.name == headline.name else figure for figure in report.figures)
    return replace(report, headline=headline, figures=figures)


def test_the_report_of_the_answers_is_believed(run: Ledger) -> None:
    found = read(run.folder)
    check_report(found, found, run)
    assert found.headline.value
    check_report(changed(found, found.headline.value + 1e-12), found, run)
    narrow = tuple(replace(figure, low=None, high=None) for figure in found.figures)
    check_report(
        replace(found, figures=narrow), found, run
    )  # of fewer resamples: the answers' own are entered


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: changed(r, 0.99), r"is 0\.99 in the report and 0\.75 by the answers"),
        (lambda r: changed(r, 0.75 + 1e-6), "by the answers"),
        (lambda r: changed(r, None), "is None in the report"),
        (lambda r: replace(r, figures=r.figures[:1]), "and [0-9]+ more"),
        (lambda r: replace(r, figures=(*r.figures, Figure("new", 1.0))), "new is 1.0 in the report and None"),
        (lambda r: replace(r, samples=21), "samples 21 in the report and 20 by"),
        (lambda r: replace(r, failed=1), "failed 1"),
        (lambda r: replace(r, unparsable=1), "unparsable 1"),
        (lambda r: replace(r, labels=("mini",)), "labels mini in the report and none by"),
        (lambda r: replace(r, spec={**r.spec, "seed": 1}), "of another run"),
        (lambda r: replace(r, task="clrs"), "of another run"),
        (lambda r: replace(r, headline=r.figures[0]), "the headline is"),
    ],
)
def test_a_report_that_the_answers_do_not_make_is_refused(change: Any, words: str, run: Ledger) -> None:
    found = read(run.folder)
    with pytest.raises(DataError, match=f"(?s){words}.*rsbench score"):
        check_report(change(found), found, run)


def test_a_figure_that_cannot_be_computed_here_says_what_it_needs(run: Ledger) -> None:
    found = read(run.folder)
    here = replace(changed(found, None), details={"absent": {found.headline.name: "needs Java"}})
    with pytest.raises(DataError, match="not computed here .needs Java"):
        check_report(found, here, run)


def test_truths_that_were_changed_are_refused(run: Ledger, tmp_path: Path) -> None:
    check_truths(run, tiled=False)
    folder = tmp_path / "run"
    shutil.copytree(run.folder, folder)
    rows = (folder / "samples.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "samples.jsonl").write_text("".join(rows[1:]), encoding="utf-8")
    with pytest.raises(DataError, match="were changed"):
        check_truths(Ledger(folder), tiled=False)
    row = json.loads(rows[0])
    row["target"]["regions"][0]["points"][0] += 1.0
    (folder / "samples.jsonl").write_text("".join([json.dumps(row) + "\n", *rows[1:]]), encoding="utf-8")
    with pytest.raises(DataError, match="were changed"):
        check_truths(Ledger(folder), tiled=False)
    check_truths(Ledger(folder), tiled=True)  # nothing can be said


def test_changed_pictures_are_no_other_truths(run: Ledger, tmp_path: Path) -> None:
    """As `--views` and `--corrupt` ask about them beside the samples of the data."""
    shutil.copytree(run.folder, tmp_path / "run")
    path = tmp_path / "run" / "samples.jsonl"
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    row["id"] += "~rot90"
    row["images"][0]["change"] = "rot90"
    path.write_text(path.read_text(encoding="utf-8") + json.dumps(row) + "\n", encoding="utf-8")
    check_truths(Ledger(tmp_path / "run"), tiled=False)


def test_a_part_of_the_data_has_no_fingerprint_of_its_own(official: Official, tmp_path: Path) -> None:
    part = official_run(official.copy, tmp_path, limit=5)
    assert read(part.folder).labels == ("limited to 5 of 20",)
    check_truths(part, tiled=False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arguments": {"checkpoint": "/home/me/model"}}, "spec/arguments/checkpoint.*path"),
        ({"arguments": {"run": "python C:\\me\\model.py"}}, "path of this machine"),
        ({"arguments": {"run": "python ~/model.py"}}, "path of this machine"),
        ({"details": {"note": "weights of /data/weights/x"}}, "details/note.*path"),
        ({"name": "/mnt/models/best"}, "name of this run.*path"),
        ({"arguments": {"url": "http://me:pw@host/v1"}}, "credential"),
        ({"arguments": {"api_key": "abc"}}, "spec/arguments/api_key of this run looks like a credential"),
        ({"arguments": {"model": "hf_abcdefghijklmnopqrst"}}, "credential"),
    ],
)
def test_nothing_of_this_machine_leaves_it(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        check_portable(entry(**changes))
    assert "abcdefgh" not in str(caught.value) and "pw@" not in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"name": "a\u202eb"}, {"name": "\udcff"}, {"by": ("a\nb",)}, {"by": ("x" * 121,)}]
)
def test_a_name_can_be_read(changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="can be seen"):
        check_portable(entry(**changes))


def test_names_and_addresses_may_leave() -> None:
    check_portable(
        entry(arguments={"url": "http://host:8000/v1/", "name": "Org/Model-7B", "wording": "a / b"})
    )
    check_portable(entry(details={"raters": {"clip-score": "d" * 64}, "note": "and/or; 3 px/m"}))


def test_what_does_not_compare_is_refused_unless_labelled() -> None:
    found = (Objection("mini", "Run on DIR."), Objection("own", "Run on DIR."))
    with pytest.raises(DataError, match="(?s)figures: mini; own.*- Run on DIR.\nOr .*--labelled"):
        check_compares(found, labelled=False)
    check_compares(found, labelled=True)
    check_compares((), labelled=False)


def test_a_run_is_one_entry_however_often_it_is_sent_in(tmp_path: Path) -> None:
    path = tmp_path / "entries" / entry().file
    first, changed = enter(path, entry(by=("a",), name="One"))
    assert changed and read_entry(path) == first
    assert enter(path, entry(by=("a",))) == (first, False)
    both, changed = enter(path, entry(by=("b",)))
    assert changed and both.entered.by == ("a", "b") and both.title == "One"
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_other_figures_are_of_their_submitter_alone(tmp_path: Path) -> None:
    path = tmp_path / "entries" / entry().file
    enter(path, entry(by=("a",)))
    again, changed = enter(path, entry(by=("b",), strict=0.5))
    assert changed and again.entered.by == ("b",) and read_entry(path).report.headline.value == 0.5
    path.write_text("{")
    assert enter(path, entry())[1] and read_entry(path) == entry()


def test_an_entry_lies_below_the_table_of_its_task(tmp_path: Path) -> None:
    folder = leaderboards(tmp_path)
    columns = Columns(tables(folder))
    assert place(folder, columns, entry()) == folder / "tiny" / "entries" / entry().file
    with pytest.raises(UsageError, match="clrs fills no table"):
        place(folder, columns, reduced(report(task="clrs")))
