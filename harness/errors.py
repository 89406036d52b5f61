"""The tree of errors a user can cause: what happened, what was expected, what to do, and an exit code.

RsbenchError            1
|- GateFailed           1   a gate said no
|- UsageError           2   a name, key or option that does not exist
|- DataError            3   data, ledger or annotation that is missing or of another form
`- ModelError           4   a checkpoint, extra or endpoint that does not work
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class RsbenchError(Exception):
    """Shown to the user without a traceback. `hint` is what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class GateFailed(RsbenchError):
    """The current run is worse than the baseline."""


class UsageError(RsbenchError):
    """A name, key or option that does not exist."""

    exit_code = 2


class DataError(RsbenchError):
    """Data that is missing, unreadable or in another layout."""

    exit_code = 3


class ModelError(RsbenchError):
    """A model that cannot be loaded or reached."""

    exit_code = 4


def unknown(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not in a table, with the nearest names.

    >>> str(unknown("task", "mar21", ["mar20", "clrs"])).splitlines()[0]
    "There is no task 'mar21'."
    """
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(names)}."
    return UsageError(f"There is no {kind} {name!r}.", hint)


def missing_extra(package: str, extra: str) -> ModelError:
    """The error for a library that an extra brings."""
    return ModelError(f"{package} is not installed.", f"Install it with: pip install 'rsbench[{extra}]'")


def check_keys(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse options that `owner` does not take.

    Raises:
        UsageError: an unknown key, with the nearest known ones.
    """
    allowed = sorted(known)
    for key in given:
        if key not in allowed:
            raise unknown(f"option of {owner}", key, allowed)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Say what a disk that is full, or not writable, means for a run.

    Raises:
        DataError: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise DataError(
            f"Cannot write {path}: {error.strerror or error}.",
            "Make room or give another --output; the same command continues where this one stopped.",
        ) from error
