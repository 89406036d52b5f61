"""MMRS-1M's JSON: what is written is read, piece by piece; what is wrong is counted, named and left out."""

from __future__ import annotations

import doctest
import json
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.errors import DataError
from rsbench.reference_model.data import conversation, json_file, json_list, problems
from rsbench.reference_model.data.json_file import read, write
from rsbench.reference_model.data.json_list import items
from rsbench.reference_model.data.record import Record, Turn

QUESTION = {"from": "human", "value": "<image>\nWhat is it?"}
ANSWER = {"from": "gpt", "value": "A ship."}


def item(*said: dict[str, str], image: str | None = "data/a/1.png") -> dict[str, Any]:
    return {"image": image, "conversations": list(said)}


def put(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_doctests() -> None:
    for module in (conversation, problems):
        assert doctest.testmod(module).failed == 0


part = st.text(st.characters(exclude_categories=()), min_size=1, max_size=12).filter(
    lambda s: s.strip() and "<image>" not in s and "[" not in s
)
name = st.lists(st.sampled_from(["a", "b c", "data", "é"]), min_size=1, max_size=3).map("/".join)
records = st.lists(
    st.builds(
        Record,
        st.none() | name,
        st.lists(st.builds(Turn, part, part), min_size=1, max_size=3, unique=True).map(tuple),
    ),
    max_size=5,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(written=records)
def test_what_is_written_is_read(written: list[Record], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("json") / "x.json"
    assert write(written, path) == len(written)
    found, wrong = read(path)
    assert found == written and not wrong
    assert [value["conversations"][0]["from"] for value in json.loads(path.read_text())] == [
        "human" for _ in written
    ]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.recursive(st.integers() | st.text(max_size=5) | st.none(), st.lists, max_leaves=4)),
    chunk=st.integers(1, 9),
    indent=st.sampled_from([None, 1]),
)
def test_items_are_those_of_the_whole_file(
    values: list[Any], chunk: int, indent: int | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = put(tmp_path_factory.mktemp("list") / "x.json", json.dumps(values, indent=indent))
    assert [value for _, value in items(path, chunk)] == values


def test_lines_of_items(tmp_path: Path) -> None:
    path = put(tmp_path / "x.json", '\n[\n  {"a":\n 1},\n\n 2, 3\n]\n')
    for chunk in (1, 4, 1000):
        assert [line for line, _ in items(path, chunk)] == [3, 6, 6]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 1),
        ('\n{"a": 1}', 2),
        ('[\n{"a": 1},\n{"a" 1},\n' + '{"b": 2},' * 500 + "1]", 3),
        ('[\n{"a": 1}\n{"b": 2}]', 3),
        ("[\n1,\n]", 3),
        ("[1]\n\nx", 3),
        ('[\n{"a": "never ended\n', 2),
        ("[" * 100_000, 1),
    ],
)
def test_what_is_no_list_is_an_error_with_its_line(content: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"x.json is not as expected in line {line}:"):
        list(items(put(tmp_path / "x.json", content), 16))


def test_an_item_without_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_list, "LONGEST", 1000)
    with pytest.raises(DataError, match="line 1: Unterminated string"):
        list(items(put(tmp_path / "x.json", '["' + "a" * 100_000), 16))


def test_missing_and_undecodable_files(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="x.json cannot be read: No such file"):
        read(tmp_path / "x.json")
    (tmp_path / "x.json").write_bytes(b"[\n\xff]")
    with pytest.raises(DataError, match="it is not UTF-8"):
        read(tmp_path / "x.json")
    with pytest.raises(DataError, match="There is no folder"):
        read(put(tmp_path / "y.json", []), tmp_path / "none")


def test_everything_wrong_is_counted_named_and_left_out(tmp_path: Path) -> None:
    box = {"from": "gpt", "value": "[0.1,0.2,0.3,1.4]"}
    thin = {"from": "gpt", "value": "[0.1,0.2,0.1,0.4]"}
    rows = [
        item(QUESTION, ANSWER),
        item(QUESTION, ANSWER),
        item(QUESTION),
        item(ANSWER, QUESTION),
        item(QUESTION, {"from": "gpt", "value": " "}),
        item(QUESTION, box, QUESTION, ANSWER, image="data/a/2.png"),
        item(QUESTION, thin, image="a/3.png"),
        item(QUESTION, ANSWER, image="data/../secret.png"),
        item(QUESTION, ANSWER, QUESTION, ANSWER, image="data\\a\\4.png"),
        item(QUESTION, ANSWER, image=None),
        {"image": "data/a/5.png"},
        17,
    ]
    found, wrong = read(put(tmp_path / "x.json", rows))
    ship, thin_turn = Turn("What is it?", "A ship."), Turn("What is it?", thin["value"])
    assert found == [
        Record("a/1.png", (ship,)),
        Record("a/2.png", (ship,)),
        Record("a/3.png", (thin_turn,)),
        Record("a/4.png", (ship,)),
        Record(None, (ship,)),
    ]
    assert wrong.counts == {
        "a record twice": 1,
        "odd number of turns": 1,
        "wrong order of speakers": 1,
        "empty answer": 1,
        "no turn can be used": 1,
        "a box outside [0, 1]": 1,
        "a box without area, kept": 1,
        "a picture outside the folder": 1,
        "a turn twice": 1,
        "not a conversation": 2,
    }
    assert "record 6, line 1, data/a/2.png: [0.1, 0.2, 0.3, 1.4]" in "\n".join(wrong.lines())


def test_pictures_that_are_missing_or_broken(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    PIL.Image.new("RGB", (4, 4)).save(tmp_path / "a/1.png")
    (tmp_path / "a/2.png").write_bytes(b"no picture")
    path = put(tmp_path / "x.json", [item(QUESTION, ANSWER, image=f"data/a/{n}.png") for n in (1, 2, 3)])
    unchecked, missing = read(path, tmp_path)
    assert [r.image for r in unchecked] == ["a/1.png", "a/2.png"] and missing.counts == {"missing picture": 1}
    checked, wrong = read(path, tmp_path, check=True, workers=2)
    assert [r.image for r in checked] == ["a/1.png"]
    assert wrong.counts == {"missing picture": 1, "broken picture": 1} and "a/2.png" in wrong.lines()[0]


def test_equal_texts_are_held_once(tmp_path: Path) -> None:
    write([Record(f"{n}.png", (Turn("What is it?", "A ship."),)) for n in range(3)], tmp_path / "x.json")
    found, _ = read(tmp_path / "x.json")
    assert len({id(r.turns[0].question) for r in found}) == 1


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = put(tmp_path / "x.json", "[]")
    (tmp_path / "x.json.part").mkdir()
    with pytest.raises(DataError, match="Cannot write"):
        write([], path)
    assert path.read_text() == "[]"


def test_problems_add_up() -> None:
    one = problems.Problems({"a": 7, "b": 1}, {"a": ("x",) * 5, "b": ("y",)})
    both = one + problems.Problems({"b": 2}, {"b": ("z",)})
    assert both.counts == {"a": 7, "b": 3} and both.lines()[1] == "3  b: y; z; ..."
    assert not problems.Problems() and one
    assert json_file.read.__doc__
