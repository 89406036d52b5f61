"""The card of a checkpoint: every figure from the files named, none of another checkpoint."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from rsbench.harness.cli import main
from rsbench.harness.errors import DataError
from rsbench.harness.report import read
from rsbench.reference_model.checkpoint import load
from rsbench.reference_model.model_card import card
from rsbench.reference_model.trainer.progress import TIMES


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = [tmp_path_factory.mktemp("state") / name for name in ("tiny_encoders", "tiny_tune")]
    for folder, step in zip(folders, (1234, 7), strict=True):
        (folder / f"checkpoint-{step}").mkdir(parents=True)
        told = {"stage": folder.name[5:], "preset": "tiny", "start": None, "batch": 3}
        (folder / "recipe.json").write_text(json.dumps({"recipe": told}))
    (folders[0] / TIMES).write_text('{"step": 1, "seconds": 100}\n{"step": 2, "seconds": 65.0}\n')
    return folders


@pytest.fixture(scope="module")
def run(proposals_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    for name in ("beach", "ship"):
        (folder / "data" / name).mkdir(parents=True)
        for shade in (40, 200):
            Image.new("RGB", (32, 32), (shade, 0, 0)).save(folder / "data" / name / f"{shade}.png")
    asked = ["run", "--model", f"earthgpt,checkpoint={proposals_folder}", "--tasks", "images"]
    main([*asked, "--data", str(folder / "data"), "--output", str(folder / "runs")])
    return next(path.parent for path in (folder / "runs").rglob("report.json"))


def test_a_card_has_the_figures_of_its_files(proposals_folder: Path, trained: list[Path], run: Path) -> None:
    text = card(proposals_folder, trained, [run], "abc1234")
    report, loaded = read(run), load(proposals_folder)
    row = next(line for line in text.splitlines() if line.startswith("| images"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == report.headline.name and cells[3:] == ["4", str(report.unparsable)]
    assert report.headline.value is not None and f"{100 * report.headline.value:.1f}" in cells[2]
    assert loaded.digest in text and "at commit abc1234" in text
    assert "### tiny_encoders: 1,234 steps, 3 minutes\n" in text
    assert "### tiny_tune: 7 steps, a time that was not recorded\n" in text
    assert '```yaml\nstage: "tune"\npreset: "tiny"\nbatch: 3\n```' in text
    count = sum(p.numel() for p in loaded.model.language.parameters())
    assert f"{count / 1e6:.2f} M" in text
    assert "localisation: proposals" in text


def test_a_run_of_another_checkpoint_is_refused(text_folder: Path, trained: list[Path], run: Path) -> None:
    with pytest.raises(DataError, match="another checkpoint"):
        card(text_folder, trained, [run], "abc1234")
    text = card(text_folder, trained, [], "abc1234")
    assert "Coordinates are written as text" in text
