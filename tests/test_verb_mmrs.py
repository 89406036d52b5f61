"""`rsbench data mmrs` and `rsbench data overlap` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.cli import main


def rsbench(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str]:
    code = 0
    try:
        main([str(a) for a in args])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out + said.err


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    for n in range(10):
        path = tmp_path / f"RSSCN7/aGrass/a{n:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).resize((64, 64)).save(path)
    return tmp_path


def test_convert_then_check_then_compare(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = data / "x.json"
    code, said = rsbench(capsys, "data", "mmrs", "--from", data, "--source", "RSSCN7", "--output", output)
    assert code == 0 and "RSSCN7: 2 records, 2 turns" in said and "no problems" in said
    code, said = rsbench(capsys, "data", "mmrs", "--check", output, "--images", data)
    assert code == 0 and "2 records on 2 pictures, 2 turns" in said and "RSSCN7/aGrass" in said
    code, said = rsbench(capsys, "data", "overlap", output, data / "RSSCN7", "--images", data)
    assert (
        code == 0
        and "2 pairs: the same file" in said
        and "2 pictures in" in said
        and "0 pairs: nearly" in said
    )
    arguments = ("data", "overlap", output, data, "--images", data, "--format", "json", "--limit", 1)
    content, _ = json.JSONDecoder().raw_decode(rsbench(capsys, *arguments)[1])
    assert content["counts"] == {"file": 2, "pixels": 0, "near": 0} and content["pairs_not_listed"] == 1
    assert content["pairs"][0]["a"] == content["pairs"][0]["b"]
    code, said = rsbench(capsys, "data", "mmrs", "--from", data, "--source", "RSSCN7", "--output", output,
                         "--against", data / "RSSCN7")  # fmt: skip
    assert code == 0 and "RSSCN7: 0 records" in said and "2  a picture kept for evaluation" in said


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["mmrs"], 2, "One thing is done at a time"),
        (["mmrs", "--table1", "--check", "x.json"], 2, "One thing is done at a time"),
        (["mmrs", "--source", "RSSCN7"], 2, "needs --from and --output"),
        (["mmrs", "--source", "RSSCN8", "--from", ".", "--output", "x"], 2, "Did you mean RSSCN7"),
        (
            ["mmrs", "--source", "RSSCN7", "--split", "test", "--from", ".", "--output", "x"],
            3,
            "not for training",
        ),
        (["mmrs", "--source", "RSSCN7", "--from", "none", "--output", "x"], 3, "no folder none"),
        (["mmrs", "--check", "none.json"], 3, "none.json cannot be read"),
        (["overlap", "none/", "."], 3, "There is no none/"),
        (["overlap", "nonetask", "."], 2, "no folder, file or task 'nonetask'"),
        (["overlap", "x.json", "."], 3, "--images DIR"),
    ],
)
def test_errors(
    arguments: list[str], code: int, says: str, data: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(data)
    (data / "x.json").write_text("[]")
    found, said = rsbench(capsys, "data", *arguments)
    assert (found, says in said) == (code, True), said


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = rsbench(capsys, "data", "mmrs", "--table1")
    assert code == 0 and "HRISD" in said and "163,486" in said and "note:" in said


def test_overlap_of_tasks(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = rsbench(
        capsys, "data", "overlap", "images", data, "--data", data / "RSSCN7", "--distance", 0
    )
    assert code == 0 and "10 pairs: the same file" in said
