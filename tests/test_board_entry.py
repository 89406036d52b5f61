"""Entries as files: small, read back as they were, refused where they are not what a run writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.board.entry import entry_text, read_entry, reduced
from rsbench.harness.contract import Figure, Problem, Slice, digest
from rsbench.harness.errors import DataError
from rsbench.harness.report import read, text

from .board_runs import TASK, entry, report, spec


def whole() -> Any:
    figure = Figure("x", 0.5)
    return replace(
        report(),
        slices=(Slice("sensor", "sar", 3, figure),),
        problems=(Problem("a.png", "cannot be read"),),
        details={
            "note": "n",
            "choice": {"big": [1] * 999},
            "errors": {"failed in a folder": 1},
            "absent": {},
        },
    )


def test_an_entry_is_a_small_report_that_names_the_whole_one(tmp_path: Path) -> None:
    one = reduced(whole(), "A model", ["me", "me", "you"])
    path = tmp_path / one.file
    path.write_text(entry_text(one), encoding="utf-8")
    assert read_entry(path) == one
    assert one.entered.by == ("me", "you")
    assert one.entered.report == json.loads(text(whole()))["digest"]
    assert read(path).figures == whole().figures  # a report like any other
    assert "big" not in path.read_text(encoding="utf-8") and "a.png" not in path.read_text(encoding="utf-8")


def test_the_file_is_named_by_task_model_and_run() -> None:
    name = entry().file
    assert name == f"{TASK}-hf-{spec().digest()[:12]}.json"
    assert entry(name="other", by=("me",), strict=0.1).file == name  # the same run
    assert entry(seed=1).file != name and entry(checkpoint="d" * 64).file != name
    assert entry(labels=("rule cls/geochat",)).file.endswith("-cls-geochat.json")
    assert "/" not in entry(adapter="../../x").file


def test_a_title_is_what_can_be_seen() -> None:
    assert entry().title == "hf,checkpoint=model"
    assert entry(name="a\u202eb\x00 c\n\td").title == "a b c d"
    assert entry(name="\u200b").title == "(no name)"
    assert len(entry(name="x" * 999).title) == 120


def written(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """An entry, changed, with a digest that fits."""
    one = entry()
    row = json.loads(entry_text(one))
    del row["digest"]
    change(row)
    place = path / one.file
    place.write_text(json.dumps({**row, "digest": digest(row)}), encoding="utf-8")
    return place


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row["headline"].update(value="high"),
        lambda row: row["headline"].update(value=float("nan")),
        lambda row: row["figures"][0].update(low=[1]),
        lambda row: row["spec"].pop("source"),
        lambda row: row["spec"].update(limit="all"),
        lambda row: row["spec"].update(anything=1),
        lambda row: row["spec"]["source"].update(kind=None),
        lambda row: row["spec"].update(arguments=["x"]),
        lambda row: row["details"].pop("entry"),
        lambda row: row["details"].update(raters=["x"]),
        lambda row: row["details"]["entry"].update(by="me"),
        lambda row: row["details"]["entry"].update(more=1),
        lambda row: row.update(labels=[3]),
        lambda row: row.update(samples=-1),
        lambda row: row.update(task="clrs"),
        lambda row: row.update(problems=[{"item": "a", "reason": "b"}]),
        lambda row: row["spec"].update(seed=5),
    ],
)
def test_what_no_run_writes_is_refused(change: Callable[[dict[str, Any]], object], tmp_path: Path) -> None:
    assert read_entry(written(tmp_path, lambda row: None)) == entry()
    with pytest.raises(DataError, match="submit RUN"):
        read_entry(written(tmp_path, change))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "5",
        "null",
        '{"digest": "x"}',
        '{"digest": "\\ud800"}',
        "[" * 100_000,
        "\x00",
        "x" * 2**21,
    ],
)
def test_what_is_no_report_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(DataError, match="submit RUN"):
        read_entry(path)


def test_a_change_by_hand_is_told(tmp_path: Path) -> None:
    path = tmp_path / entry().file
    path.write_text(entry_text(entry()).replace("0.8", "0.9"), encoding="utf-8")
    with pytest.raises(DataError, match="its digest differs"):
        read_entry(path)
    moved = tmp_path / "other.json"
    moved.write_text(entry_text(entry()), encoding="utf-8")
    with pytest.raises(DataError, match=f"is called {entry().file}"):
        read_entry(moved)
