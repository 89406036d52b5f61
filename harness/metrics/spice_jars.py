"""The jars SPICE needs that no package carries: where rsbench keeps them, and taking them from a copy."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import IO
from zipfile import BadZipFile, ZipFile, is_zipfile

from ..errors import DataError, disk_errors

# file -> something only it holds
NEEDED = {
    "stanford-corenlp-3.6.0.jar": "edu/stanford/nlp/semgraph/semgrex/SemgrexPattern.class",
    "stanford-corenlp-3.6.0-models.jar": "edu/stanford/nlp/models/",
}
# SPICE writes its results through Java's JavaScript engine, which Java 15 removed; these bring it back.
ENGINE = ("nashorn-core-*.jar", "asm-*.jar")
LAST_JAVA_WITH_ENGINE = 14


def jar_folder() -> Path:
    """Where rsbench keeps the jars: `.cache/rsbench/spice` in the user's home."""
    return Path.home() / ".cache" / "rsbench" / "spice"


def missing_jars(folder: Path) -> tuple[str, ...]:
    """The needed jars that `folder` does not hold, or holds damaged."""
    return tuple(name for name, mark in NEEDED.items() if not _holds(folder / name, mark))


def has_engine(folder: Path) -> bool:
    """Whether a JavaScript engine for newer Java lies among the jars."""
    return any(folder.glob(ENGINE[0]))


def take_jars(source: Path, folder: Path) -> tuple[str, ...]:
    """Copy the jars found anywhere in `source`, a folder or zip archive, into `folder`; their names.

    Of an archive only these files are read, and written under their bare names: nothing of it can land
    elsewhere.

    Raises:
        DataError: `source` is neither, or holds none of them, or cannot be read or written.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        found = sorted(_take(source, folder))
    if not found:
        raise DataError(
            f"There is no {' or '.join(NEEDED)} in {source}.",
            "They are in the archive of Stanford CoreNLP 3.6.0 (2015-12-09), about 500 MB.",
        )
    return tuple(found)


def _take(source: Path, folder: Path) -> Iterator[str]:
    if source.is_dir():
        for path in sorted(source.rglob("*.jar")):
            if _wanted(path.name) and path.is_file():
                with path.open("rb") as stream:
                    yield _write(stream, folder / path.name)
    elif is_zipfile(source):
        try:
            with ZipFile(source) as archive:
                for entry in archive.infolist():
                    name = entry.filename.rpartition("/")[2]
                    if _wanted(name) and not entry.is_dir():
                        with archive.open(entry) as stream:
                            yield _write(stream, folder / name)
        except (BadZipFile, zlib.error, RuntimeError) as error:  # damaged; RuntimeError: with a password
            raise DataError(f"{source} cannot be read: {error}.", "Get the archive again.") from error
    else:
        raise DataError(f"{source} is neither a folder nor a zip archive.", "Give the one with the jars.")


def _wanted(name: str) -> bool:
    return "\\" not in name and (name in NEEDED or any(fnmatch(name, pattern) for pattern in ENGINE))


def _write(stream: IO[bytes], target: Path) -> str:
    part = target.with_suffix(".part")
    try:
        with part.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
        os.replace(part, target)  # a jar that is there is a whole one
    finally:
        part.unlink(missing_ok=True)
    return target.name


def _holds(path: Path, mark: str) -> bool:
    try:
        with ZipFile(path) as jar:
            return any(name.startswith(mark) for name in jar.namelist())
    except (OSError, BadZipFile):
        return False
