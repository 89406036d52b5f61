"""What a training tells while it runs: losses.jsonl, times.jsonl, a line on standard error, TensorBoard."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

LOSSES, TIMES = "losses.jsonl", "times.jsonl"


@dataclass(frozen=True, slots=True)
class Taken:
    """One step: its loss, the learning rate it was taken with, the norm of its gradient before clipping, and
    the tokens it read, visual ones included."""

    step: int
    loss: float
    lr: float
    norm: float
    tokens: int


class Journal:
    """Writes down every step. `steps` is the length of the training, `done` what was trained before."""

    def __init__(self, folder: Path, steps: int, done: int, board: Any, every_seconds: float = 10.0) -> None:
        self._steps, self._first, self._board, self._every = steps, done, board, every_seconds
        self._start = self._said = time.monotonic()
        self._tokens = 0
        self._line = sys.stderr.isatty()
        self._last = self._start
        for name in (LOSSES, TIMES):
            _cut(folder / name, done)
        self._file = (folder / LOSSES).open("a", encoding="utf-8")
        self._times = (folder / TIMES).open("a", encoding="utf-8")

    def step(self, taken: Taken) -> None:
        """Write down a step, and say so now and then."""
        self._file.write(json.dumps(asdict(taken)) + "\n")
        self._file.flush()
        self._tokens += taken.tokens
        now = time.monotonic()
        self._times.write(json.dumps({"step": taken.step, "seconds": round(now - self._last, 3)}) + "\n")
        self._times.flush()
        self._last = now
        rate = self._tokens / max(now - self._start, 1e-9)
        if self._board is not None:
            for name in ("loss", "lr", "norm"):
                self._board.add_scalar(name, getattr(taken, name), taken.step)
            self._board.add_scalar("tokens per second", rate, taken.step)
        if self._line or now - self._said >= self._every or taken.step == self._steps:
            self._said = now
            self._say(taken, rate, (now - self._start) / (taken.step - self._first))

    def close(self) -> None:
        """No more steps."""
        self._file.close()
        self._times.close()
        if self._board is not None:
            self._board.close()
        if self._line:
            print(file=sys.stderr)

    def _say(self, taken: Taken, rate: float, seconds: float) -> None:
        left = _time((self._steps - taken.step) * seconds)
        text = (
            f"step {taken.step}/{self._steps}, loss {taken.loss:.4f}, lr {taken.lr:.2e}, "
            f"{rate:,.0f} tokens/s, {left} left"
        )
        print(
            f"\r\x1b[K{text}" if self._line else text,
            end="" if self._line else "\n",
            file=sys.stderr,
            flush=True,
        )


def seconds(folder: Path) -> float | None:
    """What the steps of a training took in all, over its sessions; None where that is not known."""
    path = folder / TIMES
    if not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8").splitlines(True)
    spent = [float(json.loads(line)["seconds"]) for line in lines if _number(line) < float("inf")]
    return round(sum(spent), 1)


def board(folder: Path, wanted: bool, done: int, say: Callable[[str], None]) -> Any:
    """A TensorBoard writer; None, and a line that says so, where tensorboard is not installed."""
    if not wanted:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        say("No TensorBoard log: tensorboard is not installed (pip install tensorboard).")
        return None
    writer: Any = SummaryWriter(str(folder / "tensorboard"), purge_step=done + 1)
    return writer


def _cut(path: Path, done: int) -> None:
    """Keep the lines of the first `done` steps: what a checkpoint knows of."""
    if not path.is_file():
        return
    kept = [line for line in path.read_text(encoding="utf-8").splitlines(True) if _number(line) <= done]
    part = path.with_suffix(".part")
    part.write_text("".join(kept), encoding="utf-8")
    part.replace(path)


def _number(line: str) -> float:
    """The step of a line; one that a kill left unfinished is of no step."""
    try:
        return int(json.loads(line)["step"])
    except ValueError:
        return float("inf")


def _time(seconds: float) -> str:
    """Seconds in two units.

    >>> _time(59.6), _time(3723)
    ('1 min 0 s', '1 h 2 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
