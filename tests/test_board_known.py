"""Fingerprints of official copies: by a maintainer's word, or that of two submitters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.board.known import (
    FOLDER,
    Fingerprint,
    Known,
    fingerprint_of,
    read_vouched,
    vouch,
    vouched_files,
)
from rsbench.harness.errors import DataError

from .board_runs import TASK, entry, report

COPY = Fingerprint(TASK, 1, "subset", None, "a" * 64, "b" * 64)

ROW = f"- {{task: {TASK}, task_version: 1, split: s, errata: null, annotations: a, images: b, verified: me}}"


def test_a_fingerprint_is_what_the_report_says_of_its_data() -> None:
    assert fingerprint_of(report()) == COPY
    assert fingerprint_of(report(images=None)) is None


def test_one_submitter_is_not_enough() -> None:
    assert Known({}, [entry(by=("a",))]).why(COPY) is None
    assert Known({}, [entry(by=("a",)), entry(by=("a",), seed=1)]).why(COPY) is None
    assert Known({}, [entry(), entry(seed=1)]).why(COPY) is None  # nobody said who they are
    assert Known({}, [entry(by=("b", "a"))]).why(COPY) == "named by a, b"
    assert Known({}, [entry(by=("b",)), entry(by=("a",), seed=1)]).why(COPY) == "named by a, b"
    other = [entry(by=("a",)), entry(by=("b",), images="d" * 64)]
    assert Known({}, other).why(COPY) is None


def test_what_was_vouched_for_is_read_back(tmp_path: Path) -> None:
    assert vouched_files(tmp_path) == []
    path = vouch(tmp_path, COPY, "Jane Doe: 'the first'")
    more = replace(COPY, errata=2, annotations="c" * 64)
    vouch(tmp_path, more, "John")
    before = path.read_text(encoding="utf-8")
    vouch(tmp_path, COPY, "somebody else")  # the first word stays
    assert path == tmp_path / FOLDER / f"{TASK}.yaml" and path.read_text(encoding="utf-8") == before
    assert vouched_files(tmp_path) == [path]
    known = Known(read_vouched(path))
    assert known.of(TASK) == {COPY: "verified by Jane Doe: 'the first'", more: "verified by John"}
    assert known.of("clrs") == {}


@pytest.mark.parametrize(
    "content",
    [
        "[",
        "5",
        "- 5",
        "- {}",
        f"- {{task: {TASK}}}",
        ROW.replace(TASK, "clrs"),
        ROW.replace("task_version: 1", "task_version: x"),
        ROW.replace("verified: me", "verified: ''"),
        "!!python/object:os.system {}",
    ],
)
def test_a_damaged_list_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    path = tmp_path / FOLDER / f"{TASK}.yaml"
    path.write_text(ROW)
    assert list(read_vouched(path).values()) == ["me"]
    path.write_text(content)
    with pytest.raises(DataError, match=f"{FOLDER}/{TASK}.yaml cannot be read"):
        read_vouched(path)
    with pytest.raises(DataError, match="cannot be read"):
        vouch(tmp_path, COPY, "me")
