"""Reader of class folders, the form of most scene classification data (CLRS, NWPU-RESISC45, AID, ...)."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

from ..contract import Image, Problem, Sample, Target
from ..errors import DataError
from .card import Card, Dataset
from .files import is_empty, walk
from .images import is_image
from .layouts import layout_of, other_layout, several
from .names import ClassNames
from .sidecar import tagged


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every image of every class folder; its id is its POSIX path below the folder of class folders.

    The class is the folder's name. Card options: `open_classes` takes any folder as a class; `split_file`
    names a list of the images of a split; `share` gives each split's share of each class where there is no
    such list. Images are not opened.

    Raises:
        DataError: no class folders, or several folders that have some.
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
    found = _of_split(base, card, split, found, problems)
    samples = (
        Sample(name, (Image(name, str(base / name)),), Target(label=label), tags={"class": label})
        for label, images in found.items()
        for name in images
    )
    ordered = tuple(sorted(tagged(samples, base, card), key=lambda s: s.id))
    return Dataset(ordered, tuple(problems), names.classes)


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


def _of_split(
    base: Path, card: Card, split: str, found: Mapping[str, list[str]], problems: list[Problem]
) -> dict[str, list[str]]:
    """The images of the split: by a list if there is one, by the share of the card, or all of them."""
    pattern, share = card.options.get("split_file"), card.options.get("share")
    path = base / pattern.format(split=split) if pattern and split else None
    if path is not None and path.is_file():
        return _listed(path, found, problems)
    if share and split:
        if split not in share:
            raise DataError(f"{card.title} has no split {split!r}.", f"It has: {', '.join(share)}.")
        return {label: _share(names, share, split) for label, names in found.items()}
    return dict(found)


def _listed(path: Path, found: Mapping[str, list[str]], problems: list[Problem]) -> dict[str, list[str]]:
    """The images that the lines of a list name: by path, file name or file name without suffix."""
    where: dict[str, tuple[str, str]] = {}
    for label, names in found.items():
        for name in names:
            for spelling in (Path(name).stem, Path(name).name, name):
                where[spelling.lower()] = (label, name)
    listed: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        if not line.strip():
            continue
        hit = where.get(line.strip().replace("\\", "/").lower())
        if hit is None:
            problems.append(Problem(line.strip(), f"in {path.name}, but there is no such image"))
        elif hit[1] not in listed.setdefault(hit[0], []):
            listed[hit[0]].append(hit[1])
    return listed


def _share(names: list[str], share: Mapping[str, float], split: str) -> list[str]:
    """A split's share of a class: names ordered by their SHA-256 are cut at the sums of the shares."""
    ordered = sorted(names, key=lambda n: sha256(Path(n).name.encode()).hexdigest())
    start = Fraction(0)
    for name, part in share.items():
        stop = start + Fraction(str(part))
        if name == split:
            return ordered[round(start * len(ordered)) : round(stop * len(ordered))]
        start = stop
    return []
