"""From runs to a folder of pages that opens from disk, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..comparison import compare
from ..errors import UsageError, disk_errors
from .at_hand import at_hand
from .overview import contents, overview
from .samples import write_samples
from .seen import Seen, see
from .thumbnails import SIDE

SHARED = ("style.css", "theme.js")
_MARK = '<meta name="generator" content="rsbench report">'


@dataclass(frozen=True, slots=True)
class Built:
    """The pages of one run: where they are, how many samples and thumbnails, pictures without one, a note."""

    folder: Path
    samples: int
    thumbnails: int
    missing: int
    note: str


def build(
    runs: Sequence[Path],
    folder: Path,
    data: str | None = None,
    against: Path | None = None,
    thumbnail: int = SIDE,
) -> list[Built]:
    """Write the pages of one run into `folder`; of several, a folder each in it and a page over them.

    `data` says where the pictures lie, as of `rsbench run`; `against` is a run on the same samples, set
    beside the one run there then is; thumbnails have a long side of `thumbnail` pixels.

    Raises:
        UsageError: `folder` holds other files, or `against` goes with several runs.
        DataError: a run, the data, or the disk is not as it must be.
        NotComparable: the run and `against` are of different things.
    """
    if against is not None and len(runs) > 1:
        raise UsageError("--against sets one run beside another.", "Give one RUN and one --against RUN2.")
    with _fresh(folder) as new:
        if len(runs) == 1:
            return [_placed(_one(see(runs[0]), new, data, against, thumbnail), new, folder)]
        built, listed = [], []
        for run, name in zip(runs, _names(runs), strict=True):
            found = see(run)
            built.append(_placed(_one(found, new / name, data, None, thumbnail), new, folder))
            listed.append((name, found.result.report))
        _write(new, contents(listed))
        return built


def _one(found: Seen, folder: Path, data: str | None, against: Path | None, thumbnail: int) -> Built:
    other = see(against) if against else None
    compared = None
    if other:  # before anything is drawn
        understood = other.survey, found.survey
        compared = compare(other.result, found.result, details=False, surveys=understood)
    with at_hand(found, data) as pictures:
        written = write_samples(folder, found, pictures.images, other, thumbnail)
    _write(folder, overview(found, pictures.note, compared, other))
    return Built(folder, written.samples, written.thumbnails, written.missing, pictures.note)


def _write(folder: Path, page: str) -> None:
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_text(page, encoding="utf-8", errors="replace")
        for name in SHARED:
            (folder / name).write_bytes((files(__package__) / name).read_bytes())


def _names(runs: Sequence[Path]) -> list[str]:
    """A folder name for each run; the second of two alike gets a number."""
    names: list[str] = []
    for run in runs:
        name = run.resolve().name
        names.append(name if name not in names else f"{name}-{len(names) + 1}")
    return names


@contextmanager
def _fresh(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of `folder` when all is written."""
    if folder.exists() and not _is_ours(folder):
        raise UsageError(
            f"{folder} holds something other than pages.",
            "Give --html a new folder, or one that an earlier --html made: it is replaced.",
        )
    with disk_errors(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new, old = scratch / "new", scratch / "old"
    try:
        new.mkdir()
        yield new
        with disk_errors(folder):
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether a folder is empty, or was made here."""
    if not folder.is_dir():
        return False
    page = folder / "index.html"
    if page.is_file():
        return _MARK in page.read_text(encoding="utf-8", errors="replace")[:2000]
    return not any(folder.iterdir())


def _placed(built: Built, new: Path, folder: Path) -> Built:
    """Where it will lie when all is written."""
    place = folder / built.folder.relative_to(new)
    return Built(place, built.samples, built.thumbnails, built.missing, built.note)
