"""Miniatures of visual grounding lie as the authors publish the data, and are read as they were drawn."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.dior_rsvg import SPLITS
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset

CARDS = ("dior_rsvg", "dior_rsvg_region", "rsvg", "avvg", "vrsbench_vg", "geochat_vg")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("drawn")
    return {name: write_mini(read_card(name), folder / name, count=8) for name in CARDS}


@pytest.mark.parametrize("name", CARDS)
def test_it_is_read_whole(name: str, drawn: dict[str, Path], tmp_path: Path) -> None:
    data, kind = open_dataset(read_card(name), drawn[name], cache=tmp_path)
    assert kind == "mini" and not data.problems and len(data.samples) >= 8
    for sample in data.samples:
        regions = sample.regions or sample.target.regions
        assert Path(sample.images[0].path).is_file() and sample.images[0].size == (128, 128)
        assert regions and (sample.question or sample.target.texts)
        assert {"shift", "ground sampling distance", "object size"} <= sample.tags.keys()
        for region in regions:
            assert all(-1 <= v <= 129 for v in region.points) or len(region.points) == 8


def test_dior_rsvg(drawn: dict[str, Path]) -> None:
    root = drawn["dior_rsvg"]
    files = sorted((root / "Annotations").iterdir())
    count = 0
    for path in files:
        for item in ElementTree.parse(path).getroot().findall("object"):
            assert [part.tag for part in item] == ["name", "pose", "bndbox", "description"]
            assert [part.tag for part in item[2]] == ["xmin", "ymin", "xmax", "ymax"]
            count += 1
    numbers = {split: [int(n) for n in (root / f"{split}.txt").read_text().split()] for split in SPLITS}
    assert sorted(n for listed in numbers.values() for n in listed) == list(range(count))
    assert numbers["test"] and numbers["train"] and not numbers["val"]


def test_refgeo(drawn: dict[str, Path]) -> None:
    rows = [
        json.loads(line) for line in (drawn["avvg"] / "metainfo/avvg_test.jsonl").read_text().splitlines()
    ]
    assert len({row["question_id"] for row in rows}) == len(rows)
    for row in rows:
        assert (drawn["avvg"] / "images/avvg" / row["image_id"]).is_file()
        assert {"question", "dataset", "image_width", "image_height"} <= row.keys()
        assert len(row["bbox"]) == 4 and [len(p) for p in row["poly"]] == [2] * 4


def test_vrsbench_and_geochat(drawn: dict[str, Path]) -> None:
    rows = json.loads((drawn["vrsbench_vg"] / "VRSBench_EVAL_referring.json").read_text())
    keys = (
        "image_id question ground_truth dataset question_id type unique obj_corner obj_cls obj_ids size_group"
    )
    assert all(set(row) == set(keys.split()) for row in rows)
    assert all(row["obj_cls"] in read_card("vrsbench_vg").classes for row in rows)
    for row in rows:  # the notebook that makes the file: the box around the corners, cut off to hundredths
        box = [int(v) for v in row["ground_truth"].strip("{}<>").split("><")]
        xs, ys = row["obj_corner"][0::2], row["obj_corner"][1::2]
        assert box[:2] == [int(max(min(v), 0) * 100) for v in (xs, ys)]
        assert box[2:] == [int(min(max(v), 1) * 100) for v in (xs, ys)]
    lines = (drawn["geochat_vg"] / "referring.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    assert {row["type"] for row in found} == {"ref", "grounding"}
    assert all(len(row["obj_ids"]) == len(row["ground_truth"]) for row in found)
    assert any(len(row["ground_truth"]) > 1 for row in found)
    assert all("." not in row["image_id"] for row in found)
