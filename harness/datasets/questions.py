"""What the readers of questions share: pictures, truths, words and tags are kept once for all samples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

from ..contract import Image, Problem, Sample, Tags, Target
from .card import Card, Dataset
from .files import ImageIndex, is_empty
from .sidecar import read_sidecar


class Located(NamedTuple):
    """A picture on disk: its identity below the data folder, its place, width and height if they matter."""

    name: str
    path: Path
    size: tuple[int, int] | None = None


Locate: TypeAlias = Callable[[str], Located | None]
_Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]  # picture, kind of question, further tags


def located_in(index: ImageIndex, prefer: str = "") -> Locate | None:
    """Where the pictures of an index lie, by the name an annotation gives; None if it has no picture."""
    if not len(index):
        return None

    def locate(name: str) -> Located | None:
        path = index.find(name, prefer)
        return None if path is None else Located(index.name(path), path)

    return locate


def kinds_of(patterns: Mapping[str, str]) -> Callable[[str], str]:
    """The kind of a question by its words: the first whose pattern is found in it in lower case, else "".

    >>> kinds_of({"count": "^how many", "other": ""})("How many ships?")
    'count'
    """
    compiled = [(kind, re.compile(pattern)) for kind, pattern in patterns.items()]
    known: dict[str, str] = {}

    def kind_of(question: str) -> str:
        found = known.get(question)
        if found is None:
            words = question.strip().lower()
            found = known[question] = next((kind for kind, p in compiled if p.search(words)), "")
        return found

    return kind_of


class Questions:
    """Samples and problems of one reading, question by question.

    `locate` finds a picture by the name in the annotation; where it is None no picture is at hand at all, and
    the samples carry questions and answers alone: answers made elsewhere can still be scored.
    """

    def __init__(self, card: Card, root: Path, locate: Locate | None) -> None:
        """Raises DataError for the note of a miniature that is damaged."""
        self.problems: list[Problem] = []
        self._locate = locate
        sidecar = read_sidecar(root)
        self._drawn = sidecar.items if sidecar else {}
        self._common = {"sensor": card.sensor} if card.sensor else {}
        self._samples: dict[str, Sample] = {}
        self._pictures: dict[str, tuple[Image, ...] | str] = {}  # or why there is none
        self._lost: Counter[str] = Counter()  # questions by picture
        self._targets: dict[tuple[str, str], Target] = {}
        self._tags: dict[_Key, Tags] = {}
        self._shared: dict[_Key, tuple[tuple[Image, ...], Tags]] = {}
        self._texts: dict[str, str] = {}

    def problem(self, item: str, reason: str) -> None:
        """Count something broken."""
        self.problems.append(Problem(item, reason))

    def target(self, answer: str, kind: str) -> Target:
        """The truth of a question answered with words."""
        found = self._targets.get((answer, kind))
        if found is None:
            found = self._targets[answer, kind] = Target(texts=(answer,), kind=kind)
        return found

    def refuse(self, name: str, why: str) -> None:
        """Let no question have a picture, which the annotation takes back."""
        self._pictures[name] = why

    def add(
        self, sample_id: str, name: str, question: str, target: Target, tags: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """A question on the picture that the annotation calls `name`.

        Without a picture that can be used the question is lost; where the id is taken it is a problem.
        """
        shared = self._shared.get((name, target.kind, tags)) or self._share(name, target.kind, tags)
        if isinstance(shared, str):
            self._lost[name] += 1
        elif sample_id in self._samples:
            self.problem(sample_id, "a second question with this id is left out")
        else:
            pictures, marks = shared
            words = self._texts.setdefault(question, question)
            self._samples[sample_id] = Sample(sample_id, pictures, target, words, marks)

    def asked(self) -> set[str]:
        """The names of the pictures that questions are about."""
        return {sample.images[0].name for sample in self._samples.values()}

    def dataset(self) -> Dataset:
        """What was read, in the order of the annotation."""
        for name, count in self._lost.items():
            questions = "1 question is" if count == 1 else f"{count:,} questions are"
            self.problem(name, f"{self._pictures[name]}; {questions} left out")
        return Dataset(tuple(self._samples.values()), tuple(self.problems), ())

    def unasked(self, names: Iterable[str], most: int = 3) -> None:
        """One problem for all pictures without a question."""
        if left := sorted(names):
            shown = ", ".join(left[:most]) + (", ..." if len(left) > most else "")
            self.problem(left[0], f"pictures without a question: {len(left):,} ({shown})")

    def _found(self, name: str) -> tuple[Image, ...] | str:
        if self._locate is None:
            return (Image(name, ""),)
        found = self._locate(name)
        if found is None:
            return f"the picture {name} is missing"
        if is_empty(found.path):
            return f"the picture {found.name} is an empty file"
        return (Image(found.name, str(found.path), size=found.size),)

    def _share(
        self, name: str, kind: str, tags: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[Image, ...], Tags] | str:
        """The picture of a name and the tags of a question on it, or why there is no picture."""
        pictures = self._pictures.get(name)
        if pictures is None:
            pictures = self._pictures[name] = self._found(name)
        if isinstance(pictures, str):
            return pictures
        drawn = self._drawn.get(pictures[0].name, {})
        key = pictures[0].name if drawn else "", kind, tags
        marks = self._tags.get(key)
        if marks is None:
            typed = {"question type": kind} if kind else {}
            marks = self._tags[key] = {**self._common, **typed, **dict(tags), **drawn}
        self._shared[name, kind, tags] = pictures, marks
        return pictures, marks
