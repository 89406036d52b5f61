"""Reader of CHOICE: a tree of capabilities, each leaf a folder with a list of questions of its own name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..contract import Image, Region, Target
from ..errors import DataError
from ..metrics.mask_codec import encode
from .card import Card, Dataset
from .files import walk
from .images import image_size, open_rgb
from .layouts import other_layout
from .questions import Located, Questions
from .shapes import defect

_DEPTH = 5
_OPTION = re.compile(r"([A-Z])\s*[.)]\s*(.*)", re.DOTALL)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """The questions of the card's family: with options to pick from, on oriented boxes, or on masks.

    Layout: <level 1>/<level 2>/<level 3>/<level 3>.json, a list of {id, image_path, question, answer}, paths
    seen from above level 1. Options stand in the question, a line each ("A.a road"), and the answer is the
    letter; or the answer are four corners in parts of the picture, in any order; or there is a `mask_path`.
    The kind of a question is its level 3. The card's option `phrase`, a pattern, finds in the words of a
    question what it asks to be found.

    Raises:
        DataError: there is no such tree.
    """
    leaves = [here for here, _, files in walk(root, _DEPTH) if f"{here.name}.json" in files and here != root]
    if not leaves:
        raise other_layout(root, card, "no folder has a list of questions that is called like the folder")
    base = leaves[0].parents[2]

    def locate(name: str) -> Located | None:
        path = (base / name).resolve()
        if not (path.is_file() and path.is_relative_to(base.resolve())):
            return None
        return Located(name, path, None if card.family == "vqa" else image_size(path))

    found = Questions(card, base, locate)
    for leaf in leaves:
        for where, row in _rows(leaf / f"{leaf.name}.json", found):
            if _family(row) == card.family:
                try:
                    _add(found, card, base, leaf, row)
                except (ValueError, DataError) as fault:
                    found.problem(where, str(fault))
    return found.dataset()


def _rows(path: Path, found: Questions) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        found.problem(path.name, f"it cannot be read: {error}")
        return
    for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
        where = f"{path.name}, item {number}"
        if isinstance(row, dict) and isinstance(row.get("question"), str) and row.get("image_path"):
            yield where, row
        else:
            found.problem(where, "it has no question or no image_path")


def _family(row: Mapping[str, Any]) -> str:
    if row.get("mask_path"):
        return "segmentation"
    return "grounding" if isinstance(row.get("answer"), list) else "vqa"


def _add(found: Questions, card: Card, base: Path, leaf: Path, row: Mapping[str, Any]) -> None:
    """Raises:
    ValueError, DataError: the question has no truth that can be used.
    """
    name, question = str(row["image_path"]).replace("\\", "/"), row["question"]
    picture, kind = base / name, leaf.name
    if card.family == "vqa":
        question, target = _picked(question, row.get("answer"), kind)
    elif not picture.is_file():
        target = Target(kind=kind)  # lost for want of its picture
    elif card.family == "grounding":
        target = _boxed(row["answer"], image_size(picture), kind)
    else:
        target = _masked(base / str(row["mask_path"]), image_size(picture), kind)
    if pattern := card.options.get("phrase"):
        phrase = re.search(pattern, question)
        question = phrase[1] if phrase else question
    tags = (("capability", leaf.parents[1].name), ("dimension", leaf.parent.name))
    found.add(str(row.get("id") or f"{kind}/{Path(name).stem}"), name, question, target, tags)


def _picked(text: str, answer: Any, kind: str) -> tuple[str, Target]:
    """The question without its options, and the options with the letter of the right one."""
    question: list[str] = []
    choices: list[str] = []
    for line in text.split("\n"):
        option = _OPTION.fullmatch(line.strip())
        if option and option[1] == _LETTERS[len(choices) : len(choices) + 1]:
            choices.append(option[2].strip())
        elif choices:
            choices[-1] = f"{choices[-1]} {line.strip()}".strip()
        else:
            question.append(line.strip())
    letter = answer.strip().upper() if isinstance(answer, str) else ""
    if not choices:
        raise ValueError("its question has no options")
    if len(letter) != 1 or letter not in _LETTERS[: len(choices)]:
        raise ValueError(f"the answer {answer!r} is none of its {len(choices)} options")
    return "\n".join(question), Target(label=letter, choices=tuple(choices), kind=kind)


def _boxed(answer: Sequence[Any], size: tuple[int, int], kind: str) -> Target:
    """Four corners in parts of the picture, in any order, as an oriented box in pixels, corner by corner."""
    try:
        corners = [(float(x) * size[0], float(y) * size[1]) for x, y in answer]
    except (TypeError, ValueError):
        raise ValueError(f"the answer {answer!r} is no list of corners") from None
    x0, y0 = (sum(axis) / max(len(corners), 1) for axis in zip(*corners, strict=True))
    around = sorted(corners, key=lambda corner: math.atan2(corner[1] - y0, corner[0] - x0))
    points = tuple(value for corner in around for value in corner)
    if len(corners) != 4 or (fault := defect(points, size)):
        raise ValueError(fault if len(corners) == 4 else f"a box of {len(corners)} corners")
    return Target(regions=(Region(points, ""),), kind=kind, size=size)


def _masked(path: Path, size: tuple[int, int], kind: str) -> Target:
    """The pixels that are bright in a picture of black and white."""
    import numpy as np

    mask = np.asarray(open_rgb(Image(path.name, str(path))).convert("L")) > 127
    if mask.shape != (size[1], size[0]):
        height, width = mask.shape
        raise ValueError(f"the mask has {width} x {height} pixels, its picture {size[0]} x {size[1]}")
    ys, xs = np.nonzero(mask)
    box = tuple(map(float, (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1))) if len(xs) else ()
    return Target(regions=(Region(box, "", mask=encode(mask)),), kind=kind, size=size)
