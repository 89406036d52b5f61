"""`rsbench gate` from the command line: exit codes, outputs, and everything it refuses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from defusedxml.ElementTree import parse

from rsbench.harness import score
from rsbench.harness.cli import main
from rsbench.harness.contract import digest

from . import made_answers

RULES = "figures: [{figure: headline, points: 1}]\nresamples: 100\n"
FIRST_HOLDS = "figures: [{{figure: headline, points: {}}}, {{figure: rsvqa/strict/OA, points: {}}}]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str


Gate = Callable[..., Outcome]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one task; not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    for name, right in {"good": 270, "bad": 240}.items():
        made_answers.run(folder / name, right).rename(folder / f"{name}-run")
    made_answers.run(folder / "other", 270, other_truths=4).rename(folder / "other-run")
    made_answers.run(folder / "mute", 240, garbled=60).rename(folder / "mute-run")
    return folder


@pytest.fixture
def gate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Gate:
    """The command in this process: any exception but an exit would be the traceback a user sees."""

    def command(baseline: Path, current: Path, rules: str = RULES, *more: str) -> Outcome:
        file = tmp_path / "gate.yaml"
        file.write_text(rules, encoding="utf-8")
        capsys.readouterr()
        places = ["--baseline", str(baseline), "--current", str(current), "--config", str(file)]
        code = 0
        try:
            main(["gate", *places, *more])
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return command


def copy(made: Path, name: str, folder: Path) -> Path:
    return Path(shutil.copytree(made / f"{name}-run", folder / name))


def change(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    row = json.loads(path.read_text(encoding="utf-8"))
    change(row)
    path.write_text(json.dumps(row), encoding="utf-8")


def again(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a report as a program would write it: with a digest that is right."""
    path = run / "report.json"
    row = json.loads(path.read_text(encoding="utf-8"))
    del row["digest"]
    change(row)
    path.write_text(json.dumps({**row, "digest": digest(row)}), encoding="utf-8")


def test_worse_one_way_and_a_pass_the_other(made: Path, gate: Gate, tmp_path: Path) -> None:
    junit, summary = tmp_path / "gate.xml", tmp_path / "summary.md"
    summary.write_text("# Earlier\n", encoding="utf-8")
    more = ("--junit", str(junit), "--summary", str(summary), "--link", "pages/{run}.html#{id}")
    fails = gate(made / "good-run", made / "bad-run", RULES, *more)
    assert fails.code == 1 and "The gate fails: worse than the baseline (1 of 1 figures worse)" in fails.err
    assert "worse: vqa rsvqa/strict/OA: 90.00 before, 80.00 now, -10.00 [" in fails.out
    root: Any = parse(junit).getroot()
    assert root.get("failures") == "1" and root[0][0].get("name") == "rsvqa/strict/OA"
    said = summary.read_text(encoding="utf-8")
    assert said.startswith("# Earlier\n## Gate: worse") and "30 samples are worth less than before" in said
    assert "- [`240`](pages/bad-run.html#240): right, now wrong" in said
    passes = gate(made / "bad-run", made / "good-run")
    assert passes.code == 0 and not passes.err and "rose by 10.00 points, which is better" in passes.out
    assert gate(made / "bad-run", made / "bad-run").code == 0


def test_markdown_on_the_screen_and_the_example(made: Path, gate: Gate, capsys: Any, tmp_path: Path) -> None:
    said = gate(made / "good-run", made / "good-run", RULES, "--format", "markdown")
    assert said.code == 0 and said.out.startswith("## Gate: pass: nothing is worse")
    capsys.readouterr()
    main(["gate", "--example"])
    example = capsys.readouterr().out
    assert example.startswith("# What `rsbench gate` holds a run to")
    assert gate(made / "good-run", made / "bad-run", example).code == 1


@pytest.mark.parametrize(
    ("rules", "code", "said"),
    [
        ("figures: [{figure: headline, points: 20}]", 0, "fell by 10.00 points, within the tolerance"),
        ("figures: [{figure: headline, percent: 10}]", 1, "more than the tolerance of 10 % of the baseline"),
        ("figures: [{figure: headline, percent: 12}]", 0, "within the tolerance of 12 % of the baseline"),
        (FIRST_HOLDS.format(1, 50), 1, "more than the tolerance of 1 point"),
        (FIRST_HOLDS.format(50, 1), 0, "within the tolerance of 50 points"),
        (RULES + "significance: 0.01", 1, "more than chance alone gives"),  # takes more than 100 draws
        (RULES + "samples: 301", 3, "300 samples are too few: the gate file asks for 301"),
    ],
)
def test_rules(made: Path, gate: Gate, rules: str, code: int, said: str) -> None:
    outcome = gate(made / "good-run", made / "bad-run", rules)
    assert outcome.code == code and said in outcome.out


