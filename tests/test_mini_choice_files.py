"""Miniatures in CHOICE's tree: options a line each, corners in parts, masks over their objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini


def rows(name: str, folder: Path) -> tuple[Path, list[dict[str, Any]]]:
    out = write_mini(read_card(name), folder / name, count=12)
    files = sorted(p for p in out.rglob("*.json") if p.parent != out)
    assert all(path.stem == path.parent.name for path in files)
    return out, [row for path in files for row in json.loads(path.read_text())]


def test_options(tmp_path: Path) -> None:
    out, found = rows("choice", tmp_path)
    for row in found:
        question, *options = row["question"].split("\n")
        assert [option[:2] for option in options] == ["A.", "B.", "C.", "D."][: len(options)]
        assert row["answer"] in "ABCD"[: len(options)] and (out / row["image_path"]).is_file()
        if "present" in question:
            assert {option[2:] for option in options} == {"yes", "no", "can't judge"}
    assert len({row["id"] for row in found}) == len(found)


def test_corners(tmp_path: Path) -> None:
    _, found = rows("choice_grounding", tmp_path)
    for row in found:
        points = np.array(row["answer"])
        assert points.shape == (4, 2) and (points >= 0).all() and (points <= 1).all()
        assert row["question"].startswith("Please output the coordinates of the ")
    starts = {int(np.array(row["answer"]).sum(1).argmin()) for row in found}
    assert len(starts) > 1  # the first corner is any of them


def test_masks_lie_on_their_pictures(tmp_path: Path) -> None:
    out, found = rows("choice_masks", tmp_path)
    for row in found:
        with Image.open(out / row["mask_path"]) as mask, Image.open(out / row["image_path"]) as picture:
            assert mask.size == picture.size
            pixels = np.asarray(mask)
        assert set(np.unique(pixels)) == {0, 255}
        assert 0 < (pixels[..., 0] > 0).mean() < 0.9 and row["question"].endswith("in this image.")
