"""Reader of captions in their published forms: whichever of them lies there is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract import Image, Problem, Sample, Target
from ..errors import DataError
from .caption_forms import Captioned, is_karpathy, is_nwpu, karpathy, lines, load_json, nwpu, splits_of
from .card import Card, Dataset
from .files import ImageIndex, walk
from .layouts import other_layout, several
from .sidecar import FILE, tagged

_CAPTIONS, _NAMES = "_caps.txt", "_filename.txt"  # of the SCAN and AMFMN kits, after the split


@dataclass(frozen=True, slots=True)
class _Found:
    """Annotations: where they lie, and their entries."""

    path: Path
    rows: Sequence[Captioned]


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every image of the split with its captions; its id is its file name, after the class if that is known.

    Read is a json file of images and sentences (RSICD and its kin) or of classes (NWPU-Captions), else the
    two text files of a split ("test_caps.txt", "test_filename.txt"). Card options: `file` is the json's name
    where there are several; `normalise` is the Unicode form that captions are brought to; `references` is how
    many an image should have: another number is told, and the image is used.

    Images need not be at hand. If some are, one that is missing is told and left out.

    Raises:
        DataError: no such file, several, one that cannot be read, or no image of the split.
    """
    split = split or card.split
    found = _json(root, card) or _text_files(root, split)
    if found is None:
        raise other_layout(root, card, "there is no file of captions")
    problems = [Problem(row.where, f"in {found.path.name}: {row.fault}") for row in found.rows if row.fault]
    rows = [row for row in found.rows if not row.fault]
    wanted = [row for row in rows if not split or row.split in (split, "")]
    if rows and not wanted:
        known = ", ".join(splits_of(rows))
        raise DataError(f"{found.path.name} has no image of the split {split!r}.", f"It has: {known}.")
    kept = _distinct(wanted, card, problems)
    base = root if root.is_dir() else root.parent
    samples = _pictured(kept, base, problems)
    ordered = sorted(tagged(samples, base, card), key=lambda s: s.id)
    return Dataset(tuple(ordered), tuple(problems), ())


def _json(root: Path, card: Card) -> _Found | None:
    """The json that holds captions: the file given, the one the card names, or the only one."""
    names = [here / f for here, _, files in walk(root, 2) for f in files if f.lower().endswith(".json")]
    names = [root] if root.is_file() else [path for path in names if path.name != FILE]
    wanted = str(card.options.get("file", "")).lower()
    names = [path for path in names if path.name.lower() == wanted] or names
    found = []
    for path in names:
        if path.stat().st_size and _mentions(path, b'"sentences"', b'"raw"'):
            content = load_json(path)
            form = karpathy if is_karpathy(content) else nwpu if is_nwpu(content) else None
            if form:
                found.append(_Found(path, list(form(content))))
    if len(found) > 1:
        raise several(root, "files of captions", [f.path for f in found])
    return found[0] if found else None


def _text_files(root: Path, split: str) -> _Found | None:
    """The two text files of the split."""
    if root.is_file():
        return None
    found = [
        (here / f, here / f.replace(_CAPTIONS, _NAMES))
        for here, _, files in walk(root, 2)
        for f in files
        if f == f"{split}{_CAPTIONS}"
    ]
    if len(found) > 1:
        raise several(root, "files of captions", [path for path, _ in found])
    if not found:
        return None
    captions, names = found[0]
    if not names.is_file():
        raise DataError(f"{captions.name} has no {names.name} beside it.", "It names the image of each line.")
    return _Found(captions, list(lines(names, captions, split)))


def _mentions(path: Path, *words: bytes) -> bool:
    """Whether one of these words is in a file; results and other json are passed by without being parsed."""
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        return any(body.find(word) >= 0 for word in words)


def _distinct(rows: Iterable[Captioned], card: Card, problems: list[Problem]) -> dict[str, Captioned]:
    """Entries by their id, with the captions that are some; what is amiss with them is told."""
    form = card.options.get("normalise")
    expected = card.options.get("references")
    kept: dict[str, Captioned] = {}
    for row in rows:
        name = row.name.replace("\\", "/")
        key = f"{row.folder}/{name}" if row.folder and "/" not in name else name
        if key in kept:
            problems.append(Problem(key, "a second entry of this name is left out"))
            continue
        texts = tuple(unicodedata.normalize(form, text) if form else text for text in row.texts if text)
        if len(texts) < len(row.texts):
            problems.append(Problem(key, f"captions without words: {len(row.texts) - len(texts)}"))
        elif texts and expected and len(texts) != expected:
            problems.append(Problem(key, f"captions: {len(texts)}, not {expected}"))
        if texts:
            kept[key] = Captioned(row.where, name, row.split, texts, row.folder)
        elif not row.texts:
            problems.append(Problem(key, "no captions"))
    return kept


def _pictured(kept: dict[str, Captioned], base: Path, problems: list[Problem]) -> list[Sample]:
    """Samples with their pictures, where any are at hand.

    None is looked for beside the data: "1.tif" is a picture of more than one data set.
    """
    index = ImageIndex(base)
    pictures = {key: index.find(row.name, row.folder) for key, row in kept.items()}
    samples = []
    for key, row in kept.items():
        path = pictures[key]
        if path is None and any(pictures.values()):
            problems.append(Problem(key, "the image is missing"))
            continue
        tags = {"class": row.folder} if row.folder else {}
        samples.append(Sample(key, (Image(key, str(path or "")),), Target(texts=row.texts), tags=tags))
    return samples
