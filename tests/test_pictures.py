"""Pictures are read once, ahead, within a budget; a broken one is the result for itself alone."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Image
from rsbench.harness.errors import DataError
from rsbench.harness.pictures import Pictures, weight


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
