"""What detectors share as adapters: one set of scored boxes for each request."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from ..contract import Boxes, Region, Request, Response
from .direct import Direct


class Detector(Direct):
    """Answers with boxes that have scores. A subclass finds the boxes."""

    answers = Boxes
    refusal = "a detector finds boxes; it answers no other question"

    def __init__(self) -> None:
        super().__init__(lambda picture: picture)

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One set of boxes each; a picture that cannot be read is an error of its own request only."""
        for request, picture, failed in self.opened(requests):
            if failed:
                yield failed
                continue
            started = time.perf_counter()
            assert isinstance(request.wants, Boxes)
            regions = self.found(picture, request.wants)
            seconds = time.perf_counter() - started
            yield Response(request.key, request.sample_id, regions=regions, seconds=seconds)

    def found(self, picture: Any, wants: Boxes) -> tuple[Region, ...]:
        """The objects of an RGB picture, in its pixels."""
        raise NotImplementedError
