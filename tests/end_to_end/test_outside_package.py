"""A benchmark and a dialect from another package, and a card as a file: YAML alone, no Python of rsbench."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rsbench
from rsbench.harness.datasets.card import card_names, known_card, read_card
from rsbench.harness.errors import UsageError

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "add-a-benchmark.md").read_text(encoding="utf-8")
CARD = PAGE.partition("<!-- example card: harbours.yaml -->")[2].split("```yaml\n")[1].split("```")[0]
WORDS = (ROOT / "docs" / "add-a-model.md").read_text(encoding="utf-8")
DIALECT = WORDS.partition("<!-- example dialect: my_words.py -->")[2].split("```python\n")[1].split("```")[0]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as pip leaves it: a package with a card and a dialect, and its entry points."""
    site = tmp_path / "site"
    package, info = site / "my_benchmarks", site / "my_benchmarks-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('a list must not import this')\n")
    (site / "my_words.py").write_text(DIALECT)
    (package / "harbours.yaml").write_text(CARD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-benchmarks\nVersion: 1.0\n")
    points = "[rsbench.cards]\nharbours = my_benchmarks\n\n[rsbench.dialects]\ngull = my_words:Gull\n"
    (info / "entry_points.txt").write_text(points)
    return site


def rsbench_run(site: Path | None, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    above = str(Path(rsbench.__file__).parents[1])
    paths = [*([str(site)] if site else []), above, os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-m", "rsbench", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_card_of_another_package_is_listed_run_and_scored_again(installed: Path, tmp_path: Path) -> None:
    listed = rsbench_run(installed, "list", "tasks", cwd=tmp_path)
    assert "harbours" in listed.stdout, listed.stderr
    run = ("run", "--model", "oracle", "--tasks", "harbours", "--data", "mini", "--dialect", "gull")
    done = rsbench_run(installed, *run, cwd=tmp_path)
    assert done.returncode == 0 and "harbours" in done.stdout, done.stderr
    (ledger,) = (tmp_path / "runs").glob("harbours-oracle-*")
    assert not (ledger / "card.json").exists()
    assert json.loads((ledger / "report.json").read_text())["headline"]["value"] == 1.0
    assert rsbench_run(installed, "score", str(ledger), cwd=tmp_path).returncode == 0


def test_a_dialect_of_another_package_costs_its_own_rounding_alone(installed: Path, tmp_path: Path) -> None:
    run = ("run", "--model", "oracle,dialect=gull", "--tasks", "mar20,vqa", "--data", "mini", "--limit", "20")
    done = rsbench_run(installed, *run, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (boxes,) = (tmp_path / "runs").glob("mar20-oracle-*")
    (words,) = (tmp_path / "runs").glob("vqa-oracle-*")
    figures = json.loads((boxes / "report.json").read_text())["figures"]
    assert next(f for f in figures if f["name"] == "one-class/AP@0.40/voc07/none")["value"] > 0.9
    assert json.loads((words / "report.json").read_text())["headline"]["value"] == 1.0


def test_a_card_may_be_a_file_and_its_run_is_scored_without_it(tmp_path: Path) -> None:
    (tmp_path / "harbours.yaml").write_text(CARD)
    run = ("run", "--model", "constant", "--tasks", "./harbours.yaml", "--data", "mini")
    done = rsbench_run(None, *run, cwd=tmp_path)
    assert done.returncode == 0 and "harbours" in done.stdout, done.stderr
    (tmp_path / "harbours.yaml").unlink()
    (ledger,) = (tmp_path / "runs").glob("harbours-constant-*")
    before = json.loads((ledger / "report.json").read_text())
    assert "--tasks harbours.yaml" in (ledger / "report.md").read_text()
    again = rsbench_run(None, "score", str(ledger), cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert json.loads((ledger / "report.json").read_text()) == before


def test_a_file_cannot_take_the_name_of_another_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CARD.replace("name: harbours", "name: clrs"))
    with pytest.raises(UsageError, match="calls itself clrs"):
        read_card(str(path))
    with pytest.raises(UsageError, match="There is no card"):
        read_card(str(tmp_path / "absent.yaml"))
    assert known_card("harbours") is None and "harbours" not in card_names()
