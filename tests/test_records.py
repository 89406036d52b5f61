"""Parts of records under the names of published kits."""

from __future__ import annotations

import pytest

from rsbench.harness.errors import DataError
from rsbench.harness.records import has_truth, part, read_rows


def test_what_is_true_and_what_was_said() -> None:
    earthdial = {"question": "?", "answer": "urban", "annotation": "rural", "vqa_type": "rural_urban"}
    assert part(earthdial, "truth") == "rural" and part(earthdial, "said") == "urban"
    assert part(earthdial, "kind") == "rural_urban"
    plain = {"question_id": 7, "text": "?", "answer": "rural"}
    assert part(plain, "truth") == "rural" and part(plain, "said") is None
    assert part(plain, "id") == 7 and part(plain, "question") == "?"
    geochat = {"question_id": 7, "text": "?", "ground_truth": "rural", "answer": "urban"}
    assert part(geochat, "truth") == "rural" and part(geochat, "said") == "urban"
    assert part({"truth": "a", "prediction": "b", "answer": "c"}, "said") == "b"


def test_numbered_captions_are_references() -> None:
    row = {"answer": "said", "caption0": "one", "caption1": "two", "caption3": "not in line"}
    assert part(row, "references") == ["one", "two"]
    assert has_truth(row) and part(row, "said") == "said" and part(row, "truth") is None
    assert not has_truth({"answer": "yes"})


def test_rows_and_what_is_none() -> None:
    read = read_rows(b'\xef\xbb\xbf{"id": 1}\n\n[1]\nnot json\n{"id": 2}', "a.jsonl")
    assert [(where, row["id"]) for where, row in read.rows] == [("line 1", 1), ("line 5", 2)]
    assert read.faults == (("line 3", "not an object with named parts"), ("line 4", "not JSON"))
    assert [where for where, _ in read_rows(b'[{"id": 1}, {"id": 2}]', "a.json").rows] == ["item 1", "item 2"]
    assert read_rows(b"", "empty.jsonl").rows == ()


def test_a_broken_list_is_an_error_that_names_the_file() -> None:
    with pytest.raises(DataError, match=r"a\.json is not JSON"):
        read_rows(b'[{"id": 1},', "a.json")


def test_the_rows_of_one_object() -> None:
    """lmms-eval wrote its samples so; an object without `logs` is a line."""
    read = read_rows(b'{\n "args": {},\n "logs": [{"doc_id": 0}, 3]\n}', "a.json")
    assert [(where, row["doc_id"]) for where, row in read.rows] == [("item 1", 0)] and len(read.faults) == 1
    assert [where for where, _ in read_rows(b'{"id": 1, "text": "the \\"logs\\" of it"}', "a").rows] == [
        "line 1"
    ]
