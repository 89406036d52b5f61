"""What keeps a run from standing beside published figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rsbench.harness.board.admission import UNKNOWN, objections
from rsbench.harness.board.columns import Column
from rsbench.harness.board.known import Known, fingerprint_of
from rsbench.harness.datasets.card import read_card

from .board_runs import STRICT, TASK, entry, report

COLUMN = Column(read_card(TASK), "subset", STRICT)


def known(**changes: Any) -> Known:
    fingerprint = fingerprint_of(report(**changes))
    assert fingerprint is not None
    return Known({fingerprint: "somebody"})


def test_a_whole_run_on_a_known_copy_compares() -> None:
    assert objections(entry(), COLUMN, known()) == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": ("mini",), "kind": "mini"}, ["mini"]),
        ({"kind": "mini"}, ["data: mini"]),  # the label taken away by hand
        ({"labels": ("own data",), "kind": "folder"}, ["own data"]),
        ({"kind": "Hugging Face copy", "labels": ("Hugging Face copy",)}, ["Hugging Face copy"]),
        (
            {"labels": ("limited to 5 of 20",), "limit": 5, "samples": 5},
            ["limited to 5 of 20", "5 expressions of"],
        ),
        ({"limit": 5}, ["limited"]),
        ({"labels": ("incomplete: 3 of 20 without an answer",), "failed": 3}, ["incomplete: 3 of 20"]),
        ({"failed": 3}, ["incomplete"]),
        ({"labels": ("rule strict",)}, ["rule strict"]),
        ({"labels": ("prompting hbb",), "prompting": "hbb"}, ["prompting hbb"]),
        ({"prompting": "hbb"}, ["prompting"]),
        ({"split": "val"}, ["own split val"]),
        ({"split": ""}, ["own split all"]),
        ({"task_version": 7}, [f"{TASK} version 7"]),
        ({"items": 19}, ["20 expressions of 19 where 20 are published"]),
        ({"samples": 19}, ["19 expressions of 20 where 20 are published"]),
        ({"images": None}, ["pictures not at hand"]),
        ({"strict": None}, [f"{STRICT} is not computed"]),
        ({"adapter": "oracle"}, ["no model"]),
        ({"adapter": "shuffled"}, ["no model"]),
        ({"adapter": "random", "labels": ("mini",), "kind": "mini"}, ["no model", "mini"]),
    ],
)
def test_what_does_not_compare_says_why_and_what_to_do(changes: dict[str, Any], said: list[str]) -> None:
    found = objections(entry(**changes), COLUMN, known())
    found = tuple(one for one in found if one.said != UNKNOWN or UNKNOWN in said)
    assert len(found) == len(said)
    for objection, begin in zip(found, said, strict=True):
        assert objection.said.startswith(begin)
        assert objection.mend.endswith((".", "DIR"))


def test_a_copy_that_nobody_knows_waits() -> None:
    (waiting,) = objections(entry(), COLUMN, Known({}))
    assert waiting.said == UNKNOWN and f"vouch {TASK}" in waiting.mend
    assert objections(entry(), COLUMN, None) == ()  # not asked


@pytest.mark.parametrize("changes", [{"images": "d" * 64}, {"task_version": 2}, {"split": "other"}])
def test_another_copy_is_another_fingerprint(changes: dict[str, Any]) -> None:
    (waiting,) = objections(entry(), COLUMN, known(**changes))
    assert waiting.said == UNKNOWN


def test_where_no_count_is_published_nothing_is_whole() -> None:
    column = replace(COLUMN, card=replace(COLUMN.card, counts={}))
    (uncounted,) = objections(entry(), column, known())
    assert uncounted.said.endswith("where no count is published")


def test_what_a_figure_needs_is_told() -> None:
    (missing,) = objections(entry(strict=None, details={"absent": {"SPICE": "needs Java"}}), COLUMN, known())
    assert "SPICE needs Java" in missing.mend
