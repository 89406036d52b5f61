"""From what the user gives as data to samples: a folder, the miniature, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import DataError, unknown
from ..registry import load
from .card import Card, Dataset
from .errata import corrected, read_errata
from .files import walk
from .forms import of_form
from .records import SUFFIXES
from .sidecar import FILE
from .stretched import stretched

MINI = "mini"
HUGGING_FACE, COPY = "hf:", "Hugging Face copy"
ANSWERS = "truths from a file of answers"
UNCOUNTED = "a copy whose official count is not known"
_FILES = ("coco", "records", "refgeo", "referring")  # layouts whose annotations may be given as a file


def open_dataset(
    card: Card, data: str | Path | None, split: str | None = None, *, cache: Path, errata: bool = True
) -> tuple[Dataset, str]:
    """The samples of a card and their kind: "official", "folder", "mini", COPY, ANSWERS or UNCOUNTED.

    Official is a published data set with as many items as are published for the split; where that is not
    known, nobody can say whether a copy is whole. Anything else that is no miniature is a folder: the user's
    own data, or a part of a benchmark. The card's overlay of known errors is applied last, but not to a
    miniature and not where `errata` is false.

    `data` is a folder, in which a published data set may lie as a folder of its own name or of the task's;
    "mini": the miniature is drawn into `cache` unless it is there, and read like any data; or "hf:" and
    a folder or repository of Hugging Face `datasets`, whose pictures are kept in `cache`.

    Raises:
        UsageError: a split that is not published.
        DataError: nothing given, not found, in another layout, or without one usable image.
    """
    splits = dict.fromkeys((*card.counts, *card.options.get("parts", ())))  # of a part no count may be known
    if split and card.counts and split not in splits:
        raise unknown(f"split of {card.title}", split, splits)
    if not data:
        raise DataError(f"{card.name} needs data.", missing(card))
    dataset, kind = _opened(card, data, split, cache)
    overlay = None if kind == MINI else read_errata(card.name)
    if overlay is not None:
        dataset = corrected(dataset, overlay) if errata else replace(dataset, errata=0)
    return stretched(dataset, card), kind


def _opened(card: Card, data: str | Path, split: str | None, cache: Path) -> tuple[Dataset, str]:
    if (text := str(data)).startswith(HUGGING_FACE):
        from .hugging_face import read

        found = read(text.removeprefix(HUGGING_FACE), card, split, cache / "hugging_face")
        return found, COPY if published(card) else "folder"
    given = Path(data)
    card = _form_of_file(card, given)
    if answers := _is_records(card, given):
        card = replace(card, layout="records")
    if data == MINI:
        from .mini.write import write_mini

        split = split or card.split or "test"
        root = write_mini(card, cache / f"{card.name}-{split}", split=split)
    else:
        root = _folder(card, given)
    dataset: Dataset = load("layouts", card.layout)(root, card, split)
    if not dataset.samples:
        first = "; ".join(f"{p.item}: {p.reason}" for p in dataset.problems[:3])
        raise DataError(f"{root.name} holds no usable image of {card.title}.", first or None)
    if is_mini(root):
        return dataset, MINI
    if answers and published(card):
        return dataset, ANSWERS
    if not published(card):
        return dataset, "folder"
    expected = card.counts.get(split or card.split)
    if expected is None:
        return dataset, UNCOUNTED
    return dataset, "official" if expected == len(dataset.samples) else "folder"


def is_mini(root: Path) -> bool:
    """Whether a folder, or one directly in it, is a miniature."""
    return root.is_dir() and any(FILE in files for _, _, files in walk(root, depth=1))


def missing(card: Card) -> str:
    """Where the data of a card is to be had, how it must lie, and what to do without it."""
    lines = []
    if card.citation:
        lines.append(f"{card.title} is published here: {card.published} (licence: {card.licence}).")
    lines.append(f"Give its folder with --data DIR; it is expected as:\n{_indented(card.expects)}")
    if card.mini:
        lines.append("Without any data: --data mini draws a miniature in the same layout.")
    return "\n".join(lines)


def describe(card: Card) -> str:
    """All that is known of a card's data, as text for a person."""
    counts = ", ".join(f"{split} {card.items(count)}" for split, count in card.counts.items())
    repository = card.hugging_face.get("repository")
    of_data = "those of the data" if card.family in ("classification", "detection") else ""
    rows = {
        "task": f"{card.family}, version {card.version} of the card",
        "citation": card.citation,
        "published": card.published,
        "licence": card.licence,
        "splits": counts,
        "by default": f"the split {card.split}" if card.split else "",
        "classes": f"{len(card.classes)}: {', '.join(card.classes)}" if card.classes else of_data,
        "synonyms": "; ".join(f"{name}: {', '.join(words)}" for name, words in card.names.items()),
        "sensor": card.sensor,
        "resolution": card.ground_sampling_distance,
        "headline": str(card.protocol.get("headline", "")),
        "scored by": " ".join(str(card.protocol.get("why", "")).split()),
        "paper": _filled(card),
        "miniature": _miniature(card),
        "as datasets": f"--data hf:{repository}" if repository else "",
        "errata": _errata(card),
    }
    width = max(map(len, rows))
    body = [f"{name:<{width}}  {text}" for name, text in rows.items() if text]
    title = f"{card.name}: {card.title}" if card.title != card.name else card.name
    known = [f"  {what}: {how}" for what, how in card.certainty.items()]
    if known:
        known.insert(0, "how sure this is (memory: written down without looking at the source again):")
    return "\n".join([title, *body, "expected as:", _indented(card.expects), *known])


def published(card: Card) -> bool:
    """Whether a card is that of one published data set, not of any data in a layout."""
    return bool(card.citation) and not card.options.get("open_classes")


def _miniature(card: Card) -> str:
    note = " ".join(str(card.mini.get("note", "")).split())
    return "--data mini" * bool(card.mini) + f": {note}" * bool(note)


def _filled(card: Card) -> str:
    table = str(card.table.get("id", "")).replace("_", " ")
    return f"{table} of the EarthGPT paper" if table else ""


def _errata(card: Card) -> str:
    overlay = read_errata(card.name)
    if overlay is None:
        return ""
    return f"version {overlay.version}: " + "; ".join(erratum.said for erratum in overlay.entries)


def _form_of_file(card: Card, given: Path) -> Card:
    """The card in the form of which a file is, by the file's name; as it is for anything else."""
    if card.layout != "forms" or not given.is_file():
        return card
    forms = card.options["forms"]
    return next((of_form(card, f) for f in forms if given.match(str(f["sign"]).rpartition("/")[2])), card)


def _is_records(card: Card, given: Path) -> bool:
    """Whether a file of records is given for a card whose data lies otherwise: answers with their truths."""
    return given.is_file() and given.suffix.lower() in SUFFIXES and card.layout not in _FILES


def _folder(card: Card, given: Path) -> Path:
    """The folder of a card's data: the one given, or one in it with the name of the data set or the task."""
    if not given.exists():
        raise DataError(f"There is no folder {given}.", missing(card))
    if given.is_file():
        if card.layout not in _FILES:
            raise DataError(f"{given.name} is a file, and a folder is expected.", missing(card))
        return given
    if published(card) and not (given / FILE).is_file():
        names = {card.name.lower(), card.title.lower(), card.expects.split("/", 1)[0].strip().lower()}
        for folder in sorted(p for p in given.iterdir() if p.is_dir()):
            if folder.name.lower() in names:
                return folder
    return given


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines())
