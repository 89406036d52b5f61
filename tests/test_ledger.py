"""The run folder: what is appended survives, what is torn is dropped, what is foreign is refused."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.contract import Decoding, Image, Problem, Region, Response, Sample, Source, Spec, Target
from rsbench.harness.errors import DataError
from rsbench.harness.ledger import Appender, Ledger, start


def spec(**changes: Any) -> Spec:
    values: dict[str, Any] = {
        "task": "clrs",
        "task_version": 1,
        "source": Source("folder", "test", 2, "a" * 64, None),
        "adapter": "blank",
        "arguments": {},
        "checkpoint": None,
        "dialect": None,
        "dialect_version": None,
        "decoding": Decoding(),
        "limit": None,
        "seed": 0,
    }
    return Spec(**{**values, **changes})


def sample(name: str = "a") -> Sample:
    region = Region((1.0, 2.0, 3.0, 4.5), "ship", ignore=True)
    return Sample(name, (Image(f"{name}.png", f"/here/{name}.png", size=(4, 5)),), Target(regions=(region,)))


def begin(folder: Path, **changes: Any) -> Ledger:
    problems = [Problem("b.png", "cannot be read")]
    return start(folder, spec(**changes), ("ship",), [sample()], problems, {"python": "3"}, "a note")


def test_what_was_written_is_read_back_without_paths(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    (read,) = ledger.samples()
    assert read.target == sample().target
    assert read.images == (Image("a.png", "", size=(4, 5)),)
    assert ledger.problems() == (Problem("b.png", "cannot be read"),)
    assert "/here" not in (ledger.folder / "samples.jsonl").read_text()
    assert ledger.head["note"] == "a note"


def test_another_spec_is_another_folder(tmp_path: Path) -> None:
    first, again = begin(tmp_path).folder, begin(tmp_path).folder
    assert first == again
    assert begin(tmp_path, decoding=Decoding(temperature=0.5)).folder != first
    assert begin(tmp_path, seed=1).folder != first


def test_the_last_line_of_a_key_counts(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    with Appender(ledger, "responses.jsonl") as appender:
        appender.response(Response("k", "a", error="out of memory"))
        appender.response(Response("k", "a", text="ship"))
    assert ledger.responses() == {"k": Response("k", "a", text="ship")}


@pytest.mark.parametrize("torn", [b"{", b'{"key": "z"', b'{"key": "z", "sample_id": "a"}', b"\xff\xfe"])
def test_a_torn_last_line_is_dropped_and_written_over(tmp_path: Path, torn: bytes) -> None:
    ledger = begin(tmp_path)
    with Appender(ledger, "responses.jsonl") as appender:
        appender.response(Response("k", "a", text="x" * 200_000))
    path = ledger.folder / "responses.jsonl"
    path.write_bytes(path.read_bytes() + torn)
    assert list(ledger.responses()) == ["k"]
    with Appender(ledger, "responses.jsonl") as appender:
        appender.response(Response("l", "a", text="y"))
    assert list(ledger.responses()) == ["k", "l"]


def test_a_file_that_is_only_a_torn_line_becomes_empty(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    (ledger.folder / "responses.jsonl").write_bytes(b'{"key"')
    with Appender(ledger, "responses.jsonl"):
        pass
    assert (ledger.folder / "responses.jsonl").read_bytes() == b""


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    (ledger.folder / "responses.jsonl").write_text('{"key": "k", "sample_id": "a"}\nnonsense\n')
    with pytest.raises(DataError, match="Line 2 of responses.jsonl"):
        ledger.responses()


@pytest.mark.parametrize("name", ["samples.jsonl", "problems.jsonl", "responses.jsonl", "confidence.jsonl"])
@pytest.mark.parametrize("line", ["5", "null", '{"a": 1}', '"text"', "[" * 5000, "{}"])
def test_a_line_of_another_form_is_named(tmp_path: Path, name: str, line: str) -> None:
    ledger = begin(tmp_path)
    (ledger.folder / name).write_text(line + "\n")
    readers: dict[str, Callable[[], object]] = {
        "s": ledger.samples,
        "p": ledger.problems,
        "r": ledger.responses,
        "c": ledger.confidences,
    }
    with pytest.raises(DataError, match=f"Line 1 of {name}"):
        readers[name[0]]()


def test_a_sample_that_stands_twice_is_damage(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    path = ledger.folder / "samples.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[0]]), encoding="utf-8")
    with pytest.raises(DataError, match="stands there twice"):
        ledger.samples()


def test_an_opening_file_that_is_missing_or_torn_is_damage(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    path = ledger.folder / "samples.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match="Line 1 of samples.jsonl"):
        ledger.samples()
    path.unlink()
    with pytest.raises(DataError, match="samples.jsonl of the ledger"):
        ledger.samples()


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    with Appender(ledger, "responses.jsonl"), pytest.raises(DataError, match="Another rsbench"):
        Appender(ledger, "responses.jsonl").__enter__()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no ledger"),
        ("{", "cannot be read"),
        ('{"format": 99}', "format 99"),
        ("[]", "format None"),
        ('{"format": 1}', "spec.json .* cannot be used"),
        ('{"format": 1, "spec": {}, "classes": [], "versions": {}}', "adapter"),
    ],
)
def test_a_foreign_folder_is_refused_with_exit_code_3(
    tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "spec.json").write_text(content)
    with pytest.raises(DataError, match=words) as caught:
        Ledger(tmp_path)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("classes", [None, 5, "ship"])
def test_classes_that_are_no_list_are_damage(tmp_path: Path, classes: object) -> None:
    folder = begin(tmp_path).folder
    head = json.loads((folder / "spec.json").read_text())
    (folder / "spec.json").write_text(json.dumps({**head, "classes": classes}))
    with pytest.raises(DataError, match="classes is no list"):
        Ledger(folder)


def test_a_full_disk_leaves_a_readable_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = begin(tmp_path)
    with Appender(ledger, "responses.jsonl") as appender:
        appender.response(Response("k", "a", text="ship"))
        file = appender._file
        assert file is not None

        def full() -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(appender, "_file", _Full(file, full))
            with pytest.raises(DataError, match="No space left.*\n.*continues"):
                appender.response(Response("l", "a", text="plane"))
    assert list(ledger.responses()) == ["k"]


class _Full:
    """A file on a full disk: takes half of a line, then fails."""

    def __init__(self, file: Any, flush: Any) -> None:
        self._file, self.flush = file, flush

    def write(self, line: bytes) -> None:
        self._file.write(line[: len(line) // 2])

    def close(self) -> None:
        self._file.close()


def test_spec_json_says_what_was_asked(tmp_path: Path) -> None:
    head = json.loads((begin(tmp_path).folder / "spec.json").read_text())
    assert head["spec"]["source"]["annotations"] == "a" * 64
    assert head["classes"] == ["ship"]


def test_a_ledger_from_before_there_was_prompting_is_read_and_found_again(tmp_path: Path) -> None:
    path = begin(tmp_path).folder / "spec.json"
    head = json.loads(path.read_text())
    assert head["spec"].pop("prompting") is None
    path.write_text(json.dumps(head))
    again = begin(tmp_path)
    assert again.folder == path.parent and "prompting" not in again.spec
    assert begin(tmp_path, prompting="count").folder != path.parent


def test_samples_of_changed_pictures_are_left_out_where_they_are_not_wanted(tmp_path: Path) -> None:
    own = Sample("a", (Image("a.png", "", size=(4, 4)),), Target("beach"))
    turned = replace(own, id="a~flip", images=(replace(own.images[0], change="flip"),))
    ledger = start(tmp_path, spec(), ("beach",), [own, turned], [], {})
    assert ledger.samples() == (own, turned) and ledger.samples(changed=False) == (own,)
