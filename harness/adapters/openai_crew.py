"""A bounded number of threads that each do one piece of work at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Crew(Generic[T]):
    """Work under way, at most `size` pieces, results in the order in which they are done.

    The threads are daemons: a process that is to end does not wait for an endpoint.
    """

    def __init__(self, size: int) -> None:
        """No thread is begun before there is work for it."""
        self._size, self._busy = size, 0
        self._done: SimpleQueue[T | BaseException] = SimpleQueue()

    @property
    def full(self) -> bool:
        """Whether as much is under way as may be."""
        return self._busy >= self._size

    def begin(self, work: Callable[[], T]) -> None:
        """Start a piece of work; there must be room for it."""
        self._busy += 1
        threading.Thread(target=self._do, args=(work,), daemon=True).start()

    def next(self) -> T:
        """Wait for the next piece that is done; what it raised is raised here."""
        result = self._done.get()
        self._busy -= 1
        if isinstance(result, BaseException):
            raise result
        return result

    def rest(self) -> Iterator[T]:
        """All that is under way, as it gets done."""
        while self._busy:
            yield self.next()

    def ready(self) -> Iterator[T]:
        """What is done by now, without waiting; what failed is left out."""
        while not self._done.empty():
            result = self._done.get()
            self._busy -= 1
            if not isinstance(result, BaseException):
                yield result

    def _do(self, work: Callable[[], T]) -> None:
        try:
            self._done.put(work())
        except BaseException as error:  # noqa: BLE001 - raised again by `next`, in the thread that waits
            self._done.put(error)
