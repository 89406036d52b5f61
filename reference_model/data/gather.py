"""What the readers of questions and captions share: pictures found by name, problems counted on the way."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path
from typing import Any

from ...harness.contract import Image, Problem, Sample
from ...harness.datasets.card import Card, Dataset
from ...harness.datasets.files import ImageIndex, is_empty, walk
from ...harness.datasets.sidecar import tagged
from ...harness.errors import DataError

MAX_BYTES = 2_000_000_000  # of one annotation file


class Gatherer:
    """Samples and problems of one reading. Without one picture on disk annotations alone are read."""

    def __init__(self, card: Card, root: Path) -> None:
        self.card, self.root = card, root
        self.index = ImageIndex(root, str(card.options.get("images", "")))
        self.problems: list[Problem] = []
        self.samples: list[Sample] = []

    def problem(self, item: str, reason: str) -> None:
        """Count something broken."""
        self.problems.append(Problem(item, reason))

    def image(self, item: str, name: str, prefer: str = "") -> Image | None:
        """The picture of a name; None, and a problem, where it is missing though others are there."""
        path = self.index.find(name, prefer)
        if path is None and len(self.index):
            self.problem(item, f"the image {name} is missing")
            return None
        if path is None:
            return Image(name, "")
        if is_empty(path):
            self.problem(item, f"the image {path.name} is an empty file")
            return None
        return Image(self.index.name(path), str(path))

    def dataset(self) -> Dataset:
        """What was read.

        Raises:
            DataError: nothing at all.
        """
        if not self.samples:
            first = "; ".join(f"{p.item}: {p.reason}" for p in self.problems[:3])
            raise DataError(f"{self.root.name} holds nothing of {self.card.title}.", first or None)
        return Dataset(tagged(self.samples, self.root, self.card), tuple(self.problems), ())


def load_json(path: Path) -> Any:
    """The content of an annotation file.

    Raises:
        DataError: missing, too large or not JSON.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path.name} has more than {MAX_BYTES:,} bytes.")
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path.name} cannot be read: {error}") from error


def the_file(root: Path, pattern: str, what: str) -> Path:
    """The one file below a folder whose name fits a pattern in any case, the nearest of several.

    Raises:
        DataError: none, or several equally near.
    """
    fitting = (
        here / f for here, _, files in walk(root) for f in files if fnmatch(f.lower(), pattern.lower())
    )
    found = sorted(fitting, key=lambda p: (len(p.parts), p.as_posix()))
    if not found:
        raise DataError(f"{root.name} holds no {what}.", f"It is expected as {pattern}.")
    if len(found) > 1 and len(found[1].parts) == len(found[0].parts):
        listed = ", ".join(p.relative_to(root).as_posix() for p in found[:4])
        raise DataError(f"{root.name} has several {what}: {listed}.", "Give the folder of one of them.")
    return found[0]
