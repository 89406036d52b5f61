"""Where the pixels that a model sees lie over the original picture, from what its image processor did."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ...contract import Frame

Size = tuple[int, int]  # width, height


class Frames:
    """The frames of one image processor."""

    def __init__(self, pictures: Any) -> None:
        self._pictures = pictures
        self._tiles: dict[Size, Size] = {}

    def frame(self, size: Size, inputs: Mapping[str, Any], place: int) -> Frame | None:
        """How the picture at `place` of a batch was shown; None where the processor is of no known kind.

        `size` is that of the original, `inputs` what the processor made of the batch. Known are pictures of
        any size in patches (Qwen's image_grid_thw), in tiles that are stretched as one (InternVL, Idefics3,
        SmolVLM), and whole ones that are padded to a square, resized and cropped at the centre; of these only
        such whose pixels come out in the size they should have.
        """
        if "image_grid_thw" in inputs:
            _, rows, columns = (int(v) for v in inputs["image_grid_thw"][place])
            side = int(self._pictures.patch_size)
            return _stretched(size, (columns * side, rows * side))
        if hasattr(self._pictures, "max_image_size"):
            return _stretched(size, self._split(size))
        pixels = inputs.get("pixel_values")
        if pixels is None or pixels.ndim != 4:
            return None
        if getattr(self._pictures, "crop_to_patches", None) is not None:
            return _stretched(size, self._canvas(size))
        return self._whole(size, (int(pixels.shape[3]), int(pixels.shape[2])))

    def _split(self, size: Size) -> Size:
        """Idefics3: rows and columns of tiles, as its processor tells them for a picture of this size."""
        if size not in self._tiles:
            from PIL import Image

            made = self._pictures(images=[[Image.new("RGB", size)]], return_row_col_info=True)
            rows, columns = max(1, int(made["rows"][0][0])), max(1, int(made["cols"][0][0]))
            side = int(dict(self._pictures.max_image_size)["longest_edge"])
            self._tiles[size] = columns * side, rows * side
        return self._tiles[size]

    def _canvas(self, size: Size) -> Size:
        """InternVL: the tiles' common extent, as its processor chooses it for a picture of this size."""
        own, module = self._pictures, sys.modules[type(self._pictures).__module__]
        tile = dict(own.size)
        width, height = int(tile["width"]), int(tile["height"])
        if not own.crop_to_patches:
            return width, height
        columns, rows = module.get_optimal_tiled_canvas(
            (size[1], size[0]), (height, width), own.min_patches, own.max_patches
        )
        return columns * width, rows * height

    def _whole(self, size: Size, seen: Size) -> Frame | None:
        """One tensor a picture, `seen` its size: padded, resized and cropped as the processor's flags say."""
        own = self._pictures
        frame = Frame.plain(*size)
        if getattr(own, "do_pad", False) and hasattr(own, "pad_to_square"):
            frame = Frame.padded_square(*size)
        if getattr(own, "do_resize", False):
            target = _resized((round(frame.seen_width), round(frame.seen_height)), own.size)
            if target is None:
                return None
            frame = _resize(frame, target)
        if getattr(own, "do_center_crop", False):
            crop = own.crop_size if isinstance(own.crop_size, int) else dict(own.crop_size)
            wide, high = (crop, crop) if isinstance(crop, int) else (int(crop["width"]), int(crop["height"]))
            if wide > frame.seen_width or high > frame.seen_height:
                return None
            frame = _cropped(frame, wide, high)
        return frame if (frame.seen_width, frame.seen_height) == seen else None


def _stretched(size: Size, seen: Size) -> Frame:
    return _resize(Frame.plain(*size), seen)


def _resized(size: Size, target: Any) -> Size | None:
    """The size a processor brings a picture to; the long side rounded down, as torchvision does it."""
    edges = {key: int(value) for key, value in dict(target).items() if value is not None}
    if "height" in edges and "width" in edges:
        return edges["width"], edges["height"]
    if set(edges) == {"shortest_edge"}:
        short, (width, height) = edges["shortest_edge"], size
        long = int(short * max(size) / min(size))
        return (short, long) if width <= height else (long, short)
    return None


def _resize(frame: Frame, target: Size) -> Frame:
    across, down = target[0] / frame.seen_width, target[1] / frame.seen_height
    return Frame(
        frame.width, frame.height, *target, frame.scale_x * across, frame.scale_y * down,
        frame.offset_x * across, frame.offset_y * down,
    )  # fmt: skip


def _cropped(frame: Frame, wide: int, high: int) -> Frame:
    """The middle, half a pixel rounded towards the origin."""
    left, top = int((frame.seen_width - wide) / 2), int((frame.seen_height - high) / 2)
    return Frame(
        frame.width, frame.height, wide, high, frame.scale_x, frame.scale_y, frame.offset_x - left,
        frame.offset_y - top,
    )  # fmt: skip
