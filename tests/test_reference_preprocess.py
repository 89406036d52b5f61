"""From a picture to pixels: padding, normalisation and the ViT's own statistics, by plain arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from rsbench.harness.errors import DataError
from rsbench.reference_model import preprocess
from rsbench.reference_model.preprocess import for_vit, normalised, pad_to_square, square_pixels

CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def picture(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 255, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize(("width", "height"), [(10, 4), (4, 10), (9, 4), (4, 9), (7, 7), (1, 2)])
def test_padding_is_centred_and_the_odd_pixel_lies_at_the_far_side(width: int, height: int) -> None:
    given = picture(width, height)
    side = max(width, height)
    expected = np.empty((side, side, 3), np.uint8)
    expected[:] = (122, 116, 104)
    left, top = (side - width) // 2, (side - height) // 2
    expected[top : top + height, left : left + width] = np.asarray(given)
    assert np.array_equal(np.asarray(pad_to_square(given)), expected)
    assert (side - width - left) - left in (0, 1) and (side - height - top) - top in (0, 1)


def test_padding_comes_before_resizing() -> None:
    given = Image.new("RGB", (40, 20), (255, 0, 0))
    pixels = square_pixels(given, 20)
    assert pixels.shape == (20, 20, 3) and pixels.dtype == np.uint8
    assert tuple(pixels[0, 10]) == (122, 116, 104) and tuple(pixels[10, 10]) == (255, 0, 0)


def test_resizing_is_bicubic() -> None:
    given = picture(30, 30)
    expected = np.asarray(given.resize((12, 12), Image.Resampling.BICUBIC))
    assert np.array_equal(square_pixels(given, 12), expected)


@pytest.mark.parametrize(("width", "height"), [(400, 30), (31, 400), (400, 1), (1, 399)])
def test_a_strips_square_is_never_whole_and_gives_the_same_pixels(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = picture(width, height)
    expected = np.asarray(pad_to_square(given).resize((24, 24), Image.Resampling.BICUBIC))
    monkeypatch.setattr(preprocess, "_WHOLE", 400 * 64)  # bands of 8 rows
    found = square_pixels(given, 24)
    assert np.array_equal(found, expected)
    with pytest.raises(DataError, match=f"{width} x {height} pixels is too long"):
        pad_to_square(given)


def test_a_strip_that_is_too_long_is_an_error_of_its_own() -> None:
    assert square_pixels(Image.new("RGB", (60_000, 2), (255, 0, 0)), 8).shape == (8, 8, 3)
    with pytest.raises(DataError, match="1 x 200000 pixels is too long.*\nCut it into tiles"):
        square_pixels(Image.new("RGB", (1, 200_000)), 8)


def test_normalisation_is_clips() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 6, 3)).astype(np.uint8)
    expected = (pixels / 255 - np.array(CLIP[0])) / np.array(CLIP[1])
    found = normalised(list(pixels))
    assert found.shape == (2, 3, 5, 6) and found.dtype == torch.float32
    np.testing.assert_allclose(found.permute(0, 2, 3, 1).numpy(), expected, atol=1e-6)


def test_the_vit_sees_the_bicubic_picture_with_imagenets_statistics() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 3)).astype(np.uint8)
    plain = torch.from_numpy(pixels).permute(0, 3, 1, 2).double() / 255
    small = functional.interpolate(plain, (14, 14), mode="bicubic", align_corners=False)
    mean, std = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in IMAGENET)
    torch.testing.assert_close(
        for_vit(normalised(pixels), 14).double(), (small - mean) / std, atol=5e-5, rtol=0
    )
