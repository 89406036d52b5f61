"""METEOR's aligner in a Java process of its own, shared by all that a run scores."""

from __future__ import annotations

import atexit
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from ..errors import ModelError
from .java import find_java, package_folder
from .paraphrases import shorten, words_of

STOP_SECONDS = 5.0
# The quick compiler takes a quarter off the processor time of so short a life.
OPTIONS = ["-Xmx2G", "-XX:+IgnoreUnrecognizedVMOptions", "-XX:TieredStopAtLevel=1"]


class Aligner:
    """The jar of pycocoevalcap, asked line by line.

    `words`: what its texts will consist of (paraphrases.py), for a start in a fraction of the time; None is
    every word there is.

    >>> with Aligner("java") as aligner:  # doctest: +SKIP
    ...     aligner.statistics(["a plane"], [["a plane", "one plane"]])
    """

    def __init__(self, java: str, words: frozenset[str] | None = None) -> None:
        self._words = words
        self._said = tempfile.TemporaryFile()  # what it says when it fails
        self._scratch = tempfile.TemporaryDirectory()
        folder = package_folder() / "meteor"
        command = [java, *OPTIONS, "-jar", "meteor-1.5.jar", "-", "-", "-stdio", "-l", "en", "-norm"]
        if words is not None:
            short = Path(self._scratch.name, "paraphrase-en.gz")
            shorten(folder / "data" / "paraphrase-en.gz", words, short)
            command += ["-a", str(short)]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        self._one_at_a_time = Lock()

    def __enter__(self) -> Aligner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def serves(self, words: frozenset[str]) -> bool:
        """Whether the process runs and knows all paraphrases of texts of these words."""
        return self._process.poll() is None and (self._words is None or words <= self._words)

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
        self._scratch.cleanup()

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


class SharedAligner:
    """One process at a time for any number of calls.

    The first is started for the words of the first texts. Texts with other words show that more is to come:
    for them it is replaced, once, by one that has loaded the whole table.
    """

    def __init__(self, java: str) -> None:
        self._java = java
        self._program: Aligner | None = None

    def statistics(self, captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[str]:
        """As Aligner.statistics."""
        words = words_of(chain(captions, chain.from_iterable(references)))
        if self._program is None:
            self._program = Aligner(self._java, words)
        elif not self._program.serves(words):
            self._program.close()
            self._program = Aligner(self._java)
        return self._program.statistics(captions, references)

    def close(self) -> None:
        """End the process, if there is one; the next call starts another."""
        if self._program is not None:
            self._program.close()
            self._program = None


def score_line(caption: str, references: Sequence[str]) -> str:
    """The line that asks for a caption's statistics, in METEOR's protocol.

    Three bars separate the fields: in a caption or reference they are dropped, and line ends become blanks.

    >>> score_line("a ||| b", ["one", "two"])
    'SCORE ||| one ||| two ||| a b\\n'
    """
    return " ||| ".join(["SCORE", *map(_harmless, references), _harmless(caption)]) + "\n"


def aligner() -> SharedAligner | None:
    """What all of this run share; None where there is no Java."""
    java = find_java()
    return None if java is None else _shared(java)


@lru_cache(maxsize=1)
def _shared(java: str) -> SharedAligner:
    shared = SharedAligner(java)
    atexit.register(shared.close)
    return shared


def _harmless(text: str) -> str:
    if "|||" in text:
        text = text.replace("|||", "").replace("  ", " ")
    return text.replace("\n", " ").replace("\r", " ")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "both pipes were asked for"
    return pipe
