"""A long list of records in a JSON file, read piece by piece: small in memory, damage costs one record."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from ..contract import Problem
from ..errors import DataError

_BLOCK = 1 << 22  # bytes
_LONGEST = 1 << 20  # bytes of one record: what cannot be parsed although more than that is there is damaged
_BETWEEN = re.compile(r"[\s,]*")
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_END = re.compile(rb"\}\s*\]")
_CLOSED = re.compile(r"\]\s*\}?\s*$")
_DAMAGED = object()
_DECODER = json.JSONDecoder()


def rows(path: Path, name: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The objects of the list `name` of a file {"name": [{...}, ...]}; what is no object becomes a problem.

    Those that say `"active": false` are passed by: the file of a split has a place for each id of the others.

    Only as much as a block is held at a time. A border between records is a guess that is tested by parsing:
    what parses as a list up to a comma is one, since JSON is read from left to right in one way only.

    Raises:
        DataError: the file cannot be read, or has no such list.
    """
    done, ended = 0, False
    for piece in _pieces(path, name):
        values, ended = piece
        for number, value in enumerate(values, done + 1):
            if not isinstance(value, dict):
                why = "not JSON" if value is _DAMAGED else "not an object with named parts"
                problems.append(Problem(f"{path.name}, record {number}", why))
            elif value.get("active") is not False:
                yield value
        done += len(values)
    if not ended:
        problems.append(Problem(path.name, f"it breaks off after record {done}"))


@contextmanager
def unwatched() -> Iterator[None]:
    """No search for reference cycles: millions of new objects, all to stay, would be looked through again."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def _pieces(path: Path, name: str) -> Iterator[tuple[list[Any], bool]]:
    """The values of the list, block by block, and whether it has come to its end."""
    head = re.compile(rb'"' + re.escape(name.encode()) + rb'"\s*:\s*\[')
    try:
        with path.open("rb") as file:
            held = file.read(max(_BLOCK, 1 << 12))
            start = head.search(held)
            if start is None:
                raise DataError(
                    f"{path.name} has no list of {name}.", f'It is to start with {{"{name}": [...]}}.'
                )
            held, last, ended = held[start.end() :], False, False
            while not (last or ended):
                more = file.read(_BLOCK)
                last = not more
                values, held, ended = _parsed(held + more, last)
                yield values, ended
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _parsed(held: bytes, last: bool) -> tuple[list[Any], bytes, bool]:
    """The values that are whole, the bytes behind them, and whether the list has ended."""
    cut = -1 if last else held.rfind(b"},")
    ends = [cut + 1] if cut >= 0 else [m.start() + 1 for m in _END.finditer(held)] if last else []
    for end in ends:
        try:
            return orjson.loads(b"[" + held[:end] + b"]"), held[end + 1 :], last
        except orjson.JSONDecodeError:
            continue
    return _one_by_one(held, last)


def _one_by_one(held: bytes, last: bool) -> tuple[list[Any], bytes, bool]:
    """The same where a guess failed, or something is damaged: what Python reads, NaN among it."""
    text = held.decode("utf-8", "surrogateescape")
    values: list[Any] = []
    at = 0
    while True:
        at = _after(text, at)
        if text[at : at + 1] in ("", "]"):
            return values, b"", text[at : at + 1] == "]"
        try:
            value, end = _DECODER.raw_decode(text, at)
            incomplete = not last and end == len(text)
        except (ValueError, RecursionError):
            value, end, incomplete = _DAMAGED, at, not last and (bool(values) or len(held) < _LONGEST)
        if incomplete:
            return values, text[at:].encode("utf-8", "surrogateescape"), False
        if value is _DAMAGED:
            following = _NEXT.search(text, at)
            if following is None:  # the last record, or a file that breaks off in it
                closed = _CLOSED.search(text) is not None
                return [*values, _DAMAGED] if closed else values, b"", closed
            end = following.end()
        elif not text.isascii():
            value = json.loads(text[at:end].encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        values.append(value)
        at = end


def _after(text: str, at: int) -> int:
    """The place of the next value, or of the end of the list."""
    between = _BETWEEN.match(text, at)
    return between.end() if between else at
