"""What --tasks takes: names, splits, suites, patterns and files; and the suites themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.suites import Suite, read_suites, selected


def test_names_keep_their_order_and_stand_once() -> None:
    assert selected("mar20, clrs,mar20") == [("mar20", None), ("clrs", None)]


def test_a_split_belongs_to_its_task() -> None:
    assert selected("mar20@train,mar20") == [("mar20", "train"), ("mar20", None)]


def test_a_pattern_is_every_task_that_fits() -> None:
    assert selected("mar20*") == [("mar20", None), ("mar20_obb", None)]
    assert selected("mar20*@train") == [("mar20", "train"), ("mar20_obb", "train")]


def test_a_card_may_be_a_file() -> None:
    assert selected("./my/card.yaml,clrs") == [("./my/card.yaml", None), ("clrs", None)]


def test_a_suite_is_its_tasks() -> None:
    tasks = read_suites()["earthgpt-tables"].tasks
    assert [name for name, _ in selected("earthgpt-tables")] == [name.partition("@")[0] for name in tasks]


@pytest.mark.parametrize(
    ("text", "says"), [("mar21", "mar20"), ("nothing*", "nothing*"), ("mar20@", "split"), (" ,", "No name")]
)
def test_what_is_no_task_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        selected(text)
    assert says in str(error.value)


@pytest.mark.parametrize("suite", read_suites().values(), ids=lambda suite: suite.name)
def test_every_task_and_split_of_a_suite_is_published(suite: Suite) -> None:
    names = card_names()
    for part in suite.tasks:
        for name, split in selected(part):
            card = read_card(name)
            assert name in names and (split is None or split in card.counts)


def test_a_damaged_file_of_suites_is_named(tmp_path: Path) -> None:
    path = tmp_path / "suites.yaml"
    path.write_text("a: [1, 2]\n")
    with pytest.raises(DataError, match="suites.yaml"):
        read_suites(path)
