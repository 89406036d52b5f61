"""Pictures as an endpoint takes them: bounded, PNG or JPEG, in a data URL."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ..contract import Frame
from ..errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

JPEG_QUALITY = 95


@dataclass(frozen=True, slots=True)
class Sent:
    """A picture in a data URL, and how it lies over the original."""

    url: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Packing:
    """How pictures go: `max_side`, `multiple` in pixels, `form` png or jpeg, `max_bytes` of a file."""

    max_side: int = 2048
    multiple: int = 1
    form: str = "png"
    max_bytes: int = 20_000_000

    def __call__(self, picture: Picture) -> Sent:
        """Pack an RGB picture; it is resized (bicubic) only where the bounds ask for it.

        Raises:
            DataError: its file would be larger than `max_bytes`.
        """
        import PIL.Image

        width, height = picture.size
        seen = self.size(width, height)
        shown = picture if seen == picture.size else picture.resize(seen, PIL.Image.Resampling.BICUBIC)
        file = BytesIO()
        if self.form == "png":
            shown.save(file, "PNG", compress_level=3)
        else:
            shown.save(file, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        if file.tell() > self.max_bytes:
            raise DataError(
                f"A picture of {seen[0]} x {seen[1]} pixels is a {self.form} of {file.tell():,} bytes, "
                f"more than {self.max_bytes:,}.",
                "Ask for a smaller one: max_side=PIXELS or image=jpeg; or allow it: max_bytes=N.",
            )
        frame = Frame(width, height, *seen, seen[0] / width, seen[1] / height)
        return Sent(f"data:image/{self.form};base64,{b64encode(file.getbuffer()).decode()}", frame)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the picture that is sent.

        >>> Packing(max_side=512).size(2000, 1000), Packing(multiple=28).size(800, 600)
        ((512, 256), (812, 588))
        """
        scale = min(1.0, self.max_side / max(width, height))
        return self._side(width * scale), self._side(height * scale)

    def _side(self, length: float) -> int:
        """A side in whole multiples, the nearest one that is not too long."""
        most = max(self.max_side // self.multiple, 1)
        return self.multiple * min(max(round(length / self.multiple), 1), most)