def test_answers_that_cannot_be_understood(made: Path, gate: Gate) -> None:
    rules = RULES.replace("points: 1", "points: 90")
    within = gate(made / "good-run", made / "mute-run", rules + "unparsable: {most: 20, rise: 25}")
    assert within.code == 0
    most = gate(made / "good-run", made / "mute-run", rules + "unparsable: {most: 15}")
    assert most.code == 1 and "20.00 % of the answers cannot be understood, 15 % are let pass" in most.out
    rise = gate(made / "good-run", made / "mute-run", rules + "unparsable: {rise: 5}")
    assert rise.code == 1 and "unparsable answers, rise: 0.00 before, 20.00 now, +20.00 [" in rise.out
    back = gate(made / "mute-run", made / "good-run", rules + "unparsable: {rise: 0}")
    assert back.code == 0 and "fell by 20.00 points, which is better" in back.out


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "figures: [{figure: rsvqa/strict/OB, points: 1}]",
            "There is no figure 'rsvqa/strict/OB'.\nDid you mean",
        ),
        ("figures: [{figure: 'AP@*', points: 1}]", "There is no figure 'AP@*'"),
        ("figures: [{figure: headline, points: 1, tasks: mar20}]", "There is no task 'mar20'"),
        (
            "figures: [{figure: headline, points: 1, drop: 2}]",
            "There is no key of gate.yaml: figures[1] 'drop'",
        ),
        ("", "gate.yaml is empty where a mapping of rules is expected"),
        ("- a list", "gate.yaml is a list"),
        ("!!python/object/apply:os.getcwd []", "gate.yaml is no YAML"),
    ],
)
def test_a_wrong_gate_file_is_refused_before_anything_is_scored(
    made: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch, rules: str, said: str
) -> None:
    def scored(*_: object) -> None:
        raise AssertionError("scored")

    monkeypatch.setattr(score, "items", scored)
    outcome = gate(made / "good-run", made / "bad-run", rules)
    assert outcome.code == 2 and said in outcome.err and not outcome.out


def test_options_that_are_wrong(made: Path, gate: Gate, tmp_path: Path) -> None:
    for option in ("--junit", "--summary"):
        folder = gate(made / "good-run", made / "bad-run", RULES, option, str(tmp_path))
        assert folder.code == 2 and "is a directory" in folder.err
    nowhere = gate(made / "good-run", made / "bad-run", RULES, "--junit", str(tmp_path / "no" / "gate.xml"))
    assert nowhere.code == 2 and "There is no folder" in nowhere.err and not nowhere.out
    with pytest.raises(SystemExit) as stop:
        main(["gate", "--current", "runs"])
    assert stop.value.code == 2


def spoil_version(run: Path) -> None:
    change(run / "spec.json", lambda row: row["spec"].update(task_version=2))


def spoil_digest(run: Path) -> None:
    change(run / "report.json", lambda row: row["headline"].update(value=0.99))


def spoil_answers(run: Path) -> None:
    path = run / "responses.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-30]))
    main(["score", str(run), "--resamples", "20"])


def spoil_answers_alone(run: Path) -> None:
    path = run / "responses.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-30]))


def spoil_card(run: Path) -> None:
    import yaml

    from rsbench.harness.datasets.card import CATALOGUE

    card = yaml.safe_load((CATALOGUE / "vqa.yaml").read_text(encoding="utf-8"))
    card["protocol"]["rule"] = "rsvqa/lhrs"
    (run / "card.json").write_text(json.dumps(card), encoding="utf-8")


def spoil_samples(run: Path) -> None:
    path = run / "samples.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"target"', b'"garget"', 1))


