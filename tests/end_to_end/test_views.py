"""Pictures turned and disturbed, from the command: figures as without, and the truth in every view."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.cli import main
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini

COUNT = 3


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of runs, and of miniatures of a few pictures, each drawn once."""
    return tmp_path_factory.mktemp("runs")


def options(output: Path, task: str) -> list[str]:
    """The task, its data and the place of the run."""
    data = output / "data" / task
    if not data.exists():
        write_mini(read_card(task), data, count=COUNT)
    return ["--tasks", task, "--data", str(data), "--limit", str(COUNT), "--output", str(output)]


def run(output: Path, model: str, task: str, *more: str) -> Path:
    """The folder of a run."""
    before = set(output.glob(f"{task}-*"))
    main(["run", "--model", model, *options(output, task), *more])
    (folder,) = set(output.glob(f"{task}-*")) - before
    return folder


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("model", "task"),
    [
        ("oracle", "mar20_obb"),
        ("oracle", "dota_v1"),  # tiles, turned one by one
        ("oracle,dialect=earthgpt", "geochat_vg"),  # corners in text, over a padded square
        ("oracle", "masks"),
        ("oracle", "crsvqa"),
        ("oracle", "clrs"),
    ],
)
def test_the_truth_is_the_truth_in_every_view(output: Path, model: str, task: str) -> None:
    found = report(run(output, model, task, "--views", "d4"))
    views = found["details"]["views"]
    assert (views["samples"] > 0, found["failed"], views["unknown size"]) == (True, 0, 0)
    assert views["samples"] + views["directions"] == views["asked"] == found["samples"]
    assert [row["figure"] for row in views["views"].values()] == pytest.approx([1.0] * 8)
    assert views["agreement"] == views["the same in all"] == pytest.approx(1.0)


def test_the_figures_are_those_of_the_run_without(output: Path) -> None:
    plain = run(output, "random", "mar20_obb")
    both = run(output, "random", "mar20_obb", "--views", "d4", "--corrupt", "speckle,gsd/5")
    one, other = report(plain), report(both)
    for name in ("headline", "figures", "slices", "samples", "failed", "unparsable", "problems", "labels"):
        assert one[name] == other[name]
    assert {key: other["details"][key] for key in one["details"]} == one["details"]
    answers = rows(both, "responses.jsonl")
    assert answers[:3] == rows(plain, "responses.jsonl")  # the same keys, and before any other
    assert len(answers) == 3 * (1 + 7 + 6)
    evidence = rows(plain, "evidence.jsonl")
    assert rows(both, "evidence.jsonl")[: len(evidence)] == evidence
    assert (other["spec"]["views"], other["spec"]["corrupt"]) == ("d4", ["speckle", "gsd/5"])
    page = (both / "report.md").read_text()
    assert "--views d4 --corrupt speckle,gsd/5" in page and "## Turned and mirrored pictures" in page
    assert "## Disturbed pictures" in page and "## Turned" not in (plain / "report.md").read_text()


def test_all_of_it_is_scored_again_from_the_ledger(output: Path) -> None:
    folder = run(output, "random", "mar20_obb", "--views", "d4", "--corrupt", "haze/3")
    names = ("report.json", "report.md", "evidence.jsonl")
    kept = [(folder / name).read_bytes() for name in names]
    main(["score", str(folder)])
    assert [(folder / name).read_bytes() for name in names] == kept


def test_a_stopped_run_goes_on_where_it_was(output: Path) -> None:
    folder = run(output, "oracle", "mar20_obb", "--views", "d4", "--corrupt", "blur/2")
    whole, kept = (folder / "responses.jsonl").read_bytes(), (folder / "report.json").read_bytes()
    (folder / "responses.jsonl").write_bytes(whole[: len(whole) // 3])
    main(["run", "--model", "oracle", *options(output, "mar20_obb"), "--views", "d4", "--corrupt", "blur/2"])
    assert (folder / "report.json").read_bytes() == kept
    assert (folder / "responses.jsonl").read_bytes() == whole


def test_two_turns_about_a_turned_picture_and_confidence_of_its_boxes(output: Path) -> None:
    folder = run(output, "oracle,dialect=earthgpt", "mar20_obb", "--views", "d4", "--prompting", "hbb")
    views = report(folder)["details"]["views"]
    assert len(rows(folder, "responses.jsonl")) == 2 * 3 * 8
    rated = [row for row in rows(folder, "confidence.jsonl") if row["source"] == "clip-score"]
    # one of the three pictures shows no airplane
    assert len(rated) == 2 * 8 and all(None not in row["scores"] for row in rated)
    assert views["figure"].endswith("/clip-score")
    figures = [row["figure"] for row in views["views"].values()]
    assert figures[0] > 0.9 and figures == pytest.approx([figures[0]] * 8)


def test_answers_made_elsewhere_are_refused(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = output / "answers.jsonl"
    answers.write_text('{"id": "a", "text": "beach"}\n')
    with pytest.raises(SystemExit) as caught:
        run(output, f"replay,answers={answers}", "mar20_obb", "--views", "d4")
    assert caught.value.code == 2
    assert "cannot be turned or disturbed" in capsys.readouterr().err


def test_a_disturbance_that_does_not_exist(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(output, "oracle", "mar20_obb", "--corrupt", "fog/3")
    assert caught.value.code == 2 and "no disturbance 'fog'" in capsys.readouterr().err
