"""`rsbench compare` as a user calls it: text, markdown, JSON, files, refusals and hostile answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.cli import main
from rsbench.harness.result import Result

from .two_runs import SCENES, questions, run, scenes

HOSTILE = "<script>alert(1)</script> | `x` [a](b)\x1b[2J\u202eyes"


def rsbench(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    code = 0
    try:
        main(["compare", *(str(a) for a in args)])
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def folder(result: Result) -> Path:
    assert result.ledger is not None
    return result.ledger.folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Every answer right; and every third wrong, one of them hostile."""
    place = tmp_path_factory.mktemp("runs")
    gold = [sample.target.texts[0] for sample in questions()]
    said = ["dunno" if n % 3 == 0 else word for n, word in enumerate(gold)]
    said[0] = HOSTILE
    before = run(place / "a", "vqa", questions(), gold)
    after = run(place / "b", "vqa", questions(), said, checkpoint="c" * 64)
    return folder(before), folder(after)


def test_text(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = rsbench(capsys, *runs, "--flips", 2)
    assert code == 0 and not err
    first = out.splitlines()[0]
    assert first.startswith(
        "B is worse than A in rsvqa/strict/OA by 33.33 points: the interval of B - A, -33.33"
    )
    assert "excludes 0 (p 0.002)" in first
    assert "right -> wrong: 2 of 40" in out and "Differs: checkpoint: none -> cccc" in out
    assert "McNemar: 40 right in A alone, 0 in B alone" in out
    assert "\x1b" not in out and "\u202e" not in out and "\\x1b[2J\\u202eyes" in out


def test_the_other_way_round_it_is_better(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = rsbench(capsys, *reversed(runs), "--flips", 0)
    assert out.startswith("B is better than A in rsvqa/strict/OA by 33.33 points") and "dunno" not in out


def test_two_beside_the_baseline(runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = rsbench(capsys, runs[0], runs[0], runs[1])
    assert (
        code == 0 and "B equals A in rsvqa/strict/OA: 100.00 both, and no sample counts differently." in out
    )
    assert "No slice differs." in out and "All are right in both." in out and "C is worse than A" in out


def test_markdown_marks_nothing_that_a_model_said(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = rsbench(capsys, *runs, "--format", "markdown", "--flips", 1)
    assert code == 0 and "### right -> wrong: 1 of 40" in out
    (line,) = [line for line in out.splitlines() if "alert(1)" in line]
    assert line.strip() == "- B: `<script>alert(1)</script> | 'x' [a](b)\\x1b[2J\\u202eyes`"


def test_json_into_a_file(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "said.json"
    names = ("--figures", "rsvqa/strict/OA", "--figures", "*type: comp", "--flips", 3)
    code, out, _ = rsbench(capsys, *runs, *names, "--format", "json", "--output", place, "--resamples", 100)
    assert code == 0 and not out
    found = json.loads(place.read_text(encoding="utf-8"))
    (one,) = found["comparisons"]
    assert found["baseline"]["name"] == runs[0].name and one["run"]["name"] == runs[1].name
    assert one["figures"][0]["figure"] == "rsvqa/strict/OA" and len(one["figures"]) > 2
    assert one["figures"][0]["difference"]["value"] == pytest.approx(-1 / 3)
    (lost,) = one["flips"]
    assert (lost["kind"], lost["samples"], len(lost["listed"])) == ("right -> wrong", 40, 3)
    assert lost["listed"][0]["said"] == ["no", HOSTILE] and lost["listed"][0]["first"] == "right"


def test_a_report_alone_says_what_it_cannot(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = rsbench(capsys, runs[0] / "report.json", runs[1])
    assert code == 0 and "Unpaired: one side is a report without its answers" in out
    assert "Give the folders of both runs" in out and "->" not in out.partition("| Figure")[2]


def test_refusals(runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder(run(tmp_path / "x", "images", scenes(3), list(SCENES), SCENES))
    code, _, err = rsbench(capsys, runs[0], other)
    assert code == 3 and "different tasks, vqa and images" in err and "Compare runs of one task" in err
    report = other / "report.json"
    report.write_text(report.read_text(encoding="utf-8").replace('"samples": 3', '"samples": 4'))
    code, _, err = rsbench(capsys, other, other)
    assert code == 3 and "was changed after it was written" in err
    assert rsbench(capsys, runs[0], tmp_path / "nothing")[0] == 3
    code, _, err = rsbench(capsys, *runs, "--figures", "rsvqa/strict/0A")
    assert code == 2 and "Did you mean rsvqa/strict/OA" in err
    assert rsbench(capsys, *runs, "--all", "--figures", "*")[0] == 2
    assert rsbench(capsys, runs[0])[0] == 2


def test_no_difference_is_not_called_equality(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = [sample.target.texts[0] for sample in questions(8, 1)]
    said = [["dunno", *gold[1:]], [gold[0], "dunno", *gold[2:]]]
    runs = [folder(run(tmp_path / str(n), "vqa", questions(8, 1), texts)) for n, texts in enumerate(said)]
    _, out, _ = rsbench(capsys, *runs)
    first = out.splitlines()[0]
    assert first.startswith("No difference in rsvqa/strict/OA is shown: B - A is 0.00 points")
    assert "no proof that they are equal" in first and "Only 8 pictures" in first
