"""METEOR's aligner in a Java process of its own, one for all that a run scores."""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from threading import Lock, Thread
from typing import IO

from ..errors import ModelError
from .java import find_java, package_folder

STOP_SECONDS = 5.0
# The quick compiler and the parallel collector take a quarter off the processor time of so short a life.
OPTIONS = ["-Xmx2G", "-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1", "-XX:+UseParallelGC"]


class Aligner:
    """The jar of pycocoevalcap, asked line by line. Loads its tables (seconds) while nobody waits for it.

    >>> with Aligner("java") as aligner:  # doctest: +SKIP
    ...     aligner.statistics(["a plane"], [["a plane", "one plane"]])
    """

    def __init__(self, java: str) -> None:
        self._said = tempfile.TemporaryFile()  # what it says when it fails
        folder = package_folder() / "meteor"
        command = [java, *OPTIONS, "-jar", "meteor-1.5.jar", "-", "-", "-stdio", "-l", "en", "-norm"]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        self._one_at_a_time = Lock()

    def __enter__(self) -> Aligner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def statistics(self, captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[str]:
        """METEOR's line of 23 numbers for each tokenised caption and its references, of which it has some.

        Raises:
            ModelError: Java ended before it had answered.
        """
        requests = [score_line(c, r) for c, r in zip(captions, references, strict=True)]
        with self._one_at_a_time:
            # A thread writes while we read: either pipe may fill up before the other end looks at it.
            writer = Thread(target=self._write, args=(requests,), daemon=True)
            writer.start()
            lines = [self._read() for _ in requests]
            writer.join()
        return lines

    def close(self) -> None:
        """End the process; it may be ended already."""
        with suppress(OSError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()
        self._said.close()

    def _write(self, requests: Sequence[str]) -> None:
        pipe = _pipe(self._process.stdin)
        with suppress(OSError, ValueError):  # it died or was closed: the reader sees that too, and says so
            pipe.write("".join(requests).encode("utf-8", "replace"))
            pipe.flush()

    def _read(self) -> str:
        line = _pipe(self._process.stdout).readline()
        if not line.endswith(b"\n"):
            raise self._death()
        return line.decode().strip()

    def _death(self) -> ModelError:
        self._process.wait()
        self._said.seek(0)
        last = self._said.read().decode(errors="replace").strip().splitlines()[-1:]
        reason = f": {last[0][:200]}" if last else ""
        return ModelError(
            f"METEOR's Java process ended with code {self._process.returncode}{reason}.",
            "It needs Java 8 or newer and 2 GB of memory; without Java on the path METEOR is left out.",
        )


def score_line(caption: str, references: Sequence[str]) -> str:
    """The line that asks for a caption's statistics, in METEOR's protocol.

    Three bars separate the fields: in a caption or reference they are dropped, and line ends become blanks.

    >>> score_line("a ||| b", ["one", "two"])
    'SCORE ||| one ||| two ||| a b\\n'
    """
    return " ||| ".join(["SCORE", *map(_harmless, references), _harmless(caption)]) + "\n"


def aligner() -> Aligner | None:
    """The process all of this run share, started now unless it runs; None where there is no Java."""
    java = find_java()
    if java is None:
        return None
    if not _shared(java).alive:
        stop_aligner()
    return _shared(java)


def stop_aligner() -> None:
    """End the shared process, which holds 1.3 GB, if there is one; `aligner` then starts another."""
    java = find_java()
    if java is not None and _shared.cache_info().currsize:
        _shared(java).close()
        _shared.cache_clear()


@lru_cache(maxsize=1)
def _shared(java: str) -> Aligner:
    started = Aligner(java)
    atexit.register(started.close)
    return started


def _harmless(text: str) -> str:
    if "|||" in text:
        text = text.replace("|||", "").replace("  ", " ")
    return text.replace("\n", " ").replace("\r", " ")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "both pipes were asked for"
    return pipe
