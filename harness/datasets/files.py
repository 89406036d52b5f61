"""Files below a data folder: images by name in any case and suffix, folders that annotations lie in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

from .images import is_image

_SKIPPED = ("__MACOSX",)
_NEARLY_ALL = 0.9
_SIBLINGS = 1000  # folders beside the data that are looked into for images, at most


def walk(root: Path, depth: int | None = None) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Folders below `root` with their folders and files, sorted; hidden ones are passed by.

    Links are followed, but no folder is entered twice. `depth` 0 is `root` alone; None is without a limit.
    """
    entered = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        here = Path(folder)
        if (real := os.path.realpath(here)) in entered:
            folders[:] = []
            continue
        entered.add(real)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        yield here, list(folders), sorted(f for f in files if not f.startswith("."))
        if depth is not None and len(here.relative_to(root).parts) >= depth:
            folders[:] = []


def folders_with(root: Path, wanted: Callable[[str], bool], depth: int = 3) -> list[Path]:
    """Folders at or below `root` that directly hold a file whose name is wanted, sorted, nearest first."""
    found = [here for here, _, files in walk(root, depth) if any(map(wanted, files))]
    return sorted(found, key=lambda p: (len(p.parts), p.as_posix()))


def is_empty(path: Path) -> bool:
    """Whether a file has no bytes, or cannot be reached: a link into nothing."""
    try:
        return path.stat().st_size == 0
    except OSError:
        return True


def visible(folder: Path, suffix: str) -> list[Path]:
    """The files directly in a folder that have a suffix, in any case, sorted; hidden ones are passed by."""
    found = (p for p in folder.iterdir() if p.suffix.lower() == suffix and not p.name.startswith("."))
    return sorted(found)


class ImageIndex:
    """The images below `base`, or a part of it, by a name with or without folders and suffix, in any case."""

    def __init__(self, base: Path, part: str = "") -> None:
        self.base = base
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for here, _, files in walk(base / part):
            for name in filter(is_image, files):
                path = here / name
                self._by_name.setdefault(name.lower(), []).append(path)
                self._by_stem.setdefault(path.stem.lower(), []).append(path)

    def __len__(self) -> int:
        return sum(map(len, self._by_stem.values()))

    def stems(self) -> set[str]:
        """The names of all images without folder and suffix, in lower case."""
        return set(self._by_stem)

    def find(self, name: str, prefer: str = "") -> Path | None:
        """The image an annotation calls `name`; of several, that in a folder it or `prefer` names.

        Another suffix than the one written is taken where no file has that one.
        """
        wanted = name.replace("\\", "/").lower()
        last = wanted.rsplit("/", 1)[-1]
        found = self._by_name.get(last)
        if not found:
            found = self._by_stem.get(last) or self._by_stem.get(os.path.splitext(last)[0]) or []
        if len(found) > 1:
            agree = [p for p in found if p.as_posix().lower().endswith("/" + wanted)] if "/" in wanted else []
            below = [p for p in found if prefer and prefer in p.relative_to(self.base).parts[:-1]]
            found = agree or below or found
        return found[0] if found else None

    def name(self, path: Path) -> str:
        """The identity of an image: its POSIX path below the data folder."""
        return path.relative_to(self.base).as_posix()


def find_images(root: Path, names: Iterable[str], part: str = "") -> ImageIndex:
    """The images in `part` of `root`, else below it, else beside it if nearly all of `names` are there.

    The last serves data whose images lie beside several folders of annotations, such as HIT-UAV's; not data
    with a `part` of its own: the pictures beside it would be those of other data.
    """
    index = ImageIndex(root, part if (root / part).is_dir() else "")
    wanted = list(names)
    if len(index) or part or not wanted:
        return index
    first = Path(wanted[0].replace("\\", "/")).stem.lower()
    for _, _, files in islice(walk(root.parent, 2), _SIBLINGS):
        if any(Path(f).stem.lower() == first and is_image(f) for f in files):
            beside = ImageIndex(root.parent)
            found = sum(beside.find(name) is not None for name in wanted)
            return beside if found >= _NEARLY_ALL * len(wanted) else index
    return index
