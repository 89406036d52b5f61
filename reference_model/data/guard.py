"""What may not be trained on: splits and pictures that a task reports on, by name, by content and by look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from ...harness.contract import Image
from ...harness.datasets.card import Card, card_names, read_card
from ...harness.datasets.files import walk
from ...harness.datasets.images import is_image
from ...harness.datasets.names import class_key
from ...harness.datasets.open import open_dataset
from ...harness.datasets.overlap import DISTANCE, Prints, fingerprints, matches
from ...harness.errors import DataError

# folders that say nothing of the data set their pictures belong to
_GENERIC = frozenset("data images image jpegimages img imgs test train val pictures".split())


def reported_split(card: Card) -> str | None:
    """The split of a benchmark that its task reports on; None for cards of a user's own data."""
    if not card.citation:
        return None
    return card.split or ("test" if "test" in card.counts else None)


@lru_cache(maxsize=1)
def cards() -> tuple[Card, ...]:
    """The cards of the catalogue that are of one published benchmark."""
    return tuple(card for card in map(read_card, card_names()) if reported_split(card))


def check_split(name: str, split: str | None, as_the_paper: bool = False) -> None:
    """Refuse a split of a data set (a name of Table I or of a task) that must stay unseen.

    Refused are what a task of the catalogue reports on, what the paper or others report on (Table I's
    `kept`), and every split that is called test; and the data set as a whole where it has such a split. With
    `as_the_paper`, what Table I keeps nothing of and the paper trains on as a whole is not refused, though a
    task of the catalogue reports on it: there, on pictures that were seen.

    Raises:
        DataError: it is refused; the message names the task and the split.
    """
    from .sources import table_one  # which refers to this module

    key, seen = class_key(name), False
    for row in table_one().rows:
        if key in (class_key(row.name), class_key(row.printed)):
            for kept, where in row.kept.items():
                _refuse(row.name, split, kept, where)
            seen = as_the_paper and not (row.kept or row.splits or row.card)
            key = class_key(row.card) or key
    for card in cards():
        if key in _names(card) and not seen:
            _refuse(card.title, split, str(reported_split(card)), f"task {card.name}")
    if split and split.lower().startswith("test"):
        _refuse(name, split, split, "published to report on")


def _refuse(name: str, split: str | None, kept: str, where: str) -> None:
    if split in (None, "", kept):
        whole = "" if split else "The whole data set has it in it. "
        raise DataError(
            f"The split {kept!r} of {name} is not for training: it is reported on ({where}).",
            f"{whole}Choose another one with --split.",
        )


@dataclass(frozen=True, slots=True)
class Guard:
    """Pictures kept for evaluation.

    `names`: file name in lower case to (folder it lies in or "", keys of its data set's names, reason).
    `whole`: key of the name of a data set that is reported on as a whole, to the reason. `prints` are the
    pictures of evaluation folders, compared by bytes, pixels and, up to `distance` bits, by look.
    """

    names: Mapping[str, tuple[tuple[str, frozenset[str], str], ...]] = field(default_factory=dict)
    whole: Mapping[str, str] = field(default_factory=dict)
    prints: Prints | None = None
    distance: int = DISTANCE

    def refusals(self, names: Sequence[str], images: Path | None = None, workers: int = 1) -> dict[str, str]:
        """Of pictures (paths below `images`) those that are kept for evaluation, and why."""
        found = {name: why for name in names if (why := self._named(name))}
        if self.prints is not None and images is not None:
            paths = [Image(n, str(images / n)) for n in names if n not in found and (images / n).is_file()]
            own = fingerprints(paths, workers)
            for match in matches(own, self.prints, self.distance):
                how = {"file": "the same file as", "pixels": "the same pixels as"}.get(
                    match.kind, f"{match.distance} of 64 bits from"
                )
                found.setdefault(own.names[match.a], f"{how} {self.prints.names[match.b]}")
        return found

    def _named(self, name: str) -> str | None:
        parts = PurePosixPath(name).parts
        keys = [class_key(part) for part in parts[:-1]]
        for key in keys:
            if key in self.whole:
                return self.whole[key]
        for folder, sets, why in self.names.get(parts[-1].lower(), ()):
            if (folder and keys[-1:] == [folder]) or sets.intersection(keys):
                return why
        return None


def guard(
    data: Mapping[str, Path] | None = None,
    against: Iterable[Path] = (),
    distance: int = DISTANCE,
    workers: int = 1,
    cache: Path | None = None,
) -> Guard:
    """The guard of the catalogue, which knows by name the data sets that are reported on as a whole.

    `data`: task to folder: the pictures of its reported split are known by folder and file name. `against`:
    folders of pictures for evaluation, compared by content and look.

    Raises:
        DataError, UsageError: a folder that does not hold the task's data, or no such task.
    """
    whole: dict[str, str] = {}
    names: dict[str, tuple[tuple[str, frozenset[str], str], ...]] = {}
    for card in cards():
        if set(card.counts) == {reported_split(card)}:
            whole |= dict.fromkeys(_names(card), f"task {card.name} reports on all of {card.title}")
    for task, folder in (data or {}).items():
        for file, rows in refused_images(read_card(task), folder, cache or folder).items():
            names[file] = (*names.get(file, ()), *rows)
    pictures = [
        Image(f"{folder.name}/{path.relative_to(folder).as_posix()}", str(path))
        for folder in against
        for path in pictures_below(folder)
    ]
    return Guard(names, whole, fingerprints(pictures, workers) if pictures else None, distance)


def refused_images(
    card: Card, folder: Path, cache: Path
) -> dict[str, tuple[tuple[str, frozenset[str], str], ...]]:
    """The pictures of the split a card reports on, as Guard.names has them."""
    split = reported_split(card)
    dataset, _ = open_dataset(card, folder, split, cache=cache)
    sets, why = _names(card), f"task {card.name} reports on the split {split!r}"
    found: dict[str, tuple[tuple[str, frozenset[str], str], ...]] = {}
    for sample in dataset.samples:
        path = PurePosixPath(sample.images[0].name)
        parent = class_key(path.parent.name)
        row = ("" if parent in _GENERIC else parent, sets, why)
        found[path.name.lower()] = (*found.get(path.name.lower(), ()), row)
    return found


def pictures_below(folder: Path) -> list[Path]:
    """Every picture below a folder, in order.

    Raises:
        DataError: no such folder, or none in it.
    """
    found = [here / f for here, _, files in walk(folder) for f in files if is_image(f)]
    if not found:
        raise DataError(f"{folder} holds no pictures.", "Give a folder of pictures, or the one above it.")
    return found


def _names(card: Card) -> frozenset[str]:
    """The keys of what the folder of a benchmark may be called."""
    called = (
        card.name,
        card.title.partition(",")[0],
        card.title.partition(" (")[0],
        card.expects.split("/", 1)[0],
    )
    return frozenset(class_key(name) for name in called if name.strip()) - {"dir"}
