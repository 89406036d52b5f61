"""What detectors share as adapters: pictures decoded ahead, one set of scored boxes for each request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from ..contract import Boxes, Region, Request, Response
from ..errors import DataError
from ..pictures import Pictures


class Detector:
    """Answers with boxes that have scores; other questions are errors. A subclass finds the boxes."""

    dialect: str | None = None

    def __init__(self) -> None:
        self._pictures: Pictures[Any] = Pictures(lambda picture: picture)

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to decode what is asked about next."""
        self._pictures.ahead(request.images[0] for request in requests)

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One set of boxes each; a picture that cannot be read is an error of its own request only."""
        seen = self._pictures.take([request.images[0] for request in requests])
        for request, picture in zip(requests, seen, strict=True):
            if isinstance(picture, DataError):
                yield Response(request.key, request.sample_id, error=picture.message)
            elif not isinstance(request.wants, Boxes):
                said = "a detector finds boxes; it answers no other question"
                yield Response(request.key, request.sample_id, error=said)
            else:
                started = time.perf_counter()
                regions = self.found(picture, request.wants)
                seconds = time.perf_counter() - started
                yield Response(request.key, request.sample_id, regions=regions, seconds=seconds)

    def found(self, picture: Any, wants: Boxes) -> tuple[Region, ...]:
        """The objects of an RGB picture, in its pixels."""
        raise NotImplementedError
