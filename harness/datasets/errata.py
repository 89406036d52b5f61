"""Known errors of published data, as a versioned overlay beside the card; every change is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ..contract import Problem, Sample, Target
from ..errors import DataError
from .card import CATALOGUE, Dataset
from .names import class_key

FOLDER = CATALOGUE / "errata"
ERRATUM = "erratum: "  # what the note of a change begins with
_NEEDS = {
    "drop": ("id", "because"),
    "drop duplicates": ("because",),
    "label": ("old", "new"),
    "text": ("old", "new"),
    "truth": ("id", "old", "new"),
}


@dataclass(frozen=True, slots=True)
class Erratum:
    """One known error.

    `do`: "drop" the sample `id`; "drop duplicates": of samples with the same image, question and truth all
    but the first; "label": the class `old` is `new`, in every spelling that differs by case, spaces or
    hyphens alone; "text": the words `old` in questions and references are `new`; "truth": the answer of `id`
    is not `old` but `new`. With `id`, label and text hold for that sample alone. `source` says who found it.
    """

    do: str
    source: str = ""
    id: str = ""
    old: str = ""
    new: str = ""
    because: str = ""

    @property
    def said(self) -> str:
        """The erratum as a line for a person."""
        what = f"{self.old!r} is {self.new!r}" if self.new else self.because
        return f"{self.do} {self.id}".strip() + f": {what} ({self.source})"


@dataclass(frozen=True, slots=True)
class Errata:
    """The overlay of a card; another version may change figures."""

    version: int
    entries: tuple[Erratum, ...]


def read_errata(card: str, folder: Path = FOLDER) -> Errata | None:
    """The overlay of a card; None where nothing is known to be wrong.

    Raises:
        DataError: the file is no overlay.
    """
    import yaml

    path = folder / f"{card}.yaml"
    if not path.is_file():
        return None
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Errata(int(raw["version"]), tuple(_entry(row) for row in raw["entries"]))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"The errata {path.name} cannot be used: {error}.") from error


def corrected(dataset: Dataset, errata: Errata) -> Dataset:
    """The data set without the errors of an overlay, with a note of each change.

    A sample that the overlay names and that is not there changes nothing: a part of the data may be at hand.
    """
    samples: Sequence[Sample] = dataset.samples
    notes: list[Problem] = []
    for erratum in errata.entries:
        if erratum.do in ("drop", "drop duplicates"):
            samples = _without(samples, erratum, notes)
        else:
            samples = [_changed(sample, erratum, dataset.classes, notes) for sample in samples]
    classes = dict.fromkeys(_renamed(name, errata, dataset.classes) for name in dataset.classes)
    return replace(
        dataset,
        samples=tuple(samples),
        classes=tuple(classes),
        corrections=tuple(notes),
        errata=errata.version,
    )


def _entry(row: dict[str, object]) -> Erratum:
    known = {field.name for field in fields(Erratum)}
    if extra := set(row) - known:
        raise ValueError(f"an entry has an unknown key: {', '.join(sorted(extra))}")
    erratum = Erratum(**{key: str(value) for key, value in row.items()})
    if erratum.do not in _NEEDS:
        raise ValueError(f"an entry does {erratum.do!r}, not one of {', '.join(_NEEDS)}")
    if absent := [key for key in (*_NEEDS[erratum.do], "source") if not getattr(erratum, key)]:
        raise ValueError(f"an entry that does {erratum.do!r} has no {' and no '.join(absent)}")
    return erratum


def _without(samples: Sequence[Sample], erratum: Erratum, notes: list[Problem]) -> list[Sample]:
    """The samples that stay: all but the one named, or all but the later of equal ones."""
    kept: list[Sample] = []
    seen: set[object] = set()
    for sample in samples:
        names = tuple(image.name for image in sample.images)
        same = None if erratum.id else (names, sample.question, sample.target, sample.regions)
        if sample.id == erratum.id if erratum.id else same in seen:
            notes.append(Problem(sample.id, f"{ERRATUM}left out, {erratum.because}"))
            continue
        kept.append(sample)
        seen.add(same)
    return kept


def _changed(sample: Sample, erratum: Erratum, classes: Sequence[str], notes: list[Problem]) -> Sample:
    if erratum.id and erratum.id != sample.id:
        return sample
    if erratum.do == "text":
        return _reworded(sample, erratum, notes)
    found = sample.target
    if erratum.do == "label" and found.label and class_key(found.label) == class_key(erratum.old):
        found = replace(found, label=_spelled(erratum.new, classes))
    elif erratum.do == "truth":
        found = _answered(found, erratum)
    if found != sample.target:
        notes.append(Problem(sample.id, f"{ERRATUM}{erratum.do} {erratum.old!r} read as {erratum.new!r}"))
    return replace(sample, target=found)


def _answered(target: Target, erratum: Erratum) -> Target:
    texts = tuple(erratum.new if text == erratum.old else text for text in target.texts)
    return replace(target, texts=texts, label=erratum.new if target.label == erratum.old else target.label)


def _reworded(sample: Sample, erratum: Erratum, notes: list[Problem]) -> Sample:
    question = sample.question.replace(erratum.old, erratum.new)
    texts = tuple(text.replace(erratum.old, erratum.new) for text in sample.target.texts)
    if (question, texts) == (sample.question, sample.target.texts):
        return sample
    notes.append(Problem(sample.id, f"{ERRATUM}{erratum.old!r} read as {erratum.new!r}"))
    return replace(sample, question=question, target=replace(sample.target, texts=texts))


def _renamed(name: str, errata: Errata, classes: Sequence[str]) -> str:
    """The class that a misspelt one is; a wrong label of one sample leaves its class where it is."""
    for erratum in errata.entries:
        if erratum.do == "label" and not erratum.id and class_key(erratum.old) == class_key(name):
            return _spelled(erratum.new, classes)
    return name


def _spelled(name: str, classes: Sequence[str]) -> str:
    """A class as the data set spells it."""
    return next((known for known in classes if class_key(known) == class_key(name)), name)
