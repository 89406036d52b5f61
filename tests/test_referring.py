"""GeoChat-Bench and VRSBench: corners in pixels and text in hundredths are the same kind of truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.forms import of_form
from rsbench.harness.datasets.referring import read
from rsbench.harness.errors import DataError

# as quoted by users of GeoChat-Bench, and with the keys of VRSBench's notebook
GEOCHAT = {
    "question_id": "fast_6217", "image_id": "train_5007_0017", "question": "2 airplanes at the right",
    "type": "ref", "dataset": "FAST", "obj_ids": [1, 2], "size_group": "small",
    "ground_truth": [
        [[584.0, 337.0], [619.0, 313.0], [601.0, 282.0], [565.0, 304.0]],
        [[553.0, 287.0], [592.0, 262.0], [573.0, 229.0], [534.0, 254.0]],
    ],
}  # fmt: skip
VRSBENCH = {
    "image_id": "P0003_0002.png", "question": "The large yellow vehicle.", "dataset": "RSBench",
    "ground_truth": "{<25><40><33><60>}", "question_id": 0, "type": "ref", "unique": True,
    "obj_corner": [0.25, 0.4, 0.33, 0.4, 0.33, 0.6, 0.25, 0.6], "obj_cls": "golffield", "obj_ids": [0],
    "size_group": "small",
}  # fmt: skip


def card(name: str) -> Card:
    whole = read_card(name)
    return of_form(whole, whole.options["forms"][0])


def geochat(root: Path, *rows: Any) -> Path:
    (root / "referring.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return root


def vrsbench(root: Path, *rows: Any) -> Path:
    (root / "VRSBench_EVAL_referring.json").write_text(json.dumps(rows))
    return root


def test_corners_of_several_objects(tmp_path: Path) -> None:
    one = {**GEOCHAT, "question_id": "x", "ground_truth": GEOCHAT["ground_truth"][:1]}
    data = read(geochat(tmp_path, GEOCHAT, one), card("geochat_vg"))
    first, second = data.samples
    assert first.id == "fast_6217" and first.target.kind == "ref" and len(first.target.regions) == 2
    assert first.target.regions[0].points == (584, 337, 619, 313, 601, 282, 565, 304)
    assert first.tags == {
        "sensor": "optical", "object size": "small", "question type": "ref", "objects": "several",
    }  # fmt: skip
    assert second.tags["objects"] == "one" and first.target.size is None and not data.problems


def test_images_without_their_suffix(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (700, 600)).save(tmp_path / "images/train_5007_0017.png")
    (sample,) = read(geochat(tmp_path, GEOCHAT), card("geochat_vg")).samples
    assert sample.images[0].name == "images/train_5007_0017.png" and sample.target.size == (700, 600)


def test_hundredths_of_the_image(tmp_path: Path) -> None:
    twice = {
        **VRSBENCH,
        "question_id": 1,
        "unique": "False",
        "ground_truth": "{<0><0><100><50>}{<1><2><3><4>}",
    }
    data = read(vrsbench(tmp_path, VRSBENCH, twice), card("vrsbench_vg"))
    first, second = data.samples
    assert first.target.size == (512, 512)  # of the card, where no image is at hand
    assert first.target.regions[0].points == pytest.approx((128.0, 204.8, 168.96, 307.2))
    assert first.tags["unique"] == "unique" and second.tags["unique"] == "not unique"
    assert first.tags["class"] == "golffield" and first.id == "0"
    assert [r.points for r in second.target.regions] == [(0, 0, 512, 256), (5.12, 10.24, 15.36, 20.48)]
    (tmp_path / "Images_val").mkdir()
    Image.new("RGB", (100, 200)).save(tmp_path / "Images_val/P0003_0002.png")
    seen, _ = read(tmp_path, card("vrsbench_vg")).samples
    assert seen.target.regions[0].points == (25, 80, 33, 120) and seen.target.size == (100, 200)


def test_a_box_without_area_stays_and_is_told(tmp_path: Path) -> None:
    """VRSBench has some, and its own count of expressions includes them."""
    data = read(vrsbench(tmp_path, {**VRSBENCH, "ground_truth": "{<92><0><96><0>}"}), card("vrsbench_vg"))
    assert len(data.samples) == 1
    assert [p.reason for p in data.problems] == ["a box without area: no answer can be right"]


@pytest.mark.parametrize("truth", ["", "{<1><2><3>}", "1 2 3 4", None, [[1, 2, 3]], {"box": 1}])
def test_broken_truths_are_counted(tmp_path: Path, truth: Any) -> None:
    rows = {**VRSBENCH, "question_id": 9, "ground_truth": truth}, VRSBENCH
    data = read(vrsbench(tmp_path, *rows), card("vrsbench_vg"))
    assert [s.id for s in data.samples] == ["0"] and [p.item for p in data.problems] == ["9"]


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no referring.jsonl"):
        read(tmp_path, card("geochat_vg"))
    text = {**GEOCHAT, "ground_truth": "{<1><2><3><4>}"}
    with pytest.raises(DataError, match="hundredths of an image of unknown size"):
        read(geochat(tmp_path, text), card("geochat_vg"))
    data = read(
        geochat(tmp_path, GEOCHAT, GEOCHAT, {**GEOCHAT, "question_id": "y", "question": " "}),
        card("geochat_vg"),
    )
    assert [p.reason for p in data.problems] == [
        "a second expression with the same id is left out", "there is no expression",
    ]  # fmt: skip
