"""Pictures are read once, ahead, within a budget; a broken one is the result for itself alone."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Image
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.errors import DataError
from rsbench.harness.pictures import Pictures, weight
from rsbench.harness.turns import D4


class Counted:
    """Reads no file: a picture of 10 x 10 whose red value is the image's name; remembers what it read."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, image: Image) -> PIL.Image.Image:
        self.read.append(image.name)
        if image.name == "broken":
            raise DataError("broken is damaged.")
        return PIL.Image.new("RGB", (10, 10), (int(image.name), 0, 0))


def named(*names: object) -> list[Image]:
    return [Image(str(name), "") for name in names]


def red(picture: PIL.Image.Image) -> bytes:
    return picture.tobytes()[:1] * 100


def test_what_is_shared_is_read_once() -> None:
    read = Counted()
    pictures = Pictures(red, read)
    pictures.ahead(named(1, 2, 1))
    assert pictures.take(named(1, 2, 1, 3)) == [bytes([n]) * 100 for n in (1, 2, 1, 3)]
    assert pictures.take(named(3, 1)) == [b"\3" * 100, b"\1" * 100]
    assert sorted(read.read) == ["1", "2", "3"]
    pictures.close()


def test_a_broken_picture_costs_no_other() -> None:
    pictures = Pictures(red, Counted())
    pictures.ahead(named(1, "broken"))
    first, second = pictures.take(named(1, "broken"))
    assert first == b"\1" * 100
    assert isinstance(second, DataError) and second.message == "broken is damaged."


def test_another_error_is_raised_where_it_is_taken() -> None:
    def full(picture: PIL.Image.Image) -> bytes:
        raise MemoryError

    pictures = Pictures(full, Counted())
    pictures.ahead(named(1))
    with pytest.raises(MemoryError):
        pictures.take(named(1))


def test_the_next_are_read_while_the_last_are_in_use() -> None:
    """Nobody takes the second picture; it is read all the same."""
    done = threading.Event()

    def prepare(picture: PIL.Image.Image) -> bytes:
        done.set()
        return b""

    pictures = Pictures(prepare, Counted())
    pictures.ahead(named(2))
    assert done.wait(10)


def test_the_budget_bounds_what_is_kept_and_what_is_begun() -> None:
    read = Counted()
    pictures = Pictures(red, read, threads=1, budget=400)  # two that were taken, two to come
    for number in range(5):
        pictures.take(named(number))
    pictures.take(named(3, 4))
    assert len(read.read) == 5
    pictures.take(named(0))
    assert len(read.read) == 6
    pictures.ahead(named(10, 11, 12, 13))
    pictures.take(named(10))  # one thread: whatever was begun before is read before the next
    pictures.take(named(20))
    assert read.read[6:] == ["10", "11", "20"]
    assert pictures.take(named(13, 12)) == [b"\15" * 100, b"\14" * 100]


def test_without_keep_a_result_is_handed_out_once() -> None:
    read = Counted()
    pictures = Pictures(red, read, keep=False)
    pictures.ahead(named(1))
    assert pictures.take(named(1, 1)) == [b"\1" * 100] * 2 and read.read == ["1"]
    pictures.take(named(1))
    assert read.read == ["1", "1"]


def test_what_nobody_takes_makes_room_again() -> None:
    read = Counted()
    pictures = Pictures(red, read, threads=1, budget=400)
    pictures.take(named(0))
    pictures.ahead(named(1, 2))  # all there is room for
    pictures.ahead(named(3))
    pictures.ahead(named(3))
    pictures.ahead(named(3))  # the first two are let go
    pictures.take(named(4))
    assert "3" in read.read


def test_the_picture_behind_windows_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8)
    opened: list[Image] = []

    def counted(image: Image) -> PIL.Image.Image:
        opened.append(image)
        return open_rgb(image)

    monkeypatch.setattr("rsbench.harness.pictures.open_rgb", counted)
    for suffix, times in ((".png", 1), (".tif", 4)):  # of a tif, windows are read alone
        path = tmp_path / f"a{suffix}"
        PIL.Image.fromarray(noise).save(path)
        tiles = [Image(path.name, str(path), window=(x, y, x + 4, y + 4)) for x in (0, 4) for y in (0, 4)]
        opened.clear()
        for image, tile in zip(tiles, Pictures(np.asarray).take(tiles), strict=True):
            x, y, _, _ = image.window or (0, 0, 0, 0)
            np.testing.assert_array_equal(tile, noise[y : y + 4, x : x + 4])
        assert len(opened) == times
    (outside,) = Pictures(np.asarray).take([Image("a.png", str(tmp_path / "a.png"), window=(8, 8, 9, 9))])
    assert isinstance(outside, DataError) and "lies outside" in outside.message


@pytest.mark.parametrize("window", [None, (2, 1, 7, 5)])
def test_the_picture_behind_changes_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: tuple[int, int, int, int] | None
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (6, 9, 3), np.uint8)
    opened: list[Image] = []

    def counted(image: Image) -> PIL.Image.Image:
        opened.append(image)
        return open_rgb(image)

    monkeypatch.setattr("rsbench.harness.pictures.open_rgb", counted)
    for suffix in (".png", ".tif"):
        path = tmp_path / f"a{suffix}"
        PIL.Image.fromarray(noise).save(path)
        changes = (*D4[1:], "speckle/1", "gsd/5")
        images = [Image(path.name, str(path), window=window, change=change) for change in changes]
        opened.clear()
        for image, seen in zip(images, Pictures(np.asarray).take(images), strict=True):
            np.testing.assert_array_equal(seen, open_rgb(image))
        assert len(opened) == 1


def test_files_are_read_as_rgb(tmp_path: Path) -> None:
    PIL.Image.new("L", (4, 3), 7).save(tmp_path / "a.png")
    images = [Image("a.png", str(tmp_path / "a.png")), Image("b.png", str(tmp_path / "b.png"))]
    array, missing = Pictures(np.asarray).take(images)
    assert isinstance(array, np.ndarray) and array.shape == (3, 4, 3) and array.max() == 7
    assert isinstance(missing, DataError) and "missing" in missing.message


def test_weights() -> None:
    assert weight(np.zeros((3, 4), np.float32)) == 48
    assert weight(PIL.Image.new("RGB", (5, 2))) == 30
    assert weight((np.zeros(4, np.uint8), "ab", 1.5, [b"xyz"])) == 9
