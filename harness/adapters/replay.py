"""Answers made elsewhere, read from a file, so that any predictions can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..contract import Request, Response, Runtime, Sample
from ..errors import UsageError, check_keys, unknown
from ..registry import names
from .answer_files.matching import WAYS, Matched, matched
from .answer_files.said import Content, Said
from .answer_files.table import dialect_of, read_answers

_SHOWN = 5  # faults in a note


class Replay:
    """Needs no model and no images.

    Options: `answers`, the file or folder; `format` (answer_files/table.py), else it is recognised from what
    the file holds; `match`, how answers find their samples (answer_files/matching.py); `dialect`, in which
    texts are read; `categories`, names for the numbers of a detector's classes, from 0 (A;B;C).

    A text, label or boxes answer every turn of a conversation alike, a list of `texts` one turn each. In a
    detector's results an image that is not named has no objects. What cannot be read and what matches no
    sample is counted in `note`; an answer that is none and a sample without one are errors.
    """

    name = "replay"
    tied = True  # to the samples as they are: it cannot be asked about changed pictures

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Read the file.

        Raises:
            UsageError: no file named, or an option that does not exist or has no such value.
            DataError: no such file, nothing in it that can be read, or ids that stand twice.
        """
        check_keys("replay", arguments, ("answers", "dialect", "format", "match", "categories"))
        if "answers" not in arguments:
            raise UsageError("replay needs a file of answers.", "Write --model replay,answers=FILE.")
        self._way = arguments.get("match", "auto")
        if self._way not in WAYS:
            raise unknown("way to match", self._way, WAYS)
        content = Content(Path(arguments["answers"]), arguments)
        self._file = content.path.name
        self._format, self._answers = read_answers(content, arguments.get("format"))
        usual = dialect_of(self._format)
        self.dialect = arguments.get("dialect", usual if usual in names("dialects") else None)
        self.checkpoint: str | None = _digest(content)
        self._found: Mapping[str, Said] = {
            said.id: said for said in self._answers.said if said.id is not None
        }
        self._matched: Matched | None = None

    @property
    def note(self) -> str | None:
        """The format, where it is not rsbench's own, and what of the file could not be used."""
        parts = [f"read as {self._format}"] if self._format != "rsbench" else []
        if faults := self._answers.faults:
            more = f", and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            parts.append("; ".join(faults[:_SHOWN]) + more)
        if self._matched:
            for count, said in (
                (self._matched.left, "of no sample of the data"),
                (self._matched.twice, "of a sample that has its answer already"),
                (self._matched.differ, "beside another truth than the data's"),
            ):
                parts += [f"{count:,} answers {said}"] if count else []
        return f"{self._file}: {'; '.join(parts)}" if parts else None

    @property
    def summary(self) -> str | None:
        """The note again: it is what a reader of the figures must know."""
        return self.note

    def prepare(self, samples: Sequence[Sample], classes: Sequence[str], options: Mapping[str, Any]) -> None:
        """Find the sample of every answer.

        Raises:
            DataError: the file is about other data.
        """
        self._matched = matched(self._file, self._answers.said, samples, self._way)
        self._found = self._matched.found

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The answers as they stand in the file."""
        for request in requests:
            said = self._found.get(request.sample_id)
            yield Response(request.key, request.sample_id, **self._payload(said, len(request.turns)))

    def _payload(self, said: Said | None, turn: int) -> Mapping[str, Any]:
        if said is None:
            if self._answers.complete:
                return {"regions": ()}
            return {"error": f"no answer in {self._file}"}
        if (texts := said.payload.get("texts")) is None:
            return {**said.payload, "frame": said.frame}
        if turn >= len(texts):
            return {"error": f"no answer to question {turn + 1} in {self._file}"}
        return {"text": texts[turn]}


def _digest(content: Content) -> str:
    """Of the file's bytes, or of all files of a folder with their names."""
    if not content.path.is_dir():
        return sha256(content.bytes).hexdigest()
    state = sha256()
    for path in sorted(content.path.iterdir()):
        if path.is_file():
            state.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return state.hexdigest()
