"""Frames against the pixels: a picture whose colours say where each pixel was, read after the processor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image as Pictures

from rsbench.harness.adapters.hugging_face.frames import Frames
from rsbench.harness.contract import Frame

from . import tiny_models
from .tiny_models import hf

Array = npt.NDArray[np.float64]
SIZES = ((200, 120), (90, 160), (64, 64), (61, 250))


def ramps(width: int, height: int) -> Pictures.Image:
    """Red grows from left to right, green from top to bottom, blue is full: black is not of the picture."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    colours = np.stack([255 * x / width, 255 * y / height, np.full_like(x, 255)], -1)
    return Pictures.fromarray(np.rint(colours).astype(np.uint8))


def measured(seen: Array, frame: Frame) -> None:
    """Colours (height, width, 3) from 0 to 255 say the same as the frame."""
    height, width = seen.shape[:2]
    assert (frame.seen_width, frame.seen_height) == (width, height)
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    inside = seen[..., 2] > 250
    for channel, at, offset, scale, extent in (
        (0, x, frame.offset_x, frame.scale_x, frame.width),
        (1, y, frame.offset_y, frame.scale_y, frame.height),
    ):
        original = (at - offset) / scale
        far = inside & (original > 2 / scale) & (original < extent - 2 / scale)  # a border is blurred
        assert far.any()
        told = seen[..., channel] / 255 * extent
        assert abs(float((told - original)[far].mean())) < max(0.25, 0.25 / scale)
        assert float(np.abs(told - original)[far].max()) < 1.5 + 1 / scale + extent / 255
        # what lies outside of the picture by the frame is not of the picture by its colour
        assert not (inside & ((original < -1 / scale) | (original > extent + 1 / scale))).any()


def colours(pictures: Any, pixels: Any) -> Array:
    """Normalised (3, height, width) back to colours (height, width, 3)."""
    mean, std = (np.array(v)[:, None, None] for v in (pictures.image_mean, pictures.image_std))
    shown: Array = np.moveaxis((pixels.numpy().astype(np.float64) * std + mean) * 255, 0, -1)
    return shown


def tiles(pictures: Any, pixels: Any, frame: Frame, side: int) -> Array:
    """The tiles of a picture laid side by side, row by row; an overview behind them is left out."""
    columns, rows = round(frame.seen_width / side), round(frame.seen_height / side)
    assert len(pixels) == columns * rows + (columns * rows > 1)
    shown = [colours(pictures, tile) for tile in pixels[: columns * rows]]
    return np.concatenate([np.concatenate(shown[r * columns : (r + 1) * columns], 1) for r in range(rows)])


def whole(pictures: Any, size: tuple[int, int]) -> None:
    made = pictures(images=[ramps(*size)], return_tensors="pt")
    frame = Frames(pictures).frame(size, made, 0)
    assert frame is not None
    measured(colours(pictures, made["pixel_values"][0]), frame)


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_picture(size: tuple[int, int]) -> None:
    square = {"height": 56, "width": 56}
    whole(hf.CLIPImageProcessor(size={"shortest_edge": 56}, crop_size=square), size)
    whole(hf.CLIPImageProcessor(size={"shortest_edge": 64}, crop_size=square), size)
    whole(hf.CLIPImageProcessor(size={"shortest_edge": 56}, do_center_crop=False), size)
    whole(hf.SiglipImageProcessor(size=square), size)


@pytest.mark.parametrize("size", SIZES)
def test_a_picture_padded_to_a_square(size: tuple[int, int]) -> None:
    """LLaVA-1.5's own preprocessing: the pad has the mean colour, here one without blue."""
    kind = getattr(hf, "LlavaImageProcessor", None)
    if kind is None:
        pytest.skip("this version of transformers has no processor that pads for LLaVA")
    pictures = kind(
        size={"shortest_edge": 56},
        crop_size={"height": 56, "width": 56},
        do_pad=True,
        image_mean=[0.5, 0.5, 0.0],
    )
    made = pictures(images=[ramps(*size)], return_tensors="pt")
    frame = Frames(pictures).frame(size, made, 0)
    assert frame == Frame.padded_square(*size, 56)
    measured(colours(pictures, made["pixel_values"][0]), frame)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("patch", [14, 16])
def test_a_picture_of_any_size_in_patches(size: tuple[int, int], patch: int) -> None:
    pictures = hf.Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=112 * 112, patch_size=patch)
    made = pictures(images=[ramps(*size), ramps(64, 64)], return_tensors="pt")
    frames = [Frames(pictures).frame(s, made, i) for i, s in enumerate((size, (64, 64)))]
    first = 0
    for frame in frames:
        assert frame is not None
        rows, columns = round(frame.seen_height / patch), round(frame.seen_width / patch)
        flat = made["pixel_values"][first : first + rows * columns]
        first += rows * columns
        blocks = flat.reshape(rows // 2, columns // 2, 2, 2, 3, 2, patch, patch)[:, :, :, :, :, 0]
        picture = blocks.permute(4, 0, 2, 5, 1, 3, 6).reshape(3, rows * patch, columns * patch)
        measured(colours(pictures, picture), frame)
    assert first == len(made["pixel_values"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("make", [tiny_models.internvl, tiny_models.idefics3])
def test_a_picture_in_tiles(size: tuple[int, int], make: Callable[[Path], Path], tmp_path: Path) -> None:
    processor = hf.AutoProcessor.from_pretrained(make(tmp_path / "m"))
    pictures, text = processor.image_processor, processor.image_token
    made = processor(images=[[ramps(*size)]], text=[text], return_tensors="pt")
    frame = Frames(pictures).frame(size, made, 0)
    assert frame is not None
    pixels = made["pixel_values"]
    measured(tiles(pictures, pixels[0] if pixels.ndim == 5 else pixels, frame, 28), frame)


def test_one_tile_is_the_whole_picture() -> None:
    pictures = hf.GotOcr2ImageProcessor(size={"height": 28, "width": 28})
    made = pictures(images=[ramps(80, 40)], return_tensors="pt")
    assert Frames(pictures).frame((80, 40), made, 0) == Frame(80, 40, 28, 28, 0.35, 0.7)


def test_what_is_not_known_is_not_said() -> None:
    """Pixels of another size than the processor's settings lead to, and shapes of no known family."""
    import torch

    pictures = hf.CLIPImageProcessor(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56})
    frames = Frames(pictures)
    assert frames.frame((80, 60), {"pixel_values": torch.zeros(1, 3, 57, 56)}, 0) is None
    assert frames.frame((80, 60), {"pixel_values": torch.zeros(1, 2, 3, 56, 56)}, 0) is None
    assert frames.frame((80, 60), {}, 0) is None
    odd = hf.CLIPImageProcessor(size={"shortest_edge": 20, "longest_edge": 40}, do_center_crop=False)
    assert Frames(odd).frame((80, 60), {"pixel_values": torch.zeros(1, 3, 20, 26)}, 0) is None
    small = hf.CLIPImageProcessor(size={"shortest_edge": 20}, crop_size={"height": 56, "width": 56})
    assert Frames(small).frame((80, 60), {"pixel_values": torch.zeros(1, 3, 56, 56)}, 0) is None
