"""A program of the user's, run beside us: lines to its standard input, lines from its standard output."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO

from ..errors import ModelError

KEPT = 20  # last lines of its standard error
LONGEST = 2**26  # bytes of a line


class Ended(Exception):
    """The program ended while it was asked something."""


class Program:
    """One running process, in a process group of its own; its input and outputs are moved by threads."""

    def __init__(self, words: Sequence[str]) -> None:
        """Start it, without a shell.

        Raises:
            ModelError: it cannot be started.
        """
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(
                list(words), stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            raise ModelError(
                f"{words[0]} cannot be started: {error.strerror or error}.",
                "Write the command as you would in a terminal: run='python my_model.py'.",
            ) from error
        self._heard: SimpleQueue[bytes | None] = SimpleQueue()
        self._told: SimpleQueue[bytes | None] = SimpleQueue()
        self._complaints: deque[str] = deque(maxlen=KEPT)
        streams = self._process.stdin, self._process.stdout, self._process.stderr
        assert all(streams)
        stores = self._told, self._heard, self._complaints
        works: tuple[Callable[..., None], ...] = (_write, _listen, _keep)
        self._threads = [
            threading.Thread(target=work, args=pair, daemon=True)
            for work, pair in zip(works, zip(streams, stores, strict=True), strict=True)
        ]
        for thread in self._threads:
            thread.start()
        self.close = weakref.finalize(self, _end, self._process, self._told)

    def tell(self, line: bytes) -> None:
        """Hand over a line; does not wait until it is read."""
        self._told.put(line + b"\n")

    def hear(self, seconds: float) -> bytes:
        """The next line.

        Raises:
            TimeoutError: none came within `seconds`.
            Ended: there are no more.
        """
        try:
            line = self._heard.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None
        if line is None:
            raise Ended
        return line

    def kill(self) -> str:
        """End it now, with all that it started; how it ended, and its last words."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)  # it may be ending by itself: then its own status counts
        own = self._process.poll()
        _signal(self._process, signal.SIGKILL)
        self._process.wait()
        self._threads[-1].join(timeout=2)  # its last words are read to the end
        status = self._process.returncode
        how = "was stopped" if own is None else f"ended with status {status}"
        if own is not None and status < 0:
            how = f"was ended by signal {-status}"
        return f"it {how}{self.last_words}"

    @property
    def last_words(self) -> str:
        """The last lines of its standard error, as part of a message."""
        lines = [line for line in self._complaints if line.strip()]
        return ". Its last words:\n  " + "\n  ".join(lines) if lines else ""


def _write(stream: IO[bytes], told: SimpleQueue[bytes | None]) -> None:
    with suppress(OSError, ValueError):  # it has gone: its silence says so
        while (line := told.get()) is not None:
            stream.write(line)
            stream.flush()
    with suppress(OSError):
        stream.close()


def _listen(stream: IO[bytes], heard: SimpleQueue[bytes | None]) -> None:
    with suppress(OSError, ValueError):
        while line := stream.readline(LONGEST):
            heard.put(line)
    heard.put(None)


def _keep(stream: IO[bytes], complaints: deque[str]) -> None:
    with suppress(OSError, ValueError):
        while line := stream.readline(LONGEST):
            complaints.append(line.decode("utf-8", "replace").rstrip()[:500])


def _end(process: subprocess.Popen[bytes], told: SimpleQueue[bytes | None]) -> None:
    """End of input, some seconds to finish, then by force."""
    told.put(None)
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
