"""Reader and writer of MMRS-1M's form: a JSON list of pictures with the conversation about each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ...harness.contract import Image
from ...harness.datasets.images import open_rgb
from ...harness.errors import DataError, disk_errors
from .conversation import from_item, to_item
from .json_list import items
from .problems import Problems, Tally
from .record import Record, Turn

if TYPE_CHECKING:
    from .guard import Guard


def read(
    path: Path,
    images: Path | None = None,
    *,
    check: bool = False,
    guard: Guard | None = None,
    workers: int = 1,
) -> tuple[list[Record], Problems]:
    """Every usable record of a file, in its order, and what was wrong with the others.

    `images` is the folder that holds what the file has below `data/`; None: pictures are not looked for.
    `check` decodes each of them. `guard` knows the pictures that are kept for evaluation: their records are
    left out. Held at a time: the records, in which equal texts are shared, and one item of the file.

    Raises:
        DataError: no such file, not JSON, or not a list; the message has the line. No such folder.
    """
    if images is not None and not images.is_dir():
        raise DataError(f"There is no folder {images}.", "Give the one that `data/...` stands for.")
    tally = Tally()
    records = list(_distinct(path, tally))
    names = dict.fromkeys(record.image for record in records if record.image is not None)
    refused = guard.refusals(list(names), images) if guard else {}
    faults = {name: ("a picture kept for evaluation", why) for name, why in refused.items()}
    if images is not None:
        kept = [name for name in names if name not in faults]
        faults |= _unreadable(kept, images, check, workers)
    for record in records:
        if record.image in faults:
            kind, why = faults[record.image]
            tally.add(kind, f"{record.image}: {why}" if why else str(record.image))
    return [record for record in records if record.image not in faults], tally.problems()


def write(records: Iterable[Record], path: Path) -> int:
    """Write records, a line each, and return how many: what read() gives back, if nothing is wrong with them.

    The file appears only when it is whole.

    Raises:
        DataError: the disk does not take it.
    """
    part = path.with_name(path.name + ".part")
    count = 0
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="ascii") as file:
            for record in records:
                file.write((",\n" if count else "[\n") + json.dumps(to_item(record)))
                count += 1
            file.write("\n]\n" if count else "[]\n")
        part.replace(path)
    return count


def _distinct(path: Path, tally: Tally) -> Iterator[Record]:
    """The records of a file; one that was there before is left out."""
    texts: dict[str, str] = {}
    seen: set[Record] = set()
    for number, (line, item) in enumerate(items(path), 1):
        record = from_item(item, f"record {number}, line {line}", tally)
        if record is None:
            continue
        if record in seen:
            tally.add("a record twice", f"record {number}, line {line}, {record.image}")
            continue
        turns = (
            Turn(texts.setdefault(t.question, t.question), texts.setdefault(t.answer, t.answer))
            for t in record.turns
        )
        record = Record(record.image, tuple(turns))
        seen.add(record)
        yield record


def _unreadable(names: list[str], images: Path, check: bool, workers: int) -> dict[str, tuple[str, str]]:
    """Pictures that are not there or, on request, cannot be decoded, and why."""
    faults = {name: ("missing picture", "") for name in names if not (images / name).is_file()}
    if check:
        there = [name for name in names if name not in faults]
        with ThreadPoolExecutor(workers) as pool:
            whys = pool.map(lambda name: _broken(name, images / name), there)
            faults |= {n: ("broken picture", why) for n, why in zip(there, whys, strict=True) if why}
    return faults


def _broken(name: str, path: Path) -> str | None:
    try:
        open_rgb(Image(name, str(path)))
    except DataError as error:
        return error.message
    return None
