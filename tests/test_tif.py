"""Tifs read part by part give the values that were written, and decode no more than they need."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import pytest

from rsbench.harness.datasets.tif import Tif, is_tif
from rsbench.harness.errors import DataError

from .tif_writer import write_hollow, write_tif


def drawn(dtype: str, bands: int, height: int = 21, width: int = 34) -> npt.NDArray[Any]:
    rng = np.random.default_rng(bands)
    if np.dtype(dtype).kind == "f":
        return rng.normal(0, 1000, (height, width, bands)).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, (height, width, bands), dtype, endpoint=True)


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("tile", [None, (16, 8)])
@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "u4", "f2", "f4", "f8"])
def test_every_type_in_strips_and_tiles(
    tmp_path: Path, dtype: str, tile: tuple[int, int] | None, endian: str
) -> None:
    for bands, planes, deflate, predictor in (
        (1, False, False, 1),
        (3, False, True, 1),
        (13, False, True, 2),
        (4, True, True, 2),
        (2, False, True, 3),
    ):
        if predictor == 3 and dtype[0] != "f":
            continue
        values = drawn(dtype, bands)
        path = write_tif(
            tmp_path / "a.tif", values, tile=tile, planes=planes, deflate=deflate, predictor=predictor,
            endian=endian,
        )  # fmt: skip
        tif = Tif(path, "a.tif")
        assert (tif.width, tif.height, tif.bands) == (34, 21, bands)
        whole = tif.read((0, 0, 34, 21))
        assert whole.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(whole, values)
        np.testing.assert_array_equal(tif.read((7, 3, 20, 19)), values[3:19, 7:20])
        np.testing.assert_array_equal(tif.read((33, 20, 34, 21)), values[20:, 33:])
        tops, parts = zip(*tif.chunks((2, 1, 30, 21), rows=4), strict=True)
        assert tops[0] == 1
        np.testing.assert_array_equal(np.concatenate(parts), values[1:, 2:30])


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", None])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_what_pillow_writes_is_read_as_pillow_reads_it(
    tmp_path: Path, mode: str, compression: str | None
) -> None:
    x, y = np.meshgrid(np.arange(90), np.arange(70))
    values = np.stack([x, y, x + y], axis=-1).astype(np.uint8)
    path = tmp_path / "a.tif"
    picture = PIL.Image.fromarray(values).convert(mode)
    picture.save(path, compression=compression, tiffinfo={317: 2} if compression == "tiff_lzw" else {})
    with PIL.Image.open(path) as opened:
        theirs = np.asarray(opened).reshape(70, 90, -1)
    tif = Tif(path, "a.tif")
    np.testing.assert_array_equal(tif.read((0, 0, 90, 70)), theirs)
    np.testing.assert_array_equal(tif.read((50, 60, 90, 65)), theirs[60:65, 50:])


def test_pages(tmp_path: Path) -> None:
    first, second = PIL.Image.new("L", (8, 6), 1), PIL.Image.new("L", (4, 4), 2)
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    assert Tif(tmp_path / "a.tif", "a.tif", 1).read((0, 0, 4, 4)).tolist() == [[[2]] * 4] * 4
    with pytest.raises(DataError, match="no page 2"):
        Tif(tmp_path / "a.tif", "a.tif", 2)


def test_a_window_costs_its_own_size(tmp_path: Path) -> None:
    tif = Tif(write_hollow(tmp_path / "a.tif", 27_000, 27_000), "a.tif")
    tracemalloc.start()
    try:
        assert not tif.read((13_000, 13_000, 13_600, 13_600)).any()
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    with pytest.raises(DataError, match="too much to read at once"):
        tif.read((0, 0, 27_000, 27_000))


def test_one_large_strip_is_read_by_rows_where_it_is_not_compressed(tmp_path: Path) -> None:
    values = drawn("u2", 3, height=400)
    path = write_tif(tmp_path / "a.tif", values, rows=400)
    tracemalloc.start()
    try:
        np.testing.assert_array_equal(Tif(path, "a").read((0, 399, 34, 400)), values[399:])
        assert tracemalloc.get_traced_memory()[1] < 30_000  # of 81,600 bytes
    finally:
        tracemalloc.stop()


def test_damage_is_named(tmp_path: Path) -> None:
    whole = write_tif(tmp_path / "a.tif", drawn("u2", 5), deflate=True).read_bytes()
    (tmp_path / "b.tif").write_bytes(whole[:8] + b"\0" * 200 + whole[208:])
    with pytest.raises(DataError, match=r"b\.tif is damaged"):
        Tif(tmp_path / "b.tif", "b.tif").read((0, 0, 34, 21))
    for share in range(0, len(whole), 23):  # the directory stands at the end
        (tmp_path / "c.tif").write_bytes(whole[:share])
        with pytest.raises(DataError, match=r"c\.tif"):
            Tif(tmp_path / "c.tif", "c.tif").read((0, 0, 34, 21))
    values = drawn("u2", 5)
    path = write_tif(tmp_path / "d.tif", values, tags={279: ("I", [10**6] * 5), 273: ("I", [10**6] * 5)})
    with pytest.raises(DataError, match=r"d\.tif ends too early"):
        Tif(path, "d.tif").read((0, 0, 34, 21))


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ({258: ("H", [12])}, "12 bits"),
        ({339: ("H", [6])}, "sample format 6"),
        ({259: ("H", [4])}, "compression that is not read: 4"),
        ({273: ("I", [8])}, "1 of 5 strips"),
        ({256: ("I", [0])}, "without pixels"),
        ({258: ("H", [8, 16])}, "different types"),
        ({278: ("I", [10**9]), 257: ("I", [10**9]), 259: ("H", [8])}, "in one piece"),
    ],
)
def test_what_is_not_read_is_said(tmp_path: Path, tags: dict[int, tuple[str, list[int]]], words: str) -> None:
    path = write_tif(tmp_path / "a.tif", drawn("u1", 1), tags=tags)
    with pytest.raises(DataError, match=words):
        Tif(path, "a.tif")


def test_a_tif_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    assert is_tif(write_tif(tmp_path / "a.png", drawn("u1", 1)))
    PIL.Image.new("L", (2, 2)).save(tmp_path / "b.tif", format="PNG")
    assert not is_tif(tmp_path / "b.tif")
