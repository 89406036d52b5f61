"""What adapters of models without words share: pictures decoded ahead, and what they cannot answer told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..contract import Request, Response, Wants
from ..errors import DataError
from ..pictures import Pictures

if TYPE_CHECKING:
    from PIL.Image import Image as Picture


class Direct:
    """Answers one kind of `wants` with labels or boxes; `refusal` says why any other is an error."""

    dialect: str | None = None
    answers: type[Wants]
    refusal: str

    def __init__(self, prepare: Callable[[Picture], Any]) -> None:
        """`prepare` makes of an RGB picture what the model takes."""
        self._pictures: Pictures[Any] = Pictures(prepare)

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to decode what is asked about next."""
        self._pictures.ahead(request.images[0] for request in requests)

    def opened(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Any, Response | None]]:
        """Each request with its prepared picture, or with its error: no other is cost its answer."""
        seen = self._pictures.take([request.images[0] for request in requests])
        for request, picture in zip(requests, seen, strict=True):
            why = picture.message if isinstance(picture, DataError) else None
            if why is None and not isinstance(request.wants, self.answers):
                why = self.refusal
            failed = None if why is None else Response(request.key, request.sample_id, error=why)
            yield request, picture, failed
