"""The pages of all leaderboards as files: what they should hold, which are stale, and making them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..errors import DataError, GateFailed, disk_errors
from .boards import Boards
from .folder import OVERVIEW
from .markdown import overview, page

BUILD = "rsbench leaderboard build"


def pages(boards: Boards) -> dict[str, str]:
    """Every page by its path below the folder of leaderboards."""
    found = {f"{board.name}/{OVERVIEW}": page(board) for board in boards.boards}
    return {OVERVIEW: overview(boards.boards), **found}


def write_pages(folder: Path, boards: Boards) -> list[str]:
    """Write every page that is not as it should be; the paths of those that changed.

    Raises:
        DataError: the folder is not writable.
    """
    texts = pages(boards)
    changed = _stale(folder, texts)
    for name in changed:
        with disk_errors(folder / name):
            (folder / name).write_text(texts[name], encoding="utf-8")
    return changed


def check(folder: Path, boards: Boards) -> None:
    """Refuse pages that are not what the files make them.

    Raises:
        GateFailed: a page is missing or stale.
    """
    if found := _stale(folder, pages(boards)):
        raise GateFailed(
            f"Pages in {folder} are not what the files make them: {', '.join(found)}.",
            f"Make them again with: {BUILD}",
        )


def refuse_broken(boards: Boards) -> None:
    """Say what could not be used, once all else is done.

    Raises:
        DataError: some file was left out.
    """
    if boards.broken:
        listed = "\n".join(f"- {why}" for why in boards.broken)
        raise DataError(f"What could not be used was left out:\n{listed}")


def _stale(folder: Path, texts: Mapping[str, str]) -> list[str]:
    return [name for name, text in texts.items() if _read(folder / name) != text]


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
