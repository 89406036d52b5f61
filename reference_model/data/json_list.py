"""The items of a JSON list one at a time, so that a file of a million records is never held as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from ...harness.errors import DataError

CHUNK = 1 << 20  # characters read at once
LONGEST = 1 << 25  # characters of one item, at most
_SPACE = " \t\n\r"
_EXPECTED = "A JSON list of records is expected: [{...}, {...}]."


def items(path: Path, chunk: int = CHUNK) -> Iterator[tuple[int, Any]]:
    """Each item of the list and the line it begins in (1 is the first).

    Held at a time: one item and `chunk` characters.

    Raises:
        DataError: no such file, not UTF-8, not JSON or not a list; the message has the line.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from _Text(file, path.name, chunk).items()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.", _EXPECTED) from error


class _Text:
    """The part of the file that is at hand, and the place reached in it."""

    def __init__(self, file: TextIO, name: str, chunk: int) -> None:
        self._file, self._name, self._chunk = file, name, chunk
        self._text, self._at, self._ended = "", 0, False
        self._line, self._counted = 1, 0  # the line of the character `_counted`

    def items(self) -> Iterator[tuple[int, Any]]:
        """Each item and its line."""
        decode = json.JSONDecoder().raw_decode
        if self._mark() != "[":
            raise self._fault("it is no list", self._at)
        self._at += 1
        ended = self._mark() == "]"
        while not ended:
            line = self._here(self._at)
            yield line, self._item(decode)
            if (mark := self._mark()) not in (",", "]"):
                raise self._fault("a comma or the end of the list is missing", self._at)
            ended = mark == "]"
            self._at += not ended
            self._mark()
        self._at += 1
        if self._mark():
            raise self._fault("there is something behind the list", self._at)

    def _item(self, decode: Any) -> Any:
        """The item at the place reached; more of the file is read until it is whole."""
        more = self._chunk
        while True:
            try:
                value, end = decode(self._text, self._at)
                if end < len(self._text) or self._ended:  # or a number may go on
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                too_long = len(self._text) - self._at > LONGEST
                if self._ended or too_long or not _cut_off(error, len(self._text)):
                    raise self._fault(error.msg, error.pos) from error
            except RecursionError:
                raise self._fault("it is nested too deeply", self._at) from None
            self._read(more)
            more *= 2

    def _mark(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(self._chunk)

    def _read(self, count: int) -> None:
        """Read on, and let go of what is before the place reached."""
        try:
            more = self._file.read(count)
        except UnicodeDecodeError as error:
            raise self._fault(f"it is not UTF-8 ({error.reason})", self._at) from error
        self._here(self._at)
        self._text, self._ended = self._text[self._at :] + more, len(more) < count
        self._at = self._counted = 0

    def _here(self, place: int) -> int:
        """The line of a place at or behind the last one asked for."""
        self._line += self._text.count("\n", self._counted, place)
        self._counted = place
        return self._line

    def _fault(self, what: str, place: int) -> DataError:
        return DataError(f"{self._name} is not as expected in line {self._here(place):,}: {what}.", _EXPECTED)


def _cut_off(error: json.JSONDecodeError, length: int) -> bool:
    """Whether the text may only have ended too early: within a string, or within its last few characters."""
    return error.msg.startswith("Unterminated string") or error.pos > length - 16
