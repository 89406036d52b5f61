"""Which requests of a run have an answer: keys and places in the file, while the answers stay on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from .contract import Response
from .json_line import parsed
from .values import response_from


class Answered:
    """Requests answered without an error, by their keys, and where the answer's line begins in `path`."""

    def __init__(self, path: Path) -> None:
        """None yet."""
        self._path = path
        self._places: dict[str, int] = {}

    def note(self, key: str, place: int, failed: bool) -> None:
        """A line that begins at byte `place`: the last one of a key counts."""
        if failed:
            self._places.pop(key, None)
        else:
            self._places[key] = place

    def __contains__(self, key: object) -> bool:
        """Whether a request has an answer; an error is asked again."""
        return key in self._places

    def read(self, keys: Iterable[str]) -> Iterator[Response]:
        """The answers of keys that have one."""
        with self._path.open("rb") as file:
            for key in keys:
                file.seek(self._places[key])
                yield response_from(parsed(file.readline()))
