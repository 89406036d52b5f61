"""Pictures of every kind come out as 8-bit RGB; damaged ones as a DataError that names the file."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Image
from rsbench.harness.datasets.images import image_size, is_image, open_rgb
from rsbench.harness.errors import DataError


def at(path: Path, **more: object) -> Image:
    return Image(path.name, str(path), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        ("RGB", ".JPG"), ("L", ".jpg"), ("CMYK", ".jpg"), ("RGBA", ".png"), ("LA", ".png"), ("P", ".png"),
        ("1", ".bmp"), ("RGB", ".TIF"), ("L", ".tif"), ("I;16", ".tif"), ("F", ".tiff"), ("I", ".tif"),
    ],
)  # fmt: skip
def test_any_mode_becomes_rgb(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if mode in ("I;16", "F", "I"):
        dtype = {"I;16": np.uint16, "F": np.float32, "I": np.int32}[mode]
        PIL.Image.fromarray(np.arange(48, dtype=dtype).reshape(6, 8) * 100).save(path)
    else:
        PIL.Image.new(mode, (8, 6)).save(path)
    picture = open_rgb(at(path))
    assert (picture.mode, picture.size) == ("RGB", (8, 6))
    assert image_size(path) == (8, 6)


def test_sixteen_bit_is_stretched_between_percentiles(tmp_path: Path) -> None:
    values = np.full((10, 10), 1000, np.uint16)
    values[:, 5:] = 3000
    values[0, 0], values[9, 9] = 0, 65535  # outliers outside the percentiles
    PIL.Image.fromarray(values).save(tmp_path / "a.tif")
    pixels = np.asarray(open_rgb(at(tmp_path / "a.tif")))
    assert pixels[5, 0].tolist() == [0, 0, 0]
    assert pixels[5, 9].tolist() == [255, 255, 255]


def test_float_with_not_a_number_and_a_constant_picture(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 16, dtype=np.float32).reshape(4, 4)
    values[0, 0] = np.nan
    PIL.Image.fromarray(values).save(tmp_path / "a.tif")
    assert np.asarray(open_rgb(at(tmp_path / "a.tif")))[0, 0].tolist() == [0, 0, 0]
    PIL.Image.fromarray(np.full((4, 4), 7, np.uint16)).save(tmp_path / "b.tif")
    assert np.asarray(open_rgb(at(tmp_path / "b.tif"))).max() == 0


def test_alpha_is_dropped_without_blending(tmp_path: Path) -> None:
    PIL.Image.new("RGBA", (2, 2), (200, 100, 50, 0)).save(tmp_path / "a.png")
    assert open_rgb(at(tmp_path / "a.png")).getpixel((0, 0)) == (200, 100, 50)


def test_pages_and_windows(tmp_path: Path) -> None:
    first, second = PIL.Image.new("RGB", (8, 6), "red"), PIL.Image.new("RGB", (4, 4), "blue")
    first.save(tmp_path / "a.tif", save_all=True, append_images=[second])
    path = tmp_path / "a.tif"
    assert open_rgb(at(path)).getpixel((0, 0)) == (255, 0, 0)
    assert open_rgb(at(path, page=1)).getpixel((0, 0)) == (0, 0, 255)
    assert open_rgb(at(path, window=(2, 1, 5, 3))).size == (3, 2)
    with pytest.raises(DataError, match=r"a\.tif.*page"):
        open_rgb(at(path, page=2))
    with pytest.raises(DataError, match="window"):
        open_rgb(at(path, window=(8, 0, 9, 2)))


def test_the_size_is_bounded_before_decoding(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 12_000, 13_000, 8, 2, 0, 0, 0))
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(DataError, match=r"huge\.png has 12000 x 13000"):
        open_rgb(at(path))
    PIL.Image.new("L", (20, 20)).save(tmp_path / "b.png")
    with pytest.raises(DataError, match="more than 399"):
        open_rgb(at(tmp_path / "b.png"), max_pixels=399)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    for suffix in (".jpg", ".png", ".tif"):
        whole = tmp_path / f"whole{suffix}"
        PIL.Image.fromarray(noise).save(whole)
        for share in (0.0, 0.1, 0.5, 0.8):
            cut = tmp_path / f"cut{suffix}"
            cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
            with pytest.raises(DataError, match=f"cut\\{suffix}"):
                open_rgb(at(cut))
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(DataError, match=r"text\.jpg is damaged"):
        open_rgb(at(tmp_path / "text.jpg"))
    with pytest.raises(DataError, match=r"gone\.jpg is missing"):
        open_rgb(at(tmp_path / "gone.jpg"))
    with pytest.raises(DataError, match=r"gone\.jpg is missing"):
        image_size(tmp_path / "gone.jpg")


def test_suffixes_in_any_case() -> None:
    assert is_image("a.JPG") and is_image("b.TiF") and is_image("x/c.jpeg")
    assert not is_image("a.txt") and not is_image("jpg")


def test_real_pictures(shared: Path) -> None:
    infrared = next((shared / "data/HIT-UAV/normal_json/val").iterdir())
    assert open_rgb(at(infrared)).size == (640, 512)
    assert open_rgb(at(shared / "data/DOTA/images/P1888.png")).mode == "RGB"
