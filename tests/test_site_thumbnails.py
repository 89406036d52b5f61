"""Thumbnails: sizes, windows, budget, broken pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Image
from rsbench.harness.errors import DataError
from rsbench.harness.site.thumbnails import LEAST_SIDE, Thumbnail, write_thumbnails


def noise(path: Path, width: int, height: int, seed: int = 0) -> Image:
    """A picture that compresses badly."""
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    Pictures.fromarray(pixels).save(path)
    return Image(path.name, str(path))


def size(folder: Path, thumbnail: Thumbnail | None) -> tuple[int, int]:
    assert thumbnail is not None
    with Pictures.open(folder / thumbnail.file) as picture:
        return picture.size


def test_the_long_side_is_cut_and_small_pictures_stay(tmp_path: Path) -> None:
    images = [noise(tmp_path / "wide.jpg", 640, 200), noise(tmp_path / "small.png", 50, 30)]
    images.append(noise(tmp_path / "thin.png", 400, 2))
    found = write_thumbnails(images, tmp_path / "out", side=160)
    assert [size(tmp_path / "out", one) for one in found] == [(160, 50), (50, 30), (160, 1)]
    assert [(one.file, one.width, one.height) for one in found if one] == [
        ("00000.webp", 640, 200),
        ("00001.webp", 50, 30),
        ("00002.webp", 400, 2),
    ]


def test_a_window_is_shown_and_its_size_told(tmp_path: Path) -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[40:80, 20:60] = (250, 0, 0)
    Pictures.fromarray(pixels).save(tmp_path / "a.png")
    images = [
        Image("a.png", str(tmp_path / "a.png"), window=(20, 40, 60, 80)),
        Image("a.png", str(tmp_path / "a.png")),
        Image("a.png", str(tmp_path / "a.png"), change="rot90", window=(0, 40, 100, 80)),
    ]
    found = write_thumbnails(images, tmp_path / "out")
    assert [(one.width, one.height) for one in found if one] == [(40, 40), (100, 100), (40, 100)]
    with Pictures.open(tmp_path / "out" / "00000.webp") as picture:
        means = np.asarray(picture.convert("RGB")).mean((0, 1))
    assert means == pytest.approx([250, 0, 0], abs=12)


def test_what_is_missing_or_broken_has_none(tmp_path: Path) -> None:
    whole = noise(tmp_path / "whole.png", 40, 40)
    (tmp_path / "broken.png").write_bytes((tmp_path / "whole.png").read_bytes()[:900])
    (tmp_path / "text.jpg").write_text("no picture")
    broken = [Image(name, str(tmp_path / name)) for name in ("broken.png", "text.jpg", "gone.png")]
    outside = Image("whole.png", whole.path, window=(90, 90, 120, 120))
    found = write_thumbnails([Image("nowhere.png", ""), *broken, outside, whole], tmp_path / "out")
    assert [one is None for one in found] == [True] * 5 + [False]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["00005.webp"]


@pytest.mark.parametrize("count", [2, 12])
def test_all_together_stay_within_the_budget_however_they_compress(tmp_path: Path, count: int) -> None:
    images = [noise(tmp_path / f"{n}.png", 400, 400, n) for n in range(count)]
    budget = 60_000
    found = write_thumbnails(images, tmp_path / "out", budget=budget)
    files = [path.stat().st_size for path in (tmp_path / "out").iterdir()]
    assert len(files) == count and sum(files) <= budget and max(files) <= budget / count
    assert all(min(size(tmp_path / "out", one)) >= LEAST_SIDE for one in found)


def test_the_side_is_never_below_what_can_be_seen(tmp_path: Path) -> None:
    (found,) = write_thumbnails([noise(tmp_path / "a.png", 400, 400)], tmp_path / "out", budget=10)
    assert size(tmp_path / "out", found) == (LEAST_SIDE, LEAST_SIDE)
    (smaller,) = write_thumbnails([noise(tmp_path / "a.png", 400, 400)], tmp_path / "out", 32, budget=10)
    assert size(tmp_path / "out", smaller) == (32, 32)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(DataError, match="Cannot write"):
        write_thumbnails([noise(tmp_path / "a.png", 40, 40)], tmp_path / "out")
