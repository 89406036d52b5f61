"""Miniatures of VQA as files: the raw forms, name by name, without the readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.sidecar import read_sidecar


def made(name: str, folder: Path, count: int = 5, split: str | None = None) -> Path:
    return write_mini(read_card(name), folder / name, count=count, split=split)


def test_rsvqa_ids_join(tmp_path: Path) -> None:
    out = made("rsvqa_lr", tmp_path)
    parts = {
        part: json.loads((out / f"LR_split_test_{part}.json").read_text())[part]
        for part in ("questions", "answers", "images")
    }
    for rows in parts.values():  # an entry's place in its list is its id, as the authors' loader has it
        assert [row["id"] for row in rows] == list(range(len(rows)))
    for image in parts["images"]:
        if not image["active"]:
            assert image.keys() == {"id", "active"}
            continue
        assert (out / f"Images_LR/{image['id']}.tif").is_file() and image["questions_ids"]
        for number in image["questions_ids"]:
            question = parts["questions"][number]
            assert question["img_id"] == image["id"] and question["question"].endswith("?")
            answer = parts["answers"][question["answers_ids"][0]]
            assert answer["question_id"] == number and answer["active"]


def test_rsivqa_lines(tmp_path: Path) -> None:
    out = made("rsivqa", tmp_path)
    files = sorted(p.relative_to(out).as_posix() for p in out.rglob("*.txt"))
    assert files == [
        "AID/rsicd_vqa.txt",
        "DOTA/dota_train_vqa2.txt",
        "HRRSD/opt_val_vqa.txt",
        "Sydney/sydney_vqa.txt",
        "UCM/ucm_vqa.txt",
    ]
    lines = [line for name in files for line in (out / name).read_text().splitlines()]
    assert all(line.count("?") == 1 and ":" in line for line in lines)
    assert any(line.startswith("1.png:") for line in lines) and any(line.startswith("1: ") for line in lines)
    alone = made("rsivqa", tmp_path / "one", split="AID")
    assert [p.name for p in alone.rglob("*.txt")] == ["rsicd_vqa.txt"]


def test_floodnet_vrsbench_and_lrs_keys(tmp_path: Path) -> None:
    flood = json.loads((made("floodnet_vqa", tmp_path) / "Questions/Training Question.json").read_text())
    assert {tuple(row) for row in flood.values()} == {
        ("Image_ID", "Question", "Ground_Truth", "Question_Type")
    }
    assert {type(row["Ground_Truth"]) for row in flood.values()} == {int, str}
    vrs = json.loads((made("vrsbench_vqa", tmp_path) / "VRSBench_EVAL_vqa.json").read_text())
    assert vrs[0].keys() == {"question_id", "image_id", "question", "ground_truth", "type"}
    assert [row["question_id"] for row in vrs] == list(range(1, len(vrs) + 1))
    out = made("lrs_vqa", tmp_path)
    lrs = [json.loads(line) for line in (out / "LRS_VQA_merged.jsonl").read_text().splitlines()]
    assert lrs[0].keys() == {"question_id", "image", "text", "ground_truth", "category", "image_size"}
    assert all((out / row["image"]).is_file() and row["question_id"].startswith("FAIR_") for row in lrs)


@pytest.mark.parametrize("name", ["rsvqa_hr", "crsvqa", "rsivqa", "floodnet_vqa", "vrsbench_vqa", "lrs_vqa"])
def test_every_picture_has_tags(name: str, tmp_path: Path) -> None:
    sidecar = read_sidecar(made(name, tmp_path))
    assert sidecar is not None and len(sidecar.items) == 5
    assert all(tags["sensor"] == "optical" for tags in sidecar.items.values())


def test_own_records_are_written_as_before(tmp_path: Path) -> None:
    out = made("vqa", tmp_path)
    row = json.loads((out / "test.jsonl").read_text().splitlines()[0])
    assert row.keys() == {"id", "image", "size", "question", "kind", "truth"}
