"""The list of shared pictures: the surest match of each, written, read back, and refused when changed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.contract import Problem
from rsbench.harness.datasets.overlap import Match, Prints
from rsbench.harness.datasets.shared_pictures import ComparedPicture as Pictured
from rsbench.harness.datasets.shared_pictures import SharedPictures, Side, read, shared
from rsbench.harness.errors import DataError


def prints(*names: str, broken: tuple[str, ...] = (), plain: tuple[str, ...] = ()) -> Prints:
    count = len(names)
    files = tuple(f"bytes of {name}" for name in names)
    nothing = np.zeros((count, 8), np.uint64), np.zeros((count, 64, 64), np.uint8)
    problems = tuple(Problem(name, "damaged") for name in broken)
    return Prints(names, files, files, *nothing, tuple(name in plain for name in names), problems)


def made() -> SharedPictures:
    train, test = prints("a", "b"), prints("x", "y", "z", broken=("w",), plain=("y",))
    found = [Match(1, 0, "file"), Match(0, 0, "near", 1), Match(0, 2, "near", 3, "ROTATE_90")]
    return shared(("train/", "test/"), train, test, found, 8)


def test_the_surest_match_of_every_picture() -> None:
    found = made()
    assert found.pictures == {
        "x": Pictured("x", "bytes of x", kind="file", of="b"),
        "y": Pictured("y", "bytes of y", plain=True),
        "z": Pictured("z", "bytes of z", kind="near", of="a", distance=3, turned="ROTATE_90"),
        "w": Pictured("w", None),
    }
    train = sha256(b"bytes of a\nbytes of b").hexdigest()
    assert found.train == Side("train/", 2, 0, 0, train)
    assert (found.test.pictures, found.test.plain, found.test.broken) == (3, 1, 1)


def test_windows_of_a_picture_share_its_name() -> None:
    test = prints("x", "x", "y")
    for place in (0, 1):
        found = shared(("a", "b"), prints("a"), test, [Match(0, place, "pixels")], 8)
        assert found.pictures["x"].kind == "pixels" and found.pictures["y"].kind is None


def test_written_and_read_back(tmp_path: Path) -> None:
    made().write(tmp_path / "below" / "list.json")
    found = read(tmp_path / "below" / "list.json")
    assert found.pictures == made().pictures and found.train == made().train and found.distance == 8
    assert found.digest == json.loads((tmp_path / "below" / "list.json").read_text())["digest"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda row: row["pictures"][0].update(kind=None), "was changed after it was written"),
        (lambda row: row.update(format=9), "format 9"),
        (lambda row: row.pop("digest"), "has no 'digest'"),
        (lambda row: row["pictures"][0].update(colour="red"), "colour"),
        (lambda row: row.update(pictures=3), "cannot be read"),
    ],
)
def test_what_was_changed_is_refused(change: object, says: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    made().write(path)
    row = json.loads(path.read_text())
    assert callable(change)
    change(row)
    path.write_text(json.dumps(row))
    with pytest.raises(DataError, match=says) as error:
        read(path)
    assert "rsbench data overlap TRAIN TEST --output FILE" in str(error.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00", '"x"'])
def test_no_list(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "x.json")
    for absent in ("y.json", "."):
        with pytest.raises(DataError, match="There is no file"):
            read(tmp_path / absent)
