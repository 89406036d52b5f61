"""Table I of the paper as data: each data set, how it is read, and what of it may be trained on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from ...harness.contract import Problem, Sample
from ...harness.datasets.card import Card, Dataset, read_card
from ...harness.datasets.layouts import looks_like_coco
from ...harness.datasets.names import class_key
from ...harness.errors import DataError, unknown
from ...harness.registry import BUILT_IN, load
from .convert import Conversion, convert
from .guard import check_split
from .problems import Problems, Tally
from .record import Record

TABLE = Path(__file__).with_name("table1.yaml")
_READERS = {  # published layouts the harness has none for
    "captions-json": "published_captions:read_json",
    "captions-by-class": "published_captions:read_by_class",
    "captions-lines": "published_captions:read_lines",
    "rsvqa": "published_questions:read_rsvqa",
    "rsivqa": "published_questions:read_rsivqa",
    "crsvqa": "published_questions:read_crsvqa",
    "floodnet": "published_questions:read_floodnet",
    "text-boxes": "published_boxes:read",
    "dior-rsvg": "published_grounding:read",
    "fair1m": "published_fair1m:read",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One row of Table I. Keys are the YAML keys, which the file explains.

    `card` is the benchmark of the catalogue the data set belongs to; `folder` the part of it that is read;
    `classes`, `names` and `options` are those of a card. Option `list` names a list of a split's pictures,
    `kept_names` is how the names of the test pictures end.
    """

    name: str
    printed: str
    task: str
    modality: str
    size: int
    unit: str
    layout: str
    options: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    folder: str = ""
    classes: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    splits: tuple[str, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    sure: str = ""
    note: str = ""


class TableOne(NamedTuple):
    """The rows in the paper's order, and what does not add up in them."""

    rows: tuple[Source, ...]
    notes: tuple[str, ...]


@lru_cache(maxsize=1)
def table_one() -> TableOne:
    """Table I as it is printed, with what is known beyond it."""
    import yaml

    raw = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    rows = []
    for row in raw["rows"]:
        row |= {key: tuple(row.get(key, ())) for key in ("classes", "splits")}
        row["names"] = {name: tuple(spellings) for name, spellings in row.get("names", {}).items()}
        rows.append(Source(**row))
    return TableOne(tuple(rows), tuple(" ".join(note.split()) for note in raw["notes"]))


def source(name: str) -> Source:
    """The row of a data set, by its name in any spelling, or as the paper prints it.

    Raises:
        UsageError: no such data set, with the nearest names.
    """
    rows = table_one().rows
    for row in rows:
        if class_key(name) in (class_key(row.name), class_key(row.printed)):
            return row
    raise unknown("data set of Table I", name, [row.name for row in rows])


def place(folder: Path, row: Source) -> Path | None:
    """Where a data set lies: `folder` itself where it is called so, or the folder of that name in it."""
    names = {
        class_key(name) for name in (row.name, row.printed, row.card, row.name.split("-regions")[0]) if name
    }
    if class_key(folder.resolve().name) in names:
        return folder
    below = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    return next((p for p in below if class_key(p.name) in names), None)


def read_source(row: Source, folder: Path, split: str | None) -> Dataset:
    """The samples of a split of a data set, by the reader of its layout.

    Raises:
        DataError: another layout, or nothing says which pictures are of the split while some are reported on.
    """
    root = folder / row.folder
    card = _card(row)
    card = replace(card, split=split or "")
    dataset = _reader(row.layout)(root, card, split)
    if split and row.kept:
        dataset = _of_split(row, root, split, dataset)
    return dataset


def convert_source(
    row: Source, base: Path, folder: Path, splits: Sequence[str] = (), wording: str = "released"
) -> Conversion:
    """The records of a data set that lies in `folder`, pictures named below `base`.

    `splits`: those the paper trains on, where none is given; of these, one that is not there is a problem.

    Raises:
        DataError: a split that is reported on, data in another layout, or not one record in it.
    """
    records: dict[Record, None] = {}
    tally, missing = Tally(), dict[str, DataError]()
    problems = Problems()
    for split in splits or row.splits or (None,):
        check_split(row.name, split, as_the_paper=True)
        try:
            dataset = read_source(row, folder, split)
        except DataError as error:
            if splits or not split:
                raise
            missing[split] = error
            continue
        found = convert(dataset, row.task, base, wording)
        records |= dict.fromkeys(found.records)
        problems += found.problems
    if not records:
        first = next(iter(missing.values()), None)
        hint = "\n".join(problems.lines()[:5]) or None
        raise first or DataError(f"{folder.name} gives no record of {row.name}.", hint)
    for split, fault in missing.items():
        tally.add("a split that is not there", f"{split}: {fault.message}")
    return Conversion(tuple(records), problems + tally.problems())


def _card(row: Source) -> Card:
    """The card of the catalogue, or one made of the row."""
    if row.card:
        return read_card(row.card)
    options = {"open_classes": not row.classes, **row.options}
    return Card(
        row.name, row.task, 1, row.name, row.layout, options=options, classes=row.classes, names=row.names
    )


def _reader(layout: str) -> Callable[[Path, Card, str | None], Dataset]:
    if layout in BUILT_IN["layouts"]:
        found = load("layouts", layout)
    else:
        module, _, attribute = _READERS[layout].partition(":")
        found = getattr(import_module(f".{module}", __package__), attribute)
    reader: Callable[[Path, Card, str | None], Dataset] = found
    return reader


def _of_split(row: Source, root: Path, split: str, dataset: Dataset) -> Dataset:
    """The data set without what is not of the split, where the reader alone cannot tell."""
    if ends := row.options.get("kept_names"):
        pattern = re.compile(str(ends))
        return _without(
            dataset, lambda s: bool(pattern.search(_stem(s))), "its name says it is a test picture"
        )
    if listing := row.options.get("list"):
        path = root / str(listing).format(split=split)
        if not path.is_file():
            raise _untold(row, split, f"Give its pictures in {path.name}, a name a line.")
        listed = {
            Path(line.strip()).stem.lower() for line in path.read_text(encoding="utf-8-sig").splitlines()
        }
        return _without(
            dataset, lambda s: _stem(s).lower() not in listed, "it is not in the list of the split"
        )
    if row.layout == "voc" and any("no list of the split" in p.reason for p in dataset.problems):
        raise _untold(row, split, f"It is expected as {row.options['splits']}/{split}.txt.")
    if row.layout == "coco" and not any(
        split in path.stem.lower() and looks_like_coco(path) for path in root.rglob("*.json")
    ):
        raise _untold(row, split, f"A json file with {split!r} in its name is expected.")
    return dataset


def _without(dataset: Dataset, dropped: Callable[[Sample], bool], why: str) -> Dataset:
    kept = tuple(sample for sample in dataset.samples if not dropped(sample))
    problems = (Problem(sample.id, why) for sample in dataset.samples if dropped(sample))
    return replace(dataset, samples=kept, problems=(*dataset.problems, *problems))


def _stem(sample: Sample) -> str:
    return Path(sample.images[0].name).stem


def _untold(row: Source, split: str, hint: str) -> DataError:
    reported = ", ".join(f"{name} ({where})" for name, where in row.kept.items())
    return DataError(
        f"Nothing says which pictures of {row.name} are of the split {split!r}, and some are kept"
        f" for evaluation: {reported}.",
        hint,
    )
