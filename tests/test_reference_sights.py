"""Pictures looked at once: by content, within a batch and across batches, bounded in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image as Pictures

from rsbench.harness.contract import Frame, Image, Stretch
from rsbench.harness.errors import DataError
from rsbench.reference_model.generate import Sight
from rsbench.reference_model.sights import Looked, Sights, content_key

from .tif_writer import write_hollow

BYTES = 400  # of one sight: 100 float32


class Eyes:
    """Counts what is looked at; a sight holds the picture's mean colour."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, squares: Sequence[npt.NDArray[np.uint8]]) -> list[Sight]:
        self.batches.append(len(squares))
        assert all(square.shape == (32, 32, 3) for square in squares)
        return [
            Sight(torch.full((100,), float(square.mean())), None, torch.empty(0, 8)) for square in squares
        ]


@pytest.fixture
def images(tmp_path: Path) -> list[Image]:
    found = []
    for i in range(5):
        Pictures.new("RGB", (40 + i, 40), (40 * i, 40 * i, 40 * i)).save(tmp_path / f"{i}.png")
        found.append(Image(f"{i}.png", str(tmp_path / f"{i}.png")))
    return found


def seen(looked: Looked | DataError) -> float:
    assert isinstance(looked, Looked)
    return float(looked.sight.prefix[0])


def test_a_picture_is_looked_at_once(images: list[Image]) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32)
    a, b, c = images[:3]
    first = sights.look([a, b, a, a])
    assert eyes.batches == [2] and first[0] is first[2] is first[3]
    again = sights.look([b, c, a])
    assert eyes.batches == [2, 1] and again[0] is first[1] and again[2] is first[0]
    sights.look([a, b, c] * 5)
    assert eyes.batches == [2, 1]
    assert isinstance(first[1], Looked) and first[1].frame == Frame.padded_square(41, 40, 32)
    assert sights.look([]) == []


def test_content_counts_and_not_the_name(images: list[Image], tmp_path: Path) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32)
    copy = tmp_path / "copy.png"
    copy.write_bytes(Path(images[0].path).read_bytes())
    sights.look([images[0]])
    sights.look([Image("copy.png", str(copy))])
    assert eyes.batches == [1], "another file with the same bytes"
    before = seen(sights.look([images[1]])[0])
    Path(images[1].path).write_bytes(Path(images[4].path).read_bytes())
    assert seen(sights.look([images[1]])[0]) != before, "the same file with other bytes"
    windows = [replace(images[2], window=w) for w in ((0, 0, 20, 20), (0, 0, 30, 20), None)]
    assert len({content_key(image) for image in windows}) == 3
    frames = [looked.frame for looked in sights.look(windows) if isinstance(looked, Looked)]
    assert [(f.width, f.height) for f in frames] == [(20, 20), (30, 20), (42, 40)]
    assert content_key(replace(images[2], page=1)) != content_key(images[2])


def test_a_changed_picture_is_another(images: list[Image]) -> None:
    shown = [replace(images[2], change=change) for change in ("", "rot90", "flip", "haze/1", "haze/2")]
    assert len({content_key(image) for image in shown}) == 5
    sights = Sights(Eyes(), 32)
    frames = [looked.frame for looked in sights.look(shown) if isinstance(looked, Looked)]
    assert [(f.width, f.height) for f in frames] == [(42, 40), (40, 42), (42, 40), (42, 40), (42, 40)]


def test_memory_is_bounded(images: list[Image]) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32, budget=2 * BYTES)
    a, b, c = images[:3]
    sights.look([a, b])
    sights.look([a])
    sights.look([c])  # b was asked about longest ago
    sights.look([a, c])
    assert eyes.batches == [2, 1]
    sights.look([b])
    assert eyes.batches == [2, 1, 1]
    # a batch of more than there is room for is answered whole
    assert len({seen(looked) for looked in sights.look(images)}) == 5
    eyes.batches.clear()
    sights.look(images[-2:])
    assert eyes.batches == []


def test_a_picture_larger_than_the_budget_is_not_kept(images: list[Image]) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32, budget=BYTES - 1)
    assert seen(sights.look(images[:1])[0]) == seen(sights.look(images[:1])[0])
    assert eyes.batches == [1, 1]


def test_what_cannot_be_read_stays_alone(images: list[Image], tmp_path: Path) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32)
    (tmp_path / "broken.png").write_bytes(Path(images[3].path).read_bytes()[:60])
    bad = [Image(name, str(tmp_path / name)) for name in ("broken.png", "gone.png", "\0.png", "broken.png")]
    looks = sights.look([bad[0], images[0], *bad[1:]])
    assert [isinstance(looked, DataError) for looked in looks] == [True, False, True, True, True]
    assert "broken.png" in str(looks[0]) and "gone.png" in str(looks[2]) and eyes.batches == [1]
    Path(bad[1].path).write_bytes(Path(images[1].path).read_bytes())
    assert isinstance(sights.look([bad[1]])[0], Looked), "a picture that came late is looked at"
    everything = sights.look(bad[:1])
    assert len(everything) == 1 and isinstance(everything[0], DataError)


def test_pictures_of_the_next_batch_are_read_ahead_unless_they_are_known(images: list[Image]) -> None:
    eyes = Eyes()
    sights = Sights(eyes, 32)
    sights.look(images[:1])
    gone = Image("gone.png", "gone.png")
    sights.ahead([images[0], images[1], gone])
    first, second, third = sights.look([images[0], images[1], gone])
    assert eyes.batches == [1, 1]
    assert seen(first) == 0 and 40 < seen(second) < 45  # a line of it is background
    assert isinstance(third, DataError) and "missing" in third.message


def test_another_stretch_is_another_content(images: list[Image]) -> None:
    assert content_key(replace(images[0], stretch=Stretch((1,)))) != content_key(images[0])


def test_a_picture_too_large_to_be_read_whole_is_looked_at(tmp_path: Path) -> None:
    path = write_hollow(tmp_path / "a.tif", 16_000, 12_000)
    (looked,) = Sights(Eyes(), 32).look([Image("a.tif", str(path))])
    assert isinstance(looked, Looked) and looked.frame == Frame.padded_square(16_000, 12_000, 32)
