"""What tests of leaderboards share: a table, reports that fill it, a run on data that counts as official."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.board.entry import Entry, entry_text, reduced
from rsbench.harness.contract import Decoding, Figure, Report, Response, Source, Spec
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.sidecar import FILE
from rsbench.harness.ledger import Appender, Ledger, start
from rsbench.harness.plan import build_dialect, plan
from rsbench.harness.published import PublishedTable, read_table
from rsbench.harness.report import write
from rsbench.harness.score import score

TASK, STRICT, MEAN = "choice_grounding", "Pr@0.5 (strict)", "mean_iou"  # 20 expressions are the whole of it
TABLE = f"""
title: "Table A: grounding"
paper: {{name: Paper, venue: Venue, year: 2024, arxiv: "2401.00001"}}
place: Table A
unit: in %
head: [Method, Publication Year]
columns: [Pr, mIoU]
figures:
  Pr: {{task: {TASK}, figure: "{STRICT}"}}
  mIoU: {{task: {TASK}, figure: {MEAN}}}
rows:
  - {{group: Specialists, method: One, year: A 2023, values: ["70.00", "80.00"]}}
  - {{group: Specialists, method: Two, year: B 2023, values: ["60.00", "50.00"]}}
  - {{group: MLLM, method: Three, year: "", values: ["70.00", "60.00"]}}
notes: [The paper contradicts itself.]
"""


def leaderboards(place: Path) -> Path:
    """A folder of leaderboards with one table, called tiny."""
    folder = place / "leaderboards"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny" / "published.yaml").write_text(TABLE, encoding="utf-8")
    return folder


def tables(folder: Path) -> dict[str, PublishedTable]:
    """The table of such a folder, by its name."""
    return {"tiny": read_table("tiny", folder)}


def spec(**changes: Any) -> Spec:
    """A run of a model on the whole official data; changes of the source by its own keys."""
    source = Source("official", "subset", 20, "a" * 64, "b" * 64)
    of_source = {key: changes.pop(key) for key in ("kind", "split", "items", "images") if key in changes}
    values: dict[str, Any] = {
        "task": TASK,
        "task_version": read_card(TASK).version,
        "source": replace(source, **of_source),
        "adapter": "hf",
        "arguments": {"checkpoint": "model"},
        "checkpoint": "c" * 64,
        "dialect": "plain",
        "dialect_version": 1,
        "decoding": Decoding(),
        "limit": None,
        "seed": 0,
    }
    return Spec(**{**values, **changes})


def report(strict: float | None = 0.8, mean: float | None = 0.7, **changes: Any) -> Report:
    """What such a run proves; changes of the Spec by its own keys."""
    own = {key: changes.pop(key) for key in ("labels", "failed", "details", "samples") if key in changes}
    headline = Figure(STRICT, strict, *((strict - 0.05, strict + 0.05) if strict is not None else ()))
    base = Report(
        task=changes.get("task", TASK),
        spec=json.loads(json.dumps(asdict(spec(**changes)))),
        headline=headline,
        figures=(headline, Figure(MEAN, mean)),
        slices=(),
        samples=20,
        failed=0,
        unparsable=1,
        problems=(),
        labels=(),
        details={"note": "a note"},
        versions={"rsbench": "1"},
    )
    return replace(base, **own)


def entry(by: tuple[str, ...] = (), name: str = "", **changes: Any) -> Entry:
    """The entry of such a report."""
    return reduced(report(**changes), name, by)


def place(folder: Path, one: Entry) -> Path:
    """Put an entry into the folder as its file."""
    path = folder / "tiny" / "entries" / one.file
    path.parent.mkdir(exist_ok=True)
    path.write_text(entry_text(one), encoding="utf-8")
    return path


@dataclass(frozen=True)
class Official:
    """Data that passes for the published one, and a run on all of it; not to be changed."""

    copy: Path
    ledger: Ledger


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Official:
    """Known to all tests through conftest.py."""
    folder = tmp_path_factory.mktemp("official")
    copy = official_copy(folder)
    return Official(copy, official_run(copy, folder / "runs"))


def official_copy(place: Path) -> Path:
    """Twenty drawn expressions that pass for the published ones: nothing says that they were drawn."""
    copy = write_mini(read_card(TASK), place / "copy", count=24)
    (copy / FILE).unlink()
    (listed,) = copy.rglob("visual_grounding.json")
    listed.write_text(json.dumps(json.loads(listed.read_text(encoding="utf-8"))[:20]), encoding="utf-8")
    return copy


def official_run(copy: Path, output: Path, limit: int | None = None, wrong: int = 5) -> Ledger:
    """The run of a model on that copy, scored: all but the first few samples are answered rightly."""
    planned = plan(TASK, str(copy), None, limit, 0, output)
    dialect = build_dialect("plain")
    assert dialect is not None and planned.source.kind == "official"
    data = planned.dataset
    asked = replace(spec(limit=limit), source=planned.source)
    ledger = start(output, asked, data.classes, planned.samples, data.problems, {"rsbench": "1"})
    with Appender(ledger, "responses.jsonl") as appender:
        for i, sample in enumerate(planned.samples):
            wants = planned.task.request(sample, ())
            assert wants is not None
            text = dialect.express(sample.target, wants, None) if i >= wrong else "no box"
            appender.response(Response(str(i), sample.id, text=text))
    write(ledger, score(ledger, planned.task, dialect, resamples=50))
    return ledger
