"""How the picture a model saw lies over the original; part of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """How a model's picture lies over the original: seen = original * scale + offset, per axis, in pixels."""

    width: int  # of the original image
    height: int
    seen_width: float
    seen_height: float
    scale_x: float = 1.0
    scale_y: float = 1.0
    offset_x: float = 0.0
    offset_y: float = 0.0

    @classmethod
    def plain(cls, width: int, height: int) -> Frame:
        """The model saw the original as it is."""
        return cls(width, height, width, height)

    @classmethod
    def padded_square(cls, width: int, height: int, side: int | None = None) -> Frame:
        """Centred padding to a square, then a resize to `side` (EarthGPT, SPHINX; spec `padded_resize`).

        The pad on the short axis is floor((long - short) / 2) at the near side, as the released code has it.

        >>> Frame.padded_square(200, 100).offset_y
        50.0
        """
        long = max(width, height)
        scale = (side or long) / long
        return cls(
            width, height, side or long, side or long, scale, scale,
            (long - width) // 2 * scale, (long - height) // 2 * scale,
        )  # fmt: skip

    def to_original(self, points: Sequence[float]) -> tuple[float, ...]:
        """Pixels of the seen picture (x, y, x, y, ...) to pixels of the original."""
        return tuple(
            (v - (self.offset_y if i % 2 else self.offset_x)) / (self.scale_y if i % 2 else self.scale_x)
            for i, v in enumerate(points)
        )

    def to_seen(self, points: Sequence[float]) -> tuple[float, ...]:
        """Pixels of the original (x, y, x, y, ...) to pixels of the seen picture."""
        return tuple(
            v * (self.scale_y if i % 2 else self.scale_x) + (self.offset_y if i % 2 else self.offset_x)
            for i, v in enumerate(points)
        )
