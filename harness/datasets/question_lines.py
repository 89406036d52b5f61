"""Reader of questions a line, `<image>:<question>?<answer>`, in text files near or far from the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path

from .card import Card, Dataset
from .files import ImageIndex, walk
from .images import is_image
from .layouts import other_layout
from .questions import Locate, Located, Questions, kinds_of

_DEPTH = 4
_SIBLINGS = 1000  # folders beside the data that are looked into for pictures, at most
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file; `fault` says why it is no question."""

    number: int
    image: str = ""
    question: str = ""
    answer: str = ""
    fault: str = ""


@dataclass
class Part:
    """The files of one part and, by the file's folder, its pictures."""

    name: str
    files: dict[Path, list[Line]] = field(default_factory=dict)
    images: list[ImageIndex] = field(default_factory=list)


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every line of the files of a part; its id is the file's name without suffix and the line's number.

    `split` is one of the card's option `parts` (name -> patterns of its files' names), or `all`. The option
    `kinds` names kinds of question by patterns of their words. An image may be named without its suffix,
    white space at the ends counts for nothing, and what stands behind the first `?`, ASCII or full-width, is
    the answer.

    Pictures are looked for in the folder of the file, in all of `root`, and near it. The parts of
    RSIVQA call different pictures by the same numbers: one that is called by a number alone has to lie in a
    folder with the name of its part.

    Raises:
        DataError: there is no such file.
    """
    patterns: Mapping[str, Sequence[str]] = card.options["parts"]
    split = split or card.split
    parts = [_part(root, name, patterns[name]) for name in (patterns if split == "all" else [split])]
    if not any(part.files for part in parts):
        wanted = ", ".join(pattern for part in parts for pattern in patterns[part.name])
        raise other_layout(root, card, f"there is no {wanted}")
    seen = any(len(index) for part in parts for index in part.images)
    found = Questions(card, root, _locate(root, parts) if seen else None)
    kind_of = kinds_of(card.options.get("kinds", {}))
    for part in parts:
        for path, lines in part.files.items():
            for line in lines:
                if line.fault:
                    found.problem(f"{path.name}, line {line.number}", line.fault)
                    continue
                target = found.target(line.answer, kind_of(line.question))
                key, name = f"{path.stem}:{line.number}", f"{part.name}/{line.image}"
                found.add(key, name, line.question, target, (("source", part.name),))
    return found.dataset()


def _part(root: Path, name: str, patterns: Sequence[str]) -> Part:
    part = Part(name)
    for here, _, files in walk(root, _DEPTH):
        for file in files:
            if any(fnmatch(file.lower(), pattern) for pattern in patterns):
                lines = list(_lines(here / file))
                part.files[here / file] = lines
                part.images.append(_images(root, here, [line.image for line in lines if line.image]))
    return part


def _lines(path: Path) -> Iterator[Line]:
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        image, colon, rest = line.partition(":")
        question, mark, answer = rest.replace("\uff1f", "?").partition("?")
        if not (image.strip() and colon and question.strip() and mark):
            yield Line(number, fault="it is not <image>:<question>?<answer>")
        elif not answer.strip():
            yield Line(number, fault="it has no answer")
        else:
            yield Line(number, image.strip(), f"{question.strip()}?", answer.strip())


def _images(root: Path, folder: Path, names: Sequence[str]) -> ImageIndex:
    """The pictures of a file: in its folder, in all of the data, or in one folder near the data."""
    for base in dict.fromkeys((folder, root)):
        if len(index := ImageIndex(base)):
            return index
    first, distinct = Path(names[0]).stem.lower() if names else "", set(names)
    for above in (root.parent, root.parent.parent):
        for here, _, files in islice(walk(above, _DEPTH), _SIBLINGS):
            if first and any(Path(file).stem.lower() == first and is_image(file) for file in files):
                beside = ImageIndex(here)
                if sum(beside.find(name) is not None for name in distinct) >= _NEARLY_ALL * len(distinct):
                    return beside
    return ImageIndex(folder)


def _locate(root: Path, parts: Sequence[Part]) -> Locate:
    """Pictures by <part>/<name>; what lies outside the data has its part before its own name."""
    images = {part.name: part.images for part in parts}

    def locate(name: str) -> Located | None:
        part, _, image = name.partition("/")
        for index in images[part]:
            path = index.find(image, part)
            if path is not None and (not Path(image).stem.isdigit() or _below(path, part)):
                inside = path.is_relative_to(root)
                shown = path.relative_to(root).as_posix() if inside else f"{part}/{index.name(path)}"
                return Located(shown, path)
        return None

    return locate


def _below(path: Path, folder: str) -> bool:
    """Whether a file lies below a folder of a name, in any case."""
    return folder.lower() in (name.lower() for name in path.parts[:-1])
