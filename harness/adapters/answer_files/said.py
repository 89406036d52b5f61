"""What a file of answers holds, whatever its format."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ...contract import Frame
from ...errors import DataError
from ...records import Rows, read_rows

LARGEST = 2**31  # bytes of a file


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: `where` it stands, what it holds, and what may tell which sample it is of.

    `payload` are fields of a Response (text, label, regions, error), or `texts`, one a turn. `truth` is what
    the file says is true, in words; `place` orders the answers as the data is ordered.
    """

    where: str
    payload: Mapping[str, Any]
    id: str | None = None
    images: tuple[str, ...] = ()  # names that the picture goes by
    question: str | None = None
    truth: str | None = None
    place: int = 0
    frame: Frame | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a file. `faults`: what could not be read, and where.

    `complete`: a detector's results, in which a picture that is not named has no objects.
    """

    said: tuple[Said, ...]
    faults: tuple[str, ...] = ()
    complete: bool = False


@dataclass(frozen=True)
class Content:
    """A file, or a folder of files, read once."""

    path: Path
    options: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def bytes(self) -> bytes:
        """What the file holds; nothing for a folder.

        Raises:
            DataError: there is no such file, or it cannot be read.
        """
        if self.path.is_dir():
            return b""
        try:
            if self.path.stat().st_size > LARGEST:
                raise DataError(f"{self.path.name} has more than {LARGEST:,} bytes.")
            return self.path.read_bytes()
        except FileNotFoundError:
            raise DataError(f"There is no file {self.path}.", "Write --model replay,answers=FILE.") from None
        except OSError as error:
            raise DataError(f"{self.path} cannot be read: {error.strerror}.") from error

    @cached_property
    def rows(self) -> Rows:
        """The rows of JSON it holds: lines, a list, or the list in one object (`logs`, `data`).

        Raises:
            DataError: a list that is not JSON.
        """
        return read_rows(self.bytes, self.path.name)

    @cached_property
    def first(self) -> Mapping[str, Any]:
        """The first row; empty where there is none."""
        try:
            return self.rows.rows[0][1] if self.rows.rows else {}
        except DataError:
            return {}


def words(value: Any) -> str | None:
    """A value as text; None for none."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def faults_of(rows: Rows) -> tuple[str, ...]:
    """What is no row, as sentences."""
    return tuple(f"{where} is {why}" for where, why in rows.faults)


def names(*values: Any) -> tuple[str, ...]:
    """The texts among values that may name a picture."""
    return tuple(dict.fromkeys(str(v) for v in values if isinstance(v, (str, int)) and str(v)))


def has(row: Mapping[str, Any], *parts: str) -> bool:
    """Whether a row has all these parts."""
    return all(part in row for part in parts)


def several(file: str, ids: Sequence[str]) -> DataError:
    """The error for ids that stand twice."""
    return DataError(f"{file} answers more than once: {some(ids)}.", "Keep one line for each id.")


def some(ids: Any) -> str:
    """A few of many names, for a message."""
    listed = sorted(ids)
    return ", ".join(map(repr, listed[:5])) + (", ..." if len(listed) > 5 else "")