def spoil_report(run: Path) -> None:
    (run / "report.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "reason", "remedy"),
    [
        (spoil_version, "vqa is version", "Run again what is of version 1"),
        (spoil_card, "Their cards of vqa differ: protocol", "Run both under the same card"),
        (spoil_answers, "is incomplete: 30 of 300 samples have no answer", "asks for the rest: "),
        (spoil_answers_alone, "is incomplete: 30 of 300 questions have no answer", "run it again"),
        (spoil_digest, "was changed after it was written: its digest differs", "rsbench score"),
        (spoil_samples, "samples.jsonl", "The ledger was damaged: restore it"),
        (spoil_report, "There is no report in", "rsbench score"),
    ],
)
@pytest.mark.parametrize("side", ["baseline", "current"])
def test_what_cannot_be_compared(
    made: Path,
    gate: Gate,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    reason: str,
    remedy: str,
    side: str,
) -> None:
    spoiled = copy(made, "good", tmp_path)
    spoil(spoiled)
    places = (spoiled, made / "bad-run") if side == "baseline" else (made / "bad-run", spoiled)
    outcome = gate(*places, RULES, "--junit", str(tmp_path / "gate.xml"))
    assert outcome.code == 3 and outcome.out.startswith("Gate: not comparable with the baseline")
    for text in (outcome.out, outcome.err):
        assert reason in text and remedy in text
    root: Any = parse(tmp_path / "gate.xml").getroot()
    assert root.get("errors") == "1"


def test_other_data(made: Path, gate: Gate) -> None:
    outcome = gate(made / "good-run", made / "other-run")
    assert outcome.code == 3 and "The annotations differ: 300 items, sha256 " in outcome.out
    assert "rsbench data verify" in outcome.err


def test_reports_alone_are_a_matter_of_the_gate_file(made: Path, gate: Gate, tmp_path: Path) -> None:
    reports = made / "good-run" / "report.json", made / "bad-run" / "report.json"
    refused = gate(*reports)
    assert refused.code == 3 and "is at hand, not the answers" in refused.err
    assert "write `paired: false` in the gate file" in refused.err
    rules = RULES + "paired: false\n"
    fails = gate(*reports, rules)
    assert fails.code == 1 and "-10.00 [" in fails.out
    paired = gate(made / "good-run", made / "bad-run", RULES)
    assert width(fails.out) > width(paired.out)  # intervals against each other are wider
    assert gate(*reports[::-1], rules).code == 0
    assert "samples are worth less" not in fails.out and "samples are worth less" in paired.out
    mute = gate(reports[1], made / "mute-run" / "report.json", rules + "unparsable: {rise: 5}\n")
    assert mute.code == 1 and "unparsable answers, rise: 0.00 before, 20.00 now" in mute.out
    other = copy(made, "good", tmp_path)
    main(["score", str(other), "--rule", "rsvqa/lhrs", "--resamples", "20"])
    protocol = gate(other / "report-rsvqa-lhrs.json", reports[1], rules)
    assert protocol.code == 3 and "Their labels differ: rule rsvqa/lhrs and none." in protocol.err


def width(said: str) -> float:
    low, high = said.partition("-10.00 [")[2].partition("]")[0].split(", ")
    return float(high) - float(low)


def test_folders_of_runs_are_paired_by_task(made: Path, gate: Gate, tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    copy(made, "good", before)
    copy(made, "bad", after)
    renamed = copy(made, "good", tmp_path)
    change(renamed / "spec.json", lambda row: row["spec"].update(task="choices"))
    again(renamed, lambda row: row.update(task="choices"))
    shutil.copytree(renamed, after / "choices")
    (after / "mini").mkdir()  # what else lies there is passed by
    fails = gate(before, after)
    assert fails.code == 1 and "choices has no run in the baseline: it is not judged" in fails.out

    back = gate(after, before)
    assert back.code == 3 and "The current side has no run of it; it has vqa." in back.out
    assert "pass: vqa rsvqa/strict/OA" in back.out and "`missing: allow`" in back.err
    assert gate(after, before, RULES + "missing: allow").code == 0
    none = gate(renamed, made / "good-run", RULES + "missing: allow")
    assert none.code == 3 and "has no run of it" in none.err

    copy(made, "good", after)
    twice = gate(before, after)
    assert twice.code == 3 and "holds two results of vqa" in twice.err


def test_places_without_a_run(made: Path, gate: Gate, tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        outcome = gate(place, made / "bad-run")
        assert outcome.code == 3 and "There is neither a run nor a report in" in outcome.err


def test_a_figure_that_one_side_lacks(made: Path, gate: Gate, tmp_path: Path) -> None:
    lacking = copy(made, "good", tmp_path)
    again(lacking, lambda row: row.update(figures=[f for f in row["figures"] if "AA" not in f["name"]]))
    rules = "figures: [{figure: 'rsvqa/strict/*', points: 1}]"
    outcome = gate(lacking, made / "bad-run", rules)
    assert outcome.code == 3 and "rsvqa/strict/AA is in" in outcome.out and "and not in" in outcome.out
