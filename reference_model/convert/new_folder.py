"""A folder that appears whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...harness.errors import DataError, UsageError

_WRITTEN = (".json", ".safetensors", ".pth", ".bin", ".md", ".model")  # what a folder of weights consists of


@contextmanager
def new_folder(target: Path, force: bool) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its name when the block ends well, and is gone otherwise.

    Raises:
        UsageError: `target` exists and `force` is not given, or it holds something else than weights.
        DataError: the disk is full or cannot be written.
    """
    if target.exists():
        _refuse(target, force)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        try:
            temporary.chmod(0o755)
            yield temporary
            _take_place(temporary, target)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise DataError(
            f"Cannot write {target}: {error.strerror or error}.",
            "Nothing was left there. Make room or choose another folder, and run the same command again.",
        ) from error


def _refuse(target: Path, force: bool) -> None:
    if not force:
        raise UsageError(f"{target} exists.", "Choose another folder, or replace it with --force.")
    inside = [*target.iterdir()] if target.is_dir() else [target]
    strange = [p for p in inside if not target.is_dir() or not p.is_file() or p.suffix not in _WRITTEN]
    if strange:
        raise UsageError(
            f"{target} holds more than weights: {strange[0].name}.",
            "--force replaces folders of weights only.",
        )


def _take_place(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.old.", dir=target.parent)) / "old"
    target.rename(old)
    try:
        temporary.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)
