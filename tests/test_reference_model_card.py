"""The card of a checkpoint: every figure from the files named, none of another checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from rsbench.harness.cli import main
from rsbench.harness.errors import DataError
from rsbench.harness.report import read
from rsbench.reference_model.checkpoint import load
from rsbench.reference_model.model_card import card

RECIPE = "preset: tiny  # of the test\n"


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    (folder / "recipe.yaml").write_text(RECIPE)
    for name, step in (("encoders", 1234), ("language", 7)):
        torch.save({"step": step, "minutes": 2.75}, folder / f"{name}.pt")
    return folder


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


def test_a_card_has_the_figures_of_its_files(proposals_folder: Path, state: Path, run: Path) -> None:
    text = card(proposals_folder, state / "recipe.yaml", state, [run], "abc1234")
    report, loaded = read(run), load(proposals_folder)
    row = next(line for line in text.splitlines() if line.startswith("| images"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1] == report.headline.name and cells[3:] == ["4", str(report.unparsable)]
    assert report.headline.value is not None and f"{100 * report.headline.value:.1f}" in cells[2]
    assert loaded.digest in text and "at commit abc1234" in text and RECIPE.strip() in text
    assert "encoders: 1,234 steps, 3 minutes" in text and "language: 7 steps" in text
    count = sum(p.numel() for p in loaded.model.language.parameters())
    assert f"{count / 1e6:.2f} M" in text
    assert "localisation: proposals" in text


def test_a_run_of_another_checkpoint_is_refused(text_folder: Path, state: Path, run: Path) -> None:
    with pytest.raises(DataError, match="another checkpoint"):
        card(text_folder, state / "recipe.yaml", state, [run], "abc1234")
    text = card(text_folder, state / "recipe.yaml", state, [], "abc1234")
    assert "Coordinates are written as text" in text
