"""The command from end to end on embedded data, with adapters whose scores are known beforehand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.cli import main
from rsbench.reference_model.checkpoint import digest

CLASSIFICATION = ("clrs", "nasc_tg2", "nwpu_resisc45", "images")
DETECTION = ("mar20", "mar20_obb", "coco", "voc", "dota")


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of runs, so that every miniature is drawn once."""
    return tmp_path_factory.mktemp("runs")


def run(output: Path, model: str, task: str, *more: str) -> dict[str, Any]:
    """Run a task on 24 samples of its miniature; the report."""
    before = set(output.glob(f"{task}-*"))
    options = ["--data", "mini", "--limit", "24", "--output", str(output), *more]
    main(["run", "--model", model, "--tasks", task, *options])
    (folder,) = set(output.glob(f"{task}-*")) - before
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


@pytest.mark.parametrize("task", CLASSIFICATION + DETECTION)
def test_the_oracle_reaches_100_percent(output: Path, task: str) -> None:
    report = run(output, "oracle", task)
    assert report["headline"]["value"] == pytest.approx(1.0)
    assert (report["failed"], report["unparsable"]) == (0, 0)
    assert "mini" in report["labels"]


@pytest.mark.parametrize("task", CLASSIFICATION)
@pytest.mark.parametrize("dialect", ["earthgpt", "plain"])
def test_labels_pass_through_a_dialect_unharmed(output: Path, task: str, dialect: str) -> None:
    assert run(output, f"oracle,dialect={dialect}", task)["headline"]["value"] == 1.0


@pytest.mark.parametrize("task", ["mar20", "mar20_obb"])
def test_two_decimals_cost_little(output: Path, task: str) -> None:
    report = run(output, "oracle,dialect=earthgpt", task)
    figures = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert figures["one-class/AP@0.40/voc07/none"] > 0.9
    assert report["unparsable"] == 0


@pytest.mark.parametrize("task", ["clrs", "mar20", "mar20_obb"])
@pytest.mark.parametrize("model", ["blank", "list_all"])
def test_saying_nothing_or_everything_stays_at_the_floor(output: Path, task: str, model: str) -> None:
    report = run(output, model, task)
    strict = [f["value"] for f in report["figures"] if "AP@" in f["name"] or f["name"] == "top-1"]
    assert strict and all(
        (value or 0.0) <= 0.1 for value in strict
    )  # some public rules reward an empty answer


def test_a_model_on_random_is_near_chance(output: Path) -> None:
    assert run(output, "random", "clrs")["headline"]["value"] < 0.35


def test_tables_are_printed_with_the_published_rows_and_the_label(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", "mini", "--limit", "24", "--output", str(output)]
    main(["run", "--model", "oracle", "--tasks", "mar20,clrs", *options])
    printed = capsys.readouterr().out
    for words in (
        "90.47",
        "77.37",
        "GroundingDINO",
        "Qwen-VL-Chat",
        "mini",
        "limited to 24",
        "Not comparable",
    ):
        assert words in printed


def test_a_ledger_scores_again_to_the_same_bytes(output: Path) -> None:
    main(
        [
            "run",
            "--model",
            "oracle",
            "--tasks",
            "clrs",
            "--data",
            "mini",
            "--limit",
            "24",
            "--output",
            str(output),
        ]
    )
    folder = sorted(output.glob("clrs-oracle-*"))[0]
    kept = {name: (folder / name).read_bytes() for name in ("report.json", "report.md", "evidence.jsonl")}
    main(["score", str(folder)])
    assert kept == {name: (folder / name).read_bytes() for name in kept}


def test_killed_runs_end_with_the_same_report(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "benchmarks" / "kill_and_continue.py"
    words = [
        sys.executable,
        str(script),
        "--model",
        "random",
        "--tasks",
        "mar20",
        "--limit",
        "20",
        "--kills",
        "2",
    ]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONWARNINGS"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prompting_stands_beside_the_same_run_without_it(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = run(output, "random", "mar20_obb")
    first = run(output, "random", "mar20_obb", "--prompting", "hbb")
    assert first["spec"]["prompting"] == "hbb" and "prompting hbb" in first["labels"]
    assert first["spec"]["source"] == bare["spec"]["source"] and first["figures"] == bare["figures"]
    capsys.readouterr()
    folders = [str(path) for path in sorted(output.glob("mar20_obb-random-*"))]
    main(["report", *folders])
    rows = [line for line in capsys.readouterr().out.splitlines() if "(this run" in line]
    assert sorted("prompting hbb" in row for row in rows) == [False, True]


def test_prompting_for_a_task_that_has_none_is_said_before_anything_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "--model", "blank", "--tasks", "clrs", "--data", "mini", "--prompting", "count"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--output", str(tmp_path)])
    assert stop.value.code == 2 and not list(tmp_path.iterdir())
    assert "clrs has no question that could come first" in capsys.readouterr().err


def test_a_confidence_that_cannot_be_set_up_is_said_before_anything_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "--model", "blank", "--tasks", "mar20", "--data", "mini", "--output", str(tmp_path)]
    for text, said in (
        ("clip-scores,checkpoint=x", "clip-score"),
        ("clip-score,checkpiont=x", "checkpoint"),
        ("none,runtime=x", "runtime"),
    ):
        with pytest.raises(SystemExit) as stop:
            main([*words, "--confidence", text])
        assert stop.value.code == 2 and not list(tmp_path.iterdir())
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main([*words, "--confidence", "none", "--confidence", "none"])
    assert stop.value.code == 2 and "twice" in capsys.readouterr().err


def test_boxes_are_rated_by_another_clip_on_demand(
    output: Path, text_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = "oracle,dialect=earthgpt"  # writes boxes as text: they come without scores
    first = run(output, model, "mar20", "--limit", "4")
    other = ["--confidence", f"clip-score,checkpoint={text_folder}"]
    words = ["run", "--model", model, "--tasks", "mar20", "--data", "mini", "--limit", "4"]
    main([*words, "--output", str(output), *other])
    (folder,) = (
        p
        for p in output.glob("mar20-oracle-*")
        if json.loads((p / "report.json").read_text())["spec"] == first["spec"]
    )
    again = json.loads((folder / "report.json").read_text())
    assert again["details"]["raters"]["none"] == first["details"]["raters"]["none"]
    digests = [report["details"]["raters"]["clip-score"] for report in (first, again)]
    assert digests[0] != digests[1] == digest(text_folder)
    assert f"clip-score {digests[1]}" in (folder / "report.md").read_text()
