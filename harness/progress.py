"""How far a run is: a bar on a terminal, a line now and then elsewhere; on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

import click


class Meter:
    """Counts answers; shows rate, remaining time, failures and unparsable answers so far."""

    def __init__(self, title: str, total: int, every_seconds: float = 30.0, answers: bool = True) -> None:
        """`answers`: what is counted can fail or be unparsable."""
        self._title, self._total, self._every, self._answers = title, total, every_seconds, answers
        self._done = self._kept = self._failed = self._unparsable = 0
        self._start = self._said = time.monotonic()
        self._bar: Any = None
        self._row: Any = None

    def __enter__(self) -> Meter:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[note]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
            self._row = self._bar.add_task(self._title, total=self._total, note="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
        elif self._done > self._kept:
            self._say()

    def found(self, count: int) -> None:
        """So many were done by an earlier run: no matter of the rate."""
        self._done += count
        self._kept += count
        if self._bar is not None:
            self._bar.update(self._row, advance=count, note=self._note())

    def advance(self, failed: bool = False, unparsable: bool = False, new: bool = True) -> None:
        """One more is done; one that an earlier run did is no matter of the rate."""
        self._done += 1
        self._kept += not new
        self._failed += failed
        self._unparsable += unparsable
        if self._bar is not None:
            self._bar.update(self._row, advance=1, note=self._note())
        elif time.monotonic() - self._said >= self._every:
            self._say()

    def _note(self) -> str:
        counts = f", {self._failed} failed, {self._unparsable} unparsable" if self._answers else ""
        return f"{self._rate():.1f}/s{counts}"

    def _say(self) -> None:
        self._said = time.monotonic()
        left = (self._total - self._done) / self._rate() if self._done < self._total else 0
        click.echo(f"{self._title}: {self._done}/{self._total}, {self._note()}, {left:.0f} s left", err=True)

    def _rate(self) -> float:
        """New answers a second; nearly none until the first."""
        return max(self._done - self._kept, 1e-9) / max(time.monotonic() - self._start, 1e-9)
