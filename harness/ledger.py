"""The run folder: what was asked, every answer as it arrives, and what was made of them.

    spec.json         the Spec, the classes, versions        written once, last of the opening files
    samples.jsonl     every sample with its target           so that scoring needs neither data nor model
    problems.jsonl    broken items of the data set
    responses.jsonl   one line per answer, appended          the last line of a key counts
    confidence.jsonl  one line per answer and source, appended
    evidence.jsonl    report.json  report.md                 made again by every scoring

Only the driver writes. Whatever moment a process dies at, at most the last line is torn; it is dropped and
its request is asked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

from .answered import Answered
from .contract import Problem, Response, Sample, Spec
from .errors import DataError, disk_errors
from .json_line import parsed
from .sample_texts import SampleTexts, compact
from .values import response_from, response_to, sample_from

FORMAT = 1
_LATER = frozenset(
    {"prompting", "raster", "views", "corrupt"}
)  # fields of a Spec that earlier ledgers do not have
_BUFFER = 2**20  # bytes
_DAMAGED = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
T = TypeVar("T")


class Ledger:
    """One run folder, open for reading."""

    def __init__(self, folder: Path) -> None:
        """Open the folder of an earlier run.

        Raises:
            DataError: no ledger there, not readable, or written by another format version.
        """
        self.folder = folder
        self.head = _read_head(folder)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The Spec as written."""
        spec: Mapping[str, Any] = self.head["spec"]
        return spec

    def samples(self, changed: bool = True) -> tuple[Sample, ...]:
        """The samples of the run, targets included; those with changed pictures only if they are wanted.

        Raises:
            DataError: the file is damaged, or holds a sample twice.
        """
        seen: set[str] = set()

        def read(row: Any) -> Sample | None:
            if row["id"] in seen:
                raise ValueError(f"the sample {row['id']!r} stands there twice")
            seen.add(row["id"])
            wanted = changed or not any(image.get("change") for image in row["images"])
            return sample_from(row) if wanted else None

        rows = self._rows("samples.jsonl", read, opening=True)
        return tuple(sample for sample in rows if sample is not None)

    def problems(self) -> tuple[Problem, ...]:
        """The broken items of the data set."""
        return tuple(self._rows("problems.jsonl", lambda row: Problem(**row), opening=True))

    def responses(self) -> dict[str, Response]:
        """The last response of every key."""
        return {response.key: response for response in self._rows("responses.jsonl", response_from)}

    def answered(self) -> Answered:
        """Which requests have an answer; the answers themselves stay on disk."""
        found = Answered(self.folder / "responses.jsonl")
        for key, place, failed in self._placed("responses.jsonl", _outcome):
            found.note(key, place, failed)
        return found

    def confidences(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        """The last rating of every (response key, source)."""
        return dict(self._rows("confidence.jsonl", lambda row: ((row["key"], row["source"]), row)))

    def write(self, name: str, text: str) -> Path:
        """Replace a file of the folder as a whole, so that a reader never sees half of it."""
        return _replace(self.folder / name, [text])

    def write_rows(self, name: str, rows: Iterable[Mapping[str, Any]]) -> Path:
        """Replace a JSONL file of the folder as a whole."""
        return _replace(self.folder / name, (compact(row) + "\n" for row in rows))

    def _rows(self, name: str, read: Callable[[Any], T], opening: bool = False) -> Iterator[T]:
        """The lines of a file; one of the `opening` files is there and whole, a growing one need not be."""
        return self._placed(name, lambda row, _: read(row), opening)

    def _placed(self, name: str, read: Callable[[Any, int], T], opening: bool = False) -> Iterator[T]:
        """What `read` makes of every line and of the byte it begins at."""
        path = self.folder / name
        if not path.exists() and not opening:
            return
        place = 0
        with _damage(f"{name} of the ledger in {self.folder}"), path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n") and not opening:
                    return  # torn: the process died while writing it
                try:
                    row = read(parsed(line), place)
                except _DAMAGED as error:
                    raise _damaged(f"Line {number} of {name} in {self.folder}", error) from error
                yield row
                place += len(line)


def start(
    output: Path,
    spec: Spec,
    classes: tuple[str, ...],
    samples: Iterable[Sample],
    problems: Iterable[Problem],
    versions: Mapping[str, str],
    note: str | None = None,
    aliases: Iterable[tuple[str, str]] = (),
) -> Ledger:
    """The ledger of a Spec below `output`: made, or found again where an earlier run of it stopped.

    `note` is what a reader must know of the model, such as how the shipped weights localise. `aliases` are
    the data's own (other spelling, class) pairs, without which answers could not be read again.
    """
    folder = output / f"{spec.task}-{spec.adapter}-{spec.digest()[:12]}"
    if not (folder / "spec.json").exists():
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        line = SampleTexts().line
        _replace(folder / "samples.jsonl", (line(sample) + "\n" for sample in samples))
        _replace(folder / "problems.jsonl", (compact(asdict(problem)) + "\n" for problem in problems))
        head = {"format": FORMAT, "spec": asdict(spec), "note": note}
        head |= {"classes": list(classes), "aliases": list(aliases), "versions": dict(versions)}
        _replace(folder / "spec.json", [json.dumps(head, indent=1, ensure_ascii=False) + "\n"])
    return Ledger(folder)


class Appender:
    """The one writer of a ledger's growing file: a line is on disk when `add` returns."""

    def __init__(self, ledger: Ledger, name: str) -> None:
        self._path = ledger.folder / name
        self._file: BinaryIO | None = None
        self._end = 0  # bytes of the file

    def __enter__(self) -> Appender:
        with disk_errors(self._path):
            _drop_torn_line(self._path)
            self._file = self._path.open("ab")
            self._end = self._file.tell()
            _lock(self._file, self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError:  # the disk is full: the torn line is dropped at the next opening
                pass

    def response(self, response: Response) -> int:
        """Append one answer; the byte at which its line begins."""
        return self.add(response_to(response))

    def add(self, row: Mapping[str, Any]) -> int:
        """Append one line and hand it to the operating system; the byte at which it begins.

        Raises:
            DataError: the disk is full or not writable; earlier lines stay readable.
        """
        assert self._file is not None
        line = (compact(row) + "\n").encode()
        with disk_errors(self._path):
            self._file.write(line)
            self._file.flush()
        place, self._end = self._end, self._end + len(line)
        return place


def _outcome(row: Any, place: int) -> tuple[str, int, bool]:
    """Key, place and whether it is an error, of a line of responses.jsonl."""
    return row["key"], place, row.get("error") is not None


def _read_head(folder: Path) -> Mapping[str, Any]:
    path = folder / "spec.json"
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataError(
            f"There is no ledger in {folder}.", "Give the folder of a run: it has a spec.json."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"The ledger in {folder} cannot be read: {error}.", "Run again with another --output."
        ) from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        found = head.get("format") if isinstance(head, dict) else None
        raise DataError(
            f"The ledger in {folder} has format {found}; this rsbench reads format {FORMAT}.",
            "Use the rsbench version that wrote it, or run again with another --output.",
        )
    with _damage(f"spec.json of the ledger in {folder}"):
        absent = {field.name for field in fields(Spec)} - head["spec"].keys() - _LATER
        absent |= {"classes", "versions"} - head.keys()
        if absent:
            raise KeyError(*sorted(absent))
        if not isinstance(head["classes"], list):
            raise TypeError("classes is no list")
    return head


@contextmanager
def _damage(what: str) -> Iterator[None]:
    """Whatever is wrong with the content of a ledger, as a DataError that says where."""
    try:
        yield
    except _DAMAGED as error:
        raise _damaged(what, error) from error


def _damaged(what: str, error: Exception) -> DataError:
    return DataError(
        f"{what} cannot be used ({type(error).__name__}: {error}).",
        "The ledger was damaged: restore it from a copy, or run again with another --output.",
    )


def _drop_torn_line(path: Path) -> None:
    """Cut a file back to its last line end."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            cut = file.read(end - start).rfind(b"\n")
            if cut >= 0:
                end = start + cut + 1
                break
            end = start
        file.truncate(end)


def _lock(file: BinaryIO, path: Path) -> None:
    """Refuse a second writer; the lock goes with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # not on this platform: one writer is then the user's care
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise DataError(
            f"Another rsbench is writing to {path.parent}.", "Wait for it, or give another --output."
        ) from error


def _replace(path: Path, texts: Iterable[str]) -> Path:
    new = path.with_name(path.name + ".new")
    with disk_errors(path):
        try:
            with new.open("w", encoding="utf-8", buffering=_BUFFER) as file:
                file.writelines(texts)
            os.replace(new, path)
        except OSError:
            new.unlink(missing_ok=True)  # half a file would fill a full disk further
            raise
    return path
