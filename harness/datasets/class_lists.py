"""Reader of lists of images with their classes: csv files that stand apart from the pictures, as DSCR's."""

from __future__ import annotations

import csv
from pathlib import Path

from ..contract import Image, Problem, Sample, Target
from ..errors import DataError
from . import folders
from .card import Card, Dataset
from .files import ImageIndex, is_empty
from .layouts import other_layout
from .names import ClassNames
from .sidecar import tagged


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every line of the list of the split; its id is the file name on it.

    Card options: `lists` are the places of a list ("{split}.csv", ...), the first that is there counts;
    `columns` names the columns of `image` and `label`. Pictures lie anywhere below the data. Without a list,
    class folders are read instead.

    A line of an unknown class, without a picture, or with a picture that an earlier line names is told and
    left out.

    Raises:
        DataError: neither list nor class folders, no line that can be used, or no such columns.
    """
    split = split or card.split
    path = next(
        (p for p in (root / n.format(split=split) for n in card.options["lists"]) if p.is_file()), None
    )
    if path is None:
        return folders.read(root, card, split)
    rows = _rows(path, card)
    index = ImageIndex(root)
    names = ClassNames(card)
    problems: list[Problem] = []
    samples: dict[str, Sample] = {}
    for where, name, spelling in rows:
        label, picture = names.find(spelling), index.find(name) if name else None
        if label is None or picture is None or is_empty(picture) or name in samples:
            fault = (
                _fault(name, name in samples, label, picture) or f"{spelling!r} is no class of {card.title}"
            )
            problems.append(Problem(name or where, f"in {path.name}: {fault}"))
            continue
        samples[name] = Sample(name, (Image(name, str(picture)),), Target(label=label), tags={"class": label})
    if not samples:
        raise other_layout(root, card, f"no line of {path.name} names an image that is there")
    ordered = sorted(tagged(samples.values(), root, card), key=lambda s: s.id)
    return Dataset(tuple(ordered), tuple(problems), names.classes)


def _fault(name: str, again: bool, label: str | None, picture: Path | None) -> str:
    """What is amiss with a line, but for a class that is unknown."""
    if not name:
        return "no file name"
    if again:
        return "a second line for this image is left out"
    if label is None:
        return ""
    return "there is no such image" if picture is None else "an empty file"


def _rows(path: Path, card: Card) -> list[tuple[str, str, str]]:
    """(where, file name, class) of every line after the head.

    Raises:
        DataError: the head has no such columns.
    """
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    # QUOTE_NONE: a quotation mark in a file name must not swallow the lines after it
    rows = list(csv.reader(text.replace("\r\n", "\n").split("\n"), quoting=csv.QUOTE_NONE))
    columns = card.options["columns"]
    head = [cell.strip() for cell in rows[0]] if rows else []
    if absent := [column for column in columns.values() if column not in head]:
        raise DataError(
            f"{path.name} has no column {' and no column '.join(absent)}.",
            f"Its first line is expected to be: {','.join(columns.values())}",
        )
    image, label = (head.index(columns[part]) for part in ("image", "label"))
    return [
        (f"line {number}", _cell(row, image), _cell(row, label))
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    ]


def _cell(row: list[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
