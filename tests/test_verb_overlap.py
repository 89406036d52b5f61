"""`rsbench data overlap --output` and `rsbench score --overlap` as a user calls them, one after the other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from rsbench.harness.cli import main

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    monkeypatch.chdir(tmp_path)

    def called(*arguments: object) -> tuple[int, str]:
        code = 0
        try:
            main([str(a) for a in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return code, said.out + said.err

    return called


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 24 drawn pictures, and a training set with the whole data's first three among others."""
    folder = tmp_path_factory.mktemp("drawn")
    runs = folder / "runs"
    arguments = ("--tasks", "nasc_tg2", "--data", "mini", "--limit", "24", "--output", str(runs))
    main(["run", "--model", "random", *arguments])
    (run,) = runs.glob("nasc_tg2-random-*")
    run.rename(folder / "run")
    samples = (folder / "run/samples.jsonl").read_text().splitlines()
    names = sorted({json.loads(line)["images"][0]["name"] for line in samples})
    (data,) = (path for path in (runs / "mini").iterdir())
    root = data if (data / names[0]).is_file() else next(p.parent for p in data.rglob(names[0]))
    (folder / "train").mkdir()
    shutil.copy(root / names[0], folder / "train/copy.jpg")
    with PIL.Image.open(root / names[1]) as picture:
        picture.convert("RGB").save(folder / "train/coded.png")
    with PIL.Image.open(root / names[2]) as picture:
        picture.convert("RGB").transpose(PIL.Image.Transpose.ROTATE_90).save(folder / "train/turned.jpg")
    (folder / "train/broken.jpg").write_bytes(b"\xff\xd8\xff")
    root.rename(folder / "data")
    return folder


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_from_the_pictures_to_the_report(drawn: Path, tmp_path: Path, call: Call) -> None:
    shutil.copytree(drawn / "run", tmp_path / "run")
    before = report(tmp_path / "run")
    code, said = call("data", "overlap", drawn / "train", drawn / "data", "--output", "list.json")
    assert code == 0 and "3 of " in said and "1 cannot be read" in said
    rows = json.loads(Path("list.json").read_text())["pictures"]
    assert {(r["kind"], r["of"]) for r in rows if r["kind"]} == {
        ("file", "copy.jpg"), ("pixels", "coded.png"), ("near", "turned.jpg")}  # fmt: skip
    code, said = call("score", "run", "--overlap", "list.json")
    assert code == 0
    after = report(tmp_path / "run")
    found = after["details"].pop("contamination")
    assert found["samples"] == {"all": 24, "shared": 3, "file": 1, "pixels": 1, "near": 1}
    assert found["train"]["broken"] == 1 and found["fingerprint"] == "that of the run"
    assert {k: v for k, v in after.items() if k != "digest"} == {
        k: v for k, v in before.items() if k != "digest"
    }
    assert "## Test pictures that are in a training set" in Path("run/report.md").read_text()
    # what was found stays when the run is scored again, and goes when its answers change
    assert call("score", "run")[0] == 0
    assert report(tmp_path / "run")["details"]["contamination"] == found
    lines = Path("run/responses.jsonl").read_text().splitlines(keepends=True)
    Path("run/responses.jsonl").write_text("".join(lines[:-2]))
    assert call("score", "run")[0] == 0
    assert "contamination" not in report(tmp_path / "run")["details"]


def test_what_does_not_fit_is_refused(drawn: Path, tmp_path: Path, call: Call) -> None:
    run = shutil.copytree(drawn / "run", tmp_path / "run")
    assert call("data", "overlap", drawn / "train", drawn / "train", "--output", "x.json") == (
        2,
        "rsbench: --output is of a training set and a test set, and A and B are one.\n",
    )
    assert call("data", "overlap", drawn / "data", drawn / "train", "--output", "turned.json")[0] == 0
    for arguments, code, says in (
        ((run, "--overlap", "turned.json"), 3, "were not compared"),
        ((run, "--overlap", "none.json"), 3, "There is no file none.json"),
        ((run, "--overlap", run / "spec.json"), 3, "it is no list of shared pictures"),
        (("turned.json", "--task", "vqa", "--overlap", "turned.json"), 2, "are for folders of runs"),
    ):
        found, said = call("score", *arguments)
        assert (found, says in said, "Traceback" in said) == (code, True, False), said
    assert "contamination" not in report(tmp_path / "run")["details"]
