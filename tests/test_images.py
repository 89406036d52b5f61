"""Pictures of every kind come out as 8-bit RGB; damaged ones as a DataError that names the file."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Image, Stretch
from rsbench.harness.datasets.images import (
    MAX_PIXELS,
    band_count,
    image_size,
    is_image,
    open_reduced,
    open_rgb,
    reads_parts,
)
from rsbench.harness.errors import DataError

from .tif_writer import write_hollow, write_tif


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
    path = tmp_path / "huge.png"
    path.write_bytes(_png(12_000, 13_000, 8, b""))
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


def test_a_truncated_tif_of_many_bands_is_named(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", np.ones((64, 64, 13), np.uint16), deflate=True)
    whole = path.read_bytes()
    for share in (0.1, 0.5, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError, match=r"a\.tif"):
            open_rgb(at(path, stretch=Stretch((1,))))
    values = np.ones((64, 64, 13), np.uint16)
    path = write_tif(path, values, tags={273: ("I", [9**9] * 13), 279: ("I", [9] * 13)})
    with pytest.raises(DataError, match=r"a\.tif ends too early"):
        open_rgb(at(path, stretch=Stretch((1,))))


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "I;16", "P", "1", "CMYK", "LA"])
@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_a_window_is_that_part_of_the_whole(tmp_path: Path, mode: str, suffix: str) -> None:
    if (mode, suffix) == ("CMYK", ".png"):
        return
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    picture = PIL.Image.fromarray(noise)
    if mode == "I;16":
        PIL.Image.fromarray(noise[..., 0].astype(np.uint16) * 200).save(tmp_path / f"a{suffix}")
    else:
        picture.convert(mode).save(tmp_path / f"a{suffix}")
    path = tmp_path / f"a{suffix}"
    whole = open_rgb(at(path))
    for window in ((0, 0, 60, 40), (10, 5, 33, 17), (59, 39, 60, 40), (50, 30, 70, 45), (-5, -5, 5, 5)):
        part = open_rgb(at(path, window=window))
        np.testing.assert_array_equal(np.asarray(part), np.asarray(whole.crop(window)))
    for window in ((60, 0, 61, 1), (5, 5, 5, 9), (-3, 0, 0, 3)):
        with pytest.raises(DataError, match="lies outside"):
            open_rgb(at(path, window=window))


def test_a_rotated_tif_has_the_same_pixels_in_windows(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    path = tmp_path / "a.tif"
    PIL.Image.fromarray(noise).save(path, tiffinfo={274: 6})
    whole = open_rgb(at(path))
    np.testing.assert_array_equal(open_rgb(at(path, window=(3, 4, 9, 8))), whole.crop((3, 4, 9, 8)))


def test_pictures_of_eight_bits_stay_as_they_are_under_a_stretch(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 90, (9, 7, 3), np.uint8)
    for suffix in (".png", ".tif"):
        path = tmp_path / f"a{suffix}"
        PIL.Image.fromarray(noise).save(path)
        image = at(path, stretch=Stretch((13, 2, 1)))
        np.testing.assert_array_equal(open_rgb(image), noise)
        assert band_count(image) is None
        PIL.Image.fromarray(noise[..., 0]).save(path)
        assert np.asarray(open_rgb(image)).max() < 90
    four = np.random.default_rng(1).integers(0, 90, (9, 7, 4), np.uint8)
    path = write_tif(tmp_path / "four.tif", four)
    assert band_count(at(path)) == 4
    np.testing.assert_array_equal(open_rgb(at(path, stretch=Stretch((4, 1, 2)))), four[..., [3, 0, 1]])


def test_a_stretch_of_one_channel_in_any_format(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 4000, (9, 7), np.uint16)
    expected = np.rint(np.clip(values / 3000, 0, 1) * 255).astype(np.uint8)
    for suffix in (".png", ".tif"):
        PIL.Image.fromarray(values).save(tmp_path / f"a{suffix}")
        image = at(tmp_path / f"a{suffix}", stretch=Stretch(range=(0, 3000)))
        np.testing.assert_array_equal(np.asarray(open_rgb(image))[..., 1], expected)
        assert band_count(image) == 1
        with pytest.raises(DataError, match="1 band, and its card shows band 3"):
            open_rgb(at(tmp_path / f"a{suffix}", stretch=Stretch((3,))))


def test_sixteen_bit_colour(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 2**16, (9, 7, 3), np.uint16)
    path = write_tif(tmp_path / "a.tif", values, photometric=2)
    np.testing.assert_array_equal(open_rgb(at(path)), (values >> 8).astype(np.uint8))
    np.testing.assert_array_equal(open_rgb(at(path, window=(1, 1, 4, 4))), (values[1:4, 1:4] >> 8))
    stretched = np.asarray(open_rgb(at(path, stretch=Stretch((3, 2, 1), range=(0, 65535)))))
    np.testing.assert_array_equal(stretched, np.rint(values[..., ::-1] / 65535 * 255).astype(np.uint8))
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    png = _png(7, 9, 16, zlib.compress(rows))
    (tmp_path / "a.png").write_bytes(png)
    np.testing.assert_array_equal(open_rgb(at(tmp_path / "a.png")), (values >> 8).astype(np.uint8))
    with pytest.raises(DataError, match="high bytes alone"):
        open_rgb(at(tmp_path / "a.png", stretch=Stretch()))


def test_an_image_of_27_000_pixels_a_side(tmp_path: Path) -> None:
    path = write_hollow(tmp_path / "a.tif", 27_000, 27_000)
    with pytest.raises(DataError, match=r"a\.tif has far more than 150,000,000 pixels"):
        open_rgb(at(path))
    assert image_size(path) == (27_000, 27_000)
    assert open_rgb(at(path, window=(26_000, 26_500, 27_000, 27_000))).size == (1000, 500)
    assert open_rgb(at(path, window=(-5, -5, 5, 5))).size == (10, 10)
    part = open_reduced(at(path, window=(0, 0, 4000, 2000)), 1000)
    assert (part.picture.size, part.width, part.height) == ((1000, 500), 4000, 2000)
    (tmp_path / "a.png").write_bytes(_png(27_000, 27_000, 8, b""))
    for image in (at(tmp_path / "a.png"), at(tmp_path / "a.png", window=(0, 0, 5, 5))):
        with pytest.raises(DataError, match=r"a\.png has far more than"):
            open_rgb(image)
        with pytest.raises(DataError, match=r"a\.png has far more than"):
            open_reduced(image, 500)
    assert MAX_PIXELS < 27_000**2


def test_a_reduced_tif_is_the_means_of_blocks(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 255, (100, 130, 3), np.uint8)
    path = write_tif(tmp_path / "a.tif", values, rows=7, photometric=2)
    found = open_reduced(at(path), 30)
    assert (found.width, found.height, found.picture.size) == (130, 100, (33, 25))
    blocks = values[:100, :128].reshape(25, 4, 32, 4, 3).mean(axis=(1, 3))
    assert np.abs(np.asarray(found.picture)[:, :32] - blocks).max() <= 0.5
    assert np.abs(np.asarray(found.picture)[:, 32] - values[:, 128:].reshape(25, 8, 3).mean(1)).max() <= 0.5
    for image, least, above in ((at(path), 130, 0), (at(path), 66, 0), (at(path), 5, 13_000)):
        whole = open_reduced(image, least, above)
        np.testing.assert_array_equal(whole.picture, values)
        assert (whole.width, whole.height) == (130, 100)


def test_a_reduced_jpeg_is_decoded_smaller(tmp_path: Path) -> None:
    x, y = np.meshgrid(np.arange(1000), np.arange(600))
    picture = PIL.Image.fromarray(np.stack([x // 4, y // 4, (x + y) // 8], axis=-1).astype(np.uint8))
    path = tmp_path / "a.jpg"
    picture.save(path, quality=95)
    found = open_reduced(at(path), 250)
    assert (found.picture.size, found.width, found.height) == ((250, 150), 1000, 600)
    difference = np.abs(np.asarray(found.picture, float) - np.asarray(picture.resize((250, 150)), float))
    assert difference.mean() < 2
    assert open_reduced(at(path), 251).picture.size == (500, 300)
    assert open_reduced(at(path), 200, above=600_000).picture.size == (1000, 600)
    assert open_reduced(at(path, window=(5, 5, 55, 45)), 10).picture.size == (50, 40)
    np.testing.assert_array_equal(open_reduced(at(path), 1000).picture, open_rgb(at(path)))
    assert open_reduced(at(path), 125, max_pixels=80_000).picture.size == (125, 75)
    picture.save(path, progressive=True)
    with pytest.raises(DataError, match="progressive"):
        open_reduced(at(path), 125, max_pixels=80_000)
    with pytest.raises(DataError, match=r"gone\.jpg is missing"):
        open_reduced(at(tmp_path / "gone.jpg"), 125)


def test_which_windows_are_read_alone(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (4, 4)).save(tmp_path / "a.tif")
    PIL.Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    PIL.Image.new("P", (4, 4)).save(tmp_path / "p.tif")
    assert reads_parts(at(tmp_path / "a.tif"))
    assert not reads_parts(at(tmp_path / "a.png")) and not reads_parts(at(tmp_path / "p.tif"))


def test_a_picture_of_one_pixel(tmp_path: Path) -> None:
    for suffix in (".png", ".tif", ".jpg"):
        PIL.Image.new("RGB", (1, 1), (9, 9, 9)).save(tmp_path / f"a{suffix}")
        assert open_rgb(at(tmp_path / f"a{suffix}")).getpixel((0, 0)) == (9, 9, 9)
        assert open_reduced(at(tmp_path / f"a{suffix}"), 448).picture.size == (1, 1)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg"])
def test_a_change_is_of_what_was_cut_out(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    PIL.Image.fromarray(noise).save(path)
    window = (10, 5, 40, 25)
    for given in (at(path), at(path, window=window)):
        plain = np.asarray(open_rgb(given))
        turned = open_rgb(replace(given, change="rot90"))
        np.testing.assert_array_equal(turned, np.rot90(plain, -1))
        reduced = open_reduced(replace(given, change="rot90"), 448)
        assert (reduced.width, reduced.height) == reduced.picture.size == turned.size
        hazy = open_rgb(replace(given, change="haze/5"))
        assert hazy.size == (plain.shape[1], plain.shape[0]) and np.asarray(hazy).std() < plain.std() / 2


def test_a_reduced_picture_is_changed_as_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 80, 3), np.uint8)).save(path)
    plain, turned = (open_reduced(at(path, change=change), 20) for change in ("", "flip rot270"))
    assert (plain.width, plain.height, plain.picture.size) == (80, 40, (20, 10))
    assert (turned.width, turned.height, turned.picture.size) == (40, 80, (10, 20))
    expected = np.rot90(np.asarray(plain.picture)[:, ::-1], 1)
    np.testing.assert_array_equal(turned.picture, expected)


def _png(width: int, height: int, bits: int, body: bytes) -> bytes:
    """A PNG of colour; `body` its compressed rows."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def test_suffixes_in_any_case() -> None:
    assert is_image("a.JPG") and is_image("b.TiF") and is_image("x/c.jpeg")
    assert not is_image("a.txt") and not is_image("jpg")


def test_real_pictures(shared: Path) -> None:
    infrared = next((shared / "data/HIT-UAV/normal_json/val").iterdir())
    assert open_rgb(at(infrared)).size == (640, 512)
    assert open_rgb(at(shared / "data/DOTA/images/P1888.png")).mode == "RGB"
