"""Boxes beside the true ones: the oracle speaks one family's notation, and another is declared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from rsbench.harness.cli import main
from rsbench.harness.contract import Image, Region, Target
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.doctor_boxes import Looked, Seen, questions, verdict
from rsbench.harness.doctor_sheet import HEAD, SIDE, sheet
from rsbench.harness.errors import UsageError
from rsbench.harness.plan import plan

from . import tiny_models


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures of aircraft in MAR20's own layout."""
    return write_mini(read_card("mar20"), tmp_path_factory.mktemp("mini") / "mar20", count=4)


def boxes(model: str, output: Path, data: Path, *more: str) -> int:
    """The exit code of the verb."""
    arguments = ["--model", model, "--data", str(data), "--tasks", "mar20", "--output", str(output), *more]
    try:
        main(["doctor", "boxes", "--count", "3", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_convention_that_fits(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for dialect in ("internvl", "qwen", "earthgpt"):
        assert boxes(f"oracle,dialect={dialect}", tmp_path / "b.png", data) == 0
        said = capsys.readouterr().out
        assert said.startswith("3 questions, ") and f"declared by {dialect}" in said
        assert said.endswith("No other convention fits better than the declared one.\n") or "clearly" in said
    with Pictures.open(tmp_path / "b.png") as page:
        assert page.size == (2 * SIDE, 3 * (SIDE + HEAD))


def test_a_convention_that_does_not(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert boxes("oracle,dialect=internvl", tmp_path / "b.png", data, "--dialect", "plain") == 4
    said = capsys.readouterr().out
    assert "The declared convention does not fit; this would: 0-1000 (" in said
    with Pictures.open(tmp_path / "b.png") as page:
        assert page.size == (3 * SIDE, 3 * (SIDE + HEAD))  # a column for the one that fits


def test_boxes_without_text_and_no_boxes_at_all(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boxes("oracle", tmp_path / "b.png", data) == 0
    assert "nothing can be told of conventions" in capsys.readouterr().out
    assert boxes("blank", tmp_path / "b.png", data) == 0
    assert "the answer is empty" in capsys.readouterr().out
    assert boxes("oracle", tmp_path / "b.txt", data) == 2
    assert "does not end like a picture" in capsys.readouterr().err


def test_a_model_that_answers_nothing_is_not_well() -> None:
    looked = Looked(Image("a", ""), "s", (), (), "no memory", True)
    lines, fine = verdict(Seen((looked, looked), None), None)
    assert not fine and lines[-1] == "Not one question was answered."
    assert verdict(Seen((looked, replace(looked, failed=False)), None), None)[1]


def test_a_task_without_boxes_is_refused(data: Path, tmp_path: Path) -> None:
    planned = plan("mar20", str(data), None, None, 0, tmp_path)
    bare = tuple(replace(sample, target=Target()) for sample in planned.samples)
    with pytest.raises(UsageError, match="mar20 asks for no boxes"):
        questions([replace(planned, samples=bare)], None, 3, 0)
    some = questions([planned], Plain(), 3, 0)
    assert len(some) == 3 and some == questions([planned, replace(planned, samples=bare)], Plain(), 3, 0)
    assert len({r.key for _, r in some}) == 3
    assert any(some != questions([planned], Plain(), 3, seed) for seed in range(1, 9))


def test_a_model_of_transformers(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tiny_models.llava(tmp_path / "llava")
    assert boxes(str(folder), tmp_path / "b.png", data) == 0
    said = capsys.readouterr()
    assert "is a llava of transformers" in said.err and "3 questions" in said.out


def test_the_sheet_shows_boxes_where_they_are(tmp_path: Path) -> None:
    """Against the pixels: an outline at the scaled place, in its own panel alone."""
    path = tmp_path / "a.png"
    Pictures.new("RGB", (840, 420), "black").save(path)
    true, said = Region((200, 100, 600, 300), "ship"), Region((20, 20, 100, 90), "ship")
    image = Image("a.png", str(path))
    page = np.asarray(sheet([Looked(image, "s", (true,), (said,), None, False)], None)).astype(int)
    assert page.shape == (SIDE + HEAD, 2 * SIDE, 3)
    scale = (SIDE - 4) / 840
    for column, region in ((0, true), (1, said)):
        x1, y1, x2, y2 = (v * scale for v in region.points)
        middle = page[HEAD + round((y1 + y2) / 2), column * SIDE : (column + 1) * SIDE].sum(-1)
        lit = np.flatnonzero(middle[: SIDE - 5] > 60)
        assert abs(lit[0] - x1) <= 2 and abs(lit[-1] - x2) <= 2
    nowhere = Image("gone.png", str(tmp_path / "gone.png"))
    gone = sheet([Looked(nowhere, "s", (true,), (), "x", True, (said,))], "pixels")
    assert gone.size == (3 * SIDE, SIDE + HEAD)
