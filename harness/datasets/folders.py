"""Reader of class folders, the form of most scene classification data (CLRS, NWPU-RESISC45, AID, ...)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from math import ceil
from pathlib import Path

from ..contract import Image, Problem, Sample, Target
from ..errors import DataError
from .card import Card, Dataset
from .files import is_empty, walk
from .frozen import interval
from .images import is_image
from .layouts import layout_of, other_layout, several
from .names import ClassNames
from .sidecar import FILE, tagged


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every image of every class folder; its id is its POSIX path below the folder of class folders.

    The class is the folder's name. Images are not opened. Card options:

    - `open_classes` takes any folder as a class.
    - `split_file` names a list of the images of a split, a pattern ("{split}.txt") or a file for each split.
      It lies beside the class folders or in a folder above them.
    - `share` cuts each class where there is no such list: a part for each split, one after the other, or
      [from, to] of the class for each, where splits overlap. A folder named like the split is not cut.

    A cut goes by the file names alone: the order, the place and the names of the folders change nothing.

    Raises:
        DataError: no class folders, several folders that have some, or no list and no share for the split.
    """
    split = split or card.split
    base = _base(root, card, split)
    folders = _class_folders(base)
    if len(folders) == 1 and layout_of(base) not in ("folders", None):
        raise other_layout(root, card, "it has no class folders")
    names = ClassNames(card)
    problems: list[Problem] = []
    found: dict[str, list[str]] = {}  # class -> image names
    for folder, files in folders.items():
        label = names.find(folder)
        if label is None:
            problems.append(
                Problem(folder, f"not a class of {card.title}; its images are left out: {len(files)}")
            )
            continue
        for file in files:
            if is_empty(base / folder / file):
                problems.append(Problem(f"{folder}/{file}", "an empty file"))
            else:
                found.setdefault(label, []).append(f"{folder}/{file}")
    if not found:
        raise other_layout(root, card, "no folder with images is named like one of its classes")
    found = _of_split(root, base, card, split, found, problems)
    samples = (
        Sample(name, (Image(name, str(base / name)),), Target(label=label), tags={"class": label})
        for label, images in found.items()
        for name in images
    )
    note = next((folder for folder in _upwards(base, root) if (folder / FILE).is_file()), base)
    ordered = tuple(sorted(tagged(samples, note, card), key=lambda s: s.id))
    return Dataset(ordered, tuple(problems), names.classes)


def list_name(card: Card, split: str) -> str | None:
    """What the list of a split's images is called, where the card knows of one."""
    lists = card.options.get("split_file")
    if isinstance(lists, Mapping):
        return lists.get(split)
    return lists.format(split=split) if lists and split else None


def _class_folders(base: Path) -> dict[str, list[str]]:
    """Folders of `base` that directly hold images, and the images' names."""
    folders = {}
    for here, _, files in walk(base, depth=1):
        images = [f for f in files if is_image(f)]
        if here != base and images:
            folders[here.name] = images
    return folders


def _base(root: Path, card: Card, split: str) -> Path:
    """The folder of class folders: `root`, or one below it; of several, that named like the split."""
    closed = ClassNames(card) if card.classes and not card.options.get("open_classes") else None

    def fits(folder: Path) -> bool:
        found = _class_folders(folder)
        return bool(found) if closed is None else any(closed.find(name) for name in found)

    if fits(root):
        return root
    below = [root / f for _, folders, _ in walk(root, 0) for f in folders]
    below += [b / f for b in list(below) for _, folders, _ in walk(b, 0) for f in folders]
    fitting = [folder for folder in below if fits(folder)]
    named = [folder for folder in fitting if split and folder.name.lower() == split.lower()]
    if len(named or fitting) > 1:
        raise several(root, "folders of class folders", named or fitting)
    if not fitting:
        raise other_layout(root, card, "it has no class folders with images")
    return (named or fitting)[0]


def _upwards(base: Path, root: Path) -> Iterator[Path]:
    """`base` and the folders above it, up to `root`."""
    yield base
    while base != root:
        base = base.parent
        yield base


def _of_split(
    root: Path,
    base: Path,
    card: Card,
    split: str,
    found: Mapping[str, list[str]],
    problems: list[Problem],
) -> dict[str, list[str]]:
    """The images of the split: by a list if there is one, by the share of the card, or all of them.

    Raises:
        DataError: the card has other splits, or only a list could say which images are of this one.
    """
    lists, share = card.options.get("split_file"), card.options.get("share")
    name = list_name(card, split)
    if not split or not (lists or share):
        return dict(found)
    for folder in _upwards(base, root):
        if name and (folder / name).is_file():
            return _listed(folder / name, found, problems)
    if base.name.lower() == split.lower():
        return dict(found)
    if share and split in share:
        part = interval(share, split)
        return {label: _cut(names, *part) for label, names in found.items()}
    known = [*(share or ()), *(lists if isinstance(lists, Mapping) else ())]
    if known and name:
        raise DataError(f"The split {split!r} of {card.title} needs its list {name}.", f"Put it into {base}.")
    if known:
        raise DataError(
            f"{card.title} has no split {split!r}.", f"It has: {', '.join(dict.fromkeys(known))}."
        )
    return dict(found)


def _listed(path: Path, found: Mapping[str, list[str]], problems: list[Problem]) -> dict[str, list[str]]:
    """The images that the lines of a list name: by path, file name or file name without suffix."""
    where: dict[str, set[tuple[str, str]]] = {}
    for label, names in found.items():
        for name in names:
            bare = name.rpartition(".")[0]
            for spelling in (name, Path(name).name, bare, Path(bare).name):
                where.setdefault(spelling.lower(), set()).add((label, name))
    listed: dict[str, dict[str, None]] = {}
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        spelling = line.strip().replace("\\", "/").lower()
        if not spelling:
            continue
        hits = where.get(spelling) or where.get(spelling.rsplit(".", 1)[0]) or set()
        if len(hits) == 1:
            ((label, name),) = hits
            listed.setdefault(label, {})[name] = None
        else:
            what = "several images have that name: write <class>/<file>" if hits else "there is no such image"
            problems.append(Problem(line.strip(), f"in {path.name}, but {what}"))
    return {label: list(names) for label, names in listed.items()}


def _cut(names: list[str], low: Fraction, high: Fraction) -> list[str]:
    """The names of a class from one share of it to another, ordered by the SHA-256 of the file's name.

    Where a part ends within an image, the image is the part's before: of 54, a last fifth is 10.
    """
    ordered = sorted(names, key=lambda n: (sha256(Path(n).name.encode()).hexdigest(), n))
    return ordered[ceil(low * len(ordered)) : ceil(high * len(ordered))]
