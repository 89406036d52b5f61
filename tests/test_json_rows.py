"""Long lists of JSON piece by piece: the records of json.loads, whatever the block; damage costs itself."""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Problem
from rsbench.harness.datasets import json_rows
from rsbench.harness.datasets.json_rows import rows, unwatched
from rsbench.harness.errors import DataError

ODD = [
    {"id": 1, "text": "}, {"},
    {"id": 2, "text": '}] "quoted" ]}'},
    {"id": 3, "inner": [{"a": 1}, {"b": [{"c": "},"}]}]},
    {"id": 4, "text": "\u56fe \\ \n", "ids": []},
    {},
    {"id": 5},
]


def written(folder: Path, text: str) -> Path:
    path = folder / "a.json"
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, name: str = "rows") -> tuple[list[dict[str, Any]], list[Problem]]:
    problems: list[Problem] = []
    return list(rows(path, name, problems)), problems


@pytest.mark.parametrize("block", [40, 64, 97, 1 << 22])
@pytest.mark.parametrize("indent", [None, 1])
def test_every_block_size_gives_the_same_records(
    block: int, indent: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "_BLOCK", block)
    many = ODD * 5
    path = written(
        tmp_path, json.dumps({"rows": many, "other": [{"id": 9}], "last": {"a": "}]"}}, indent=indent)
    )
    assert read(path) == (many, [])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(alphabet='}{],[":\\ a\n', max_size=6), max_size=3)),
    st.integers(24, 200),
)
def test_any_records_survive(tmp_path_factory: pytest.TempPathFactory, many: Any, block: int) -> None:
    folder = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_rows, "_BLOCK", block)
        assert read(written(folder, json.dumps({"rows": many}))) == (many, [])


def test_a_damaged_record_costs_itself(tmp_path: Path) -> None:
    good = [json.dumps({"id": n, "text": f"is it {n}?"}) for n in range(8)]
    text = ", ".join([*good[:3], '{"id": 3, "text": }', *good[4:6], "7", *good[6:]])
    found, problems = read(written(tmp_path, f'{{"rows": [{text}]}}'))
    assert [row["id"] for row in found] == [0, 1, 2, 4, 5, 6, 7]
    assert problems[0] == Problem("a.json, record 4", "not JSON")
    assert [p.reason for p in problems[1:]] == ["not an object with named parts"]


def test_an_unbalanced_quote_costs_one_record(tmp_path: Path) -> None:
    good = [json.dumps({"id": n, "text": f"is it {n}?"}) for n in range(6)]
    text = ", ".join([*good[:3], '{"id": 3, "text": "no end}', *good[4:]])
    found, problems = read(written(tmp_path, f'{{"rows": [{text}]}}'))
    assert [row["id"] for row in found] == [0, 1, 2, 4, 5]
    assert problems == [Problem("a.json, record 4", "not JSON")]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"rows": [{"id": 1, "text": "\xff\xe9"}, {"id": 2, "text": "\xc3\xa9"}]}')
    found, problems = read(path)
    assert [row["text"] for row in found] == ["\ufffd\ufffd", "\u00e9"] and problems == []


def test_a_file_that_breaks_off_gives_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps({"rows": [{"id": n, "text": "x" * 20} for n in range(9)]})
    found, problems = read(written(tmp_path, whole[:-30]))
    assert [row["id"] for row in found] == list(range(8))
    assert problems == [Problem("a.json", "it breaks off after record 8")]


def test_what_is_not_active_and_what_is_no_object(tmp_path: Path) -> None:
    text = '{"rows": [{"id": 1, "active": false}, {"id": 2, "active": true}, [3], {"id": 4, "n": NaN}]}'
    found, problems = read(written(tmp_path, text))
    assert [row["id"] for row in found] == [2, 4]
    assert problems == [Problem("a.json, record 3", "not an object with named parts")]


def test_no_list_and_an_empty_one(tmp_path: Path) -> None:
    assert read(written(tmp_path, '{"rows": []}')) == ([], [])
    with pytest.raises(DataError, match="no list of rows"):
        read(written(tmp_path, '{"questions": []}'))
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path)


def test_the_search_for_cycles_goes_on_afterwards() -> None:
    assert gc.isenabled()
    with pytest.raises(ValueError), unwatched():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()
