"""Any program in an environment of its own: asked in lines of JSON, and answering in them."""

from __future__ import annotations

import json
import shlex
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..arguments import number, portable_value, whole
from ..contract import Image, Request, Response, Runtime
from ..errors import DataError, ModelError, UsageError, check_keys, unknown
from ..pictures import Pictures
from .command_messages import response_of, row_of
from .command_program import Ended, Program

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_IMAGES = ("path", "bytes")
_HASHED = 2**26  # bytes of a file whose content names the model; of a larger one the size does


class Command:
    """Starts the program once and asks it batch by batch; it may answer in any order.

    A program that crashes, or is silent too long, is started again. What it had not answered is asked one by
    one from then on in that batch, so that the request it died on is known: after `tries` deaths it is an
    error. A picture that is turned or disturbed has no file: where paths are sent it is a PNG of its own,
    there until its batch is answered.

    Options: `run`, the command, split as a shell would, without one; `images`: path, or bytes (PNG of
    the RGB picture); `dialect`, for programs that want a prompt and answer in text; `timeout` in seconds
    between two answers (300), `start` before the first (1800); `tries` (2), `restarts` without an answer
    between them (5).
    """

    name = "command"
    independent = True  # an answer does not depend on what else is asked

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Nothing is started yet.

        Raises:
            UsageError: no command, one that cannot be split, an option that does not exist or has no such
                value.
        """
        pace = ("timeout", "start", "tries", "restarts")
        check_keys(self.name, arguments, ("run", "images", "dialect", *pace))
        self._words = _words(arguments.get("run", ""))
        self._form = arguments.get("images", "path")
        if self._form not in _IMAGES:
            raise unknown("form of images", self._form, _IMAGES)
        self.dialect = arguments.get("dialect")
        self._timeout = number(arguments, "timeout", 300, 0.01)
        self._start = max(number(arguments, "start", 1800, 0.01), self._timeout)
        self._tries, self._restarts = whole(arguments, "tries", 2), whole(arguments, "restarts", 5)
        self.arguments = {"run": " ".join(map(portable_value, self._words)), "images": self._form}
        self.checkpoint: str | None = _digest(self._words)
        self._pictures: Pictures[bytes] = Pictures(_png)
        self._program: Program | None = None
        self._fresh = True  # it has not answered yet
        self._deaths = 0  # in a row
        self._odd: Counter[str] = Counter()

    @property
    def summary(self) -> str | None:
        """What of its output was no answer, and how often it was started again; None where all was well."""
        return ", ".join(f"{count:,} {what}" for what, count in self._odd.items()) or None

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to read the pictures that are sent next."""
        self._pictures.ahead(image for request in requests for image in self._read(request))

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response each, in the order of the program.

        Raises:
            ModelError: it cannot be started, or dies again and again without an answer.
        """
        with TemporaryDirectory(prefix="rsbench-") as folder:
            yield from self._generate(requests, Path(folder))

    def _generate(self, requests: Sequence[Request], folder: Path) -> Iterator[Response]:
        self.ahead(requests)
        waiting: dict[str, tuple[Request, bytes]] = {}
        for request in requests:
            line = self._line(request, folder)
            if isinstance(line, Response):
                yield line
            else:
                waiting[request.key] = request, line
        died: Counter[str] = Counter()
        together = True
        while waiting:
            asked = dict(waiting) if together else dict([next(iter(waiting.items()))])
            try:
                for response in self._answers(asked):
                    del waiting[response.key]
                    yield response
            except (Ended, TimeoutError) as error:
                reason = self._bury(error)
                if not together:
                    ((key, (request, _)),) = asked.items()
                    died[key] += 1
                    if died[key] >= self._tries:
                        del waiting[key]
                        yield Response(key, request.sample_id, error=f"the program failed on it: {reason}")
                together = False

    def _answers(self, asked: Mapping[str, tuple[Request, bytes]]) -> Iterator[Response]:
        """Ask, and listen until all is answered.

        Raises:
            ModelError: the program cannot be started.
            Ended, TimeoutError: it answers no more.
        """
        program = self._program = self._program or Program(self._words)
        for _, line in asked.values():
            program.tell(line)
        left = {key: request for key, (request, _) in asked.items()}
        deadline = self._deadline()
        while left:
            row = self._understood(program.hear(max(0.0, deadline - time.monotonic())), left)
            if row is not None:
                response = response_of(row, left.pop(row["key"]), self.dialect is not None)
                self._fresh, self._deaths = False, 0
                deadline = self._deadline()
                yield response

    def _deadline(self) -> float:
        return time.monotonic() + (self._start if self._fresh else self._timeout)

    def _understood(self, line: bytes, left: Mapping[str, Request]) -> Mapping[str, Any] | None:
        """The answer in a line; what is none is counted and passed by."""
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            self._odd["lines that are no JSON object"] += bool(line.strip())
            return None
        if not isinstance(row.get("key"), str) or row["key"] not in left:
            self._odd["answers to what was not asked"] += 1
            return None
        return row

    def _bury(self, error: Exception) -> str:
        """Make an end of a program that fails; how it failed.

        Raises:
            ModelError: it failed too often without an answer.
        """
        assert self._program is not None
        reason = self._program.kill()
        if isinstance(error, TimeoutError):
            seconds = (
                f"{self._start:g} s (start=SECONDS)"
                if self._fresh
                else f"{self._timeout:g} s (timeout=SECONDS)"
            )
            reason = f"no answer within {seconds}; {reason}"
        self._program, self._fresh = None, True
        self._deaths += 1
        self._odd["restarts"] += 1
        if self._deaths > self._restarts:
            raise ModelError(
                f"The command {self._words[0]} failed {self._deaths} times without an answer: {reason}",
                "Try it by hand: it must answer each line of its standard input with a line of JSON. "
                "What was answered is kept; the same command asks for the rest.",
            )
        return reason

    def _read(self, request: Request) -> list[Image]:
        """The images of a request that are read here: all that are sent, else those that have no file."""
        return [image for image in request.images if image.change or self._form == "bytes"]

    def _line(self, request: Request, folder: Path) -> bytes | Response:
        """The line a request is; its error where a picture cannot be read."""
        pictures: list[bytes] = []
        for made in self._pictures.take(self._read(request)):
            if isinstance(made, DataError):
                return Response(request.key, request.sample_id, error=str(made))
            pictures.append(made)
        if self._form == "bytes":
            return json.dumps(row_of(request, pictures)).encode()
        files = iter(pictures)
        images = tuple(_filed(i, next(files), folder) if i.change else i for i in request.images)
        return json.dumps(row_of(replace(request, images=images), None)).encode()


def _filed(image: Image, png: bytes, folder: Path) -> Image:
    """The image as a file of its own, written once."""
    path = folder / f"{sha256(png).hexdigest()}.png"
    if not path.exists():
        path.write_bytes(png)
    return Image(image.name, str(path))


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"run={text} cannot be split into words: {error}.") from None
    if not words:
        raise UsageError("command needs a program.", "Write --model \"command,run='python my_model.py'\".")
    return words


def _digest(words: Sequence[str]) -> str | None:
    """What the files that a command names hold; None where it names none.

    A program that is no script is left out, for it differs between machines that answer alike.
    """
    state, found = sha256(), False
    for place, word in enumerate(words):
        path = Path(word)
        if not path.is_file() or (place == 0 and not _is_script(path)):
            continue
        size, found = path.stat().st_size, True
        state.update(f"{path.name} {size} ".encode())
        if size <= _HASHED:
            state.update(path.read_bytes())
    return state.hexdigest() if found else None


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def _png(picture: Picture) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG", compress_level=3)
    return file.getvalue()
