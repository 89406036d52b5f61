"""CHOICE: options out of the question, corners in any order, masks; each family its own questions."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.choices import read
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.errors import DataError
from rsbench.harness.geometry import areas, iou
from rsbench.harness.metrics.mask_codec import decode

TASK = "perception/single/counting"


def written(root: Path, rows: Any, task: str = TASK, size: tuple[int, int] = (200, 100)) -> Path:
    folder = root / task
    (folder / "images").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size).save(folder / "images/1.png")
    (folder / f"{folder.name}.json").write_text(json.dumps(rows) if not isinstance(rows, str) else rows)
    return root


def row(key: str, question: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "image_path": f"{TASK}/images/1.png", "question": question} | more


def test_options_stand_in_the_question(tmp_path: Path) -> None:
    text = "How many?\nLook well.\nA.one\nB. two\nC) three A.\nor four\nD.five"
    (sample,) = read(written(tmp_path, [row("a", text, answer="c")]), read_card("choice")).samples
    assert sample.question == "How many?\nLook well." and sample.target.label == "C"
    assert sample.target.choices == ("one", "two", "three A. or four", "five")
    assert sample.target.kind == "counting" and sample.images[0].name == f"{TASK}/images/1.png"
    assert dict(sample.tags) == {
        "sensor": "optical, SAR",
        "question type": "counting",
        "capability": "perception",
        "dimension": "single",
    }


def test_the_folder_above_changes_no_name(tmp_path: Path) -> None:
    written(tmp_path / "CHOICE_subset", [row("a", "?\nA.x\nB.y", answer="A")])
    names = {
        read(r, read_card("choice")).samples[0].images[0].name for r in (tmp_path, tmp_path / "CHOICE_subset")
    }
    assert names == {f"{TASK}/images/1.png"}


def test_what_is_broken_is_counted(tmp_path: Path) -> None:
    rows = [
        row("a", "?\nA.x\nB.y", answer="A"),
        row("a", "?\nA.x\nB.y", answer="B"),
        row("b", "?\nA.x\nB.y", answer="C"),
        row("c", "?\nA.x\nB.y"),
        row("d", "no options", answer="A"),
        row("e", "?\nA.x\nB.y", answer="A", image_path=f"{TASK}/images/2.png"),
        row("f", "?\nA.x\nB.y", answer="A", image_path="../../outside.png"),
        {"id": "g", "question": "?\nA.x"},
        "no object",
    ]
    Image.new("RGB", (4, 4)).save(tmp_path / "outside.png")
    root = written(tmp_path / "data/tree", rows)
    written(root, '[{"id": 1', task="perception/single/broken")
    data = read(root, read_card("choice"))
    assert [s.id for s in data.samples] == ["a"]
    reasons = Counter(p.reason.partition(":")[0].partition(";")[0] for p in data.problems)
    assert reasons["it cannot be read"] == 1 and reasons["its question has no options"] == 1
    assert reasons["the answer 'C' is none of its 2 options"] == 1
    assert reasons["it has no question or no image_path"] == 2
    assert reasons["a second question with this id is left out"] == 1
    assert reasons[f"the picture {TASK}/images/2.png is missing"] == 1
    assert reasons["the picture ../../outside.png is missing"] == 1


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 0, 1), (3, 2, 1, 0), (0, 2, 1, 3)])
def test_corners_in_any_order_are_one_box(order: tuple[int, ...], tmp_path: Path) -> None:
    """A picture of 200 x 100: parts of its sides to pixels, corner by corner."""
    corners = [[0.25, 0.2], [0.5, 0.4], [0.4, 0.9], [0.15, 0.7]]
    asked = "Please output the coordinates of the dam in the image in the format (x1, y1, x2, y2). No more."
    root = written(tmp_path, [row("a", asked, answer=[corners[i] for i in order])])
    (sample,) = read(root, read_card("choice_grounding")).samples
    points = sample.target.regions[0].points
    assert sample.question == "the dam" and sample.target.size == sample.images[0].size == (200, 100)
    wanted = (50, 20, 100, 40, 80, 90, 30, 70)
    assert iou([points], [wanted])[0, 0] == pytest.approx(1)
    assert areas([points])[0] == pytest.approx(areas([wanted])[0])
    turns = {tuple(round(v) for v in points[i:] + points[:i]) for i in range(0, 8, 2)}
    assert wanted in turns  # corner by corner along the border, not across


@pytest.mark.parametrize(
    "answer", [[[0, 0], [1, 1]], [[0, 0]] * 4, [1, 2, 3, 4], [["a", 0]] * 4, [], [[2, 2]] * 4]
)
def test_a_box_that_is_none_is_counted(answer: Any, tmp_path: Path) -> None:
    root = written(tmp_path, [row("a", "of the dam?", answer=answer)])
    data = read(root, read_card("choice_grounding"))
    assert not data.samples and len(data.problems) == 1


def test_masks(tmp_path: Path) -> None:
    asked = "Give me the mask of the two ships in this image."
    masked = {"mask_path": f"{TASK}/masks/1.png"}
    root = written(tmp_path, [row("a", asked, **masked), row("b", asked, mask_path="x.png")], size=(6, 4))
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[1:3, 2:5] = 255
    (root / TASK / "masks").mkdir()
    Image.fromarray(pixels).save(root / TASK / "masks/1.png")
    data = read(root, read_card("choice_masks"))
    (sample,) = data.samples
    mask = sample.target.regions[0].mask
    assert sample.question == "the two ships" and mask is not None
    assert (decode(mask) == (pixels[..., 0] > 0)).all()
    columns, lines = np.flatnonzero(pixels[..., 0].any(0)), np.flatnonzero(pixels[..., 0].any(1))
    around = (columns[0], lines[0], columns[-1] + 1, lines[-1] + 1)
    assert sample.target.regions[0].points == around  # for models that box what they cannot outline
    assert len(data.problems) == 1 and "missing" in data.problems[0].reason
    Image.new("RGB", (9, 9)).save(root / TASK / "masks/1.png")
    assert "9 x 9 pixels, its picture 6 x 4" in read(root, read_card("choice_masks")).problems[0].reason


def test_the_real_subset(shared: Path) -> None:
    found = {
        name: read(shared / "data/CHOICE", read_card(name))
        for name in ("choice", "choice_grounding", "choice_masks")
    }
    assert [len(data.samples) for data in found.values()] == [44, 10, 3]
    assert not any(data.problems for data in found.values())
    kinds = Counter(s.target.kind for s in found["choice"].samples)
    assert kinds["image_modality"] == 11 and kinds["disaster_discrimination"] == 2 and len(kinds) == 8
    assert {s.question for s in found["choice_masks"].samples} == {
        "the airplane on the left",
        "the ground track field",
        "the storage tanks",
    }
    assert all(s.question.startswith("the ") for s in found["choice_grounding"].samples)


def test_no_tree(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no folder has a list"):
        read(tmp_path, read_card("choice"))


@pytest.mark.parametrize("name", ["choice", "choice_grounding", "choice_masks"])
def test_the_miniature(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    data: Dataset = open_dataset(card, write_mini(card, tmp_path / "mini", count=8), cache=tmp_path)[0]
    assert not data.problems and len(data.samples) >= 8 * (4 if name == "choice" else 0)
    assert {s.target.kind for s in data.samples} <= {Path(task).name for task in card.mini["asks"]}
    assert len({s.id for s in data.samples}) == len(data.samples) > 3
    if name == "choice":
        letters = Counter(s.target.label for s in data.samples)
        assert len(letters) >= 3  # the right one is not always the first
        for sample in data.samples:
            assert len(set(sample.target.choices)) == len(sample.target.choices) in (3, 4)
