"""What `rsbench data mmrs` does, as lines for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...harness.errors import DataError, RsbenchError
from . import json_file
from .guard import Guard, guard
from .problems import Problems, Tally
from .record import Record
from .sources import Source, convert_source, place, source, table_one


def convert_lines(
    folder: Path,
    names: Sequence[str],
    splits: Sequence[str],
    wording: str,
    output: Path,
    against: Sequence[Path] = (),
) -> Iterator[str]:
    """Convert data sets that lie in a folder into one file, and say what became of them.

    Raises:
        DataError: a data set that is not there, lies otherwise, or a split that is reported on.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", "Give the folder of the data set with --from.")
    tally, rows = Tally(), dict[str, Source]()
    for name in names:
        row = source(name)
        if row.name in rows:
            tally.add("a source listed twice", name)
        rows[row.name] = row
    watch = guard(against=against)
    records, problems = dict[Record, None](), tally.problems()
    for row in rows.values():
        at = place(folder, row)
        if at is None and len(rows) > 1:
            raise DataError(
                f"{folder} holds no folder called {row.name}.", "Give the folder all of them lie in."
            )
        at = at or folder
        found = convert_source(row, folder, at, splits, wording)
        kept, refused = _without_refused(found.records, folder, watch)
        yield f"{row.name}: {len(kept):,} records, {sum(len(r.turns) for r in kept):,} turns"
        before = len(records)
        records |= dict.fromkeys(kept)
        again = before + len(kept) - len(records)
        repeated = Problems({"a record twice": again}) if again else Problems()
        problems = problems + found.problems + refused + repeated
    yield f"{json_file.write(records, output):,} records in {output}"
    yield f"longest answer: {max((len(t.answer) for r in records for t in r.turns), default=0):,} characters"
    yield f"pictures are named below {folder}"
    yield from _problem_lines(problems)


def check_lines(path: Path, images: Path | None, against: Sequence[Path] = ()) -> Iterator[str]:
    """Read a file, every picture where their folder is given, and say what is in it.

    Raises:
        DataError: it cannot be read at all.
    """
    records, problems = json_file.read(path, images, check=images is not None, guard=guard(against=against))
    turns = sum(len(record.turns) for record in records)
    pictures = len({record.image for record in records} - {None})
    yield f"{path.name}: {len(records):,} records on {pictures:,} pictures, {turns:,} turns"
    folders = Counter("/".join((r.image or "(text alone)").split("/")[:2]) for r in records)
    for folder, count in sorted(folders.items())[:40]:
        yield f"  {count:>9,}  {folder}"
    if images is None:
        yield "pictures were not looked at: give their folder with --images"
    yield from _problem_lines(problems)


def table_lines(folder: Path | None) -> Iterator[str]:
    """Table I, and what of it is found in a folder: turns, which for pictures with one turn are pictures."""
    from tabulate import tabulate

    table, rows, found = table_one(), [], dict[str, int | None]()
    faults = []
    for row in table.rows:
        count: int | None = None
        at = place(folder, row) if folder is not None else None
        if folder is not None and at is not None:
            try:
                count = convert_source(row, folder, at).turns
            except RsbenchError as error:
                faults.append(f"{row.name}: {error.message}")
        found[row.name] = count
        rows.append([row.task, row.printed, row.modality, row.size, row.unit, count, row.layout, row.sure])
    tasks = dict.fromkeys(row.task for row in table.rows)
    for task in tasks:
        rows.append(_sum(f"sum of {task}", [row for row in table.rows if row.task == task], found))
    rows.append(_sum(f"sum of {len(table.rows)} rows", table.rows, found))
    header = ["task", "data", "type", "paper", "unit", "found", "layout", "known from"]
    body = [[_cell(value) for value in row] for row in rows]
    yield tabulate(body, header, disable_numparse=True, colalign=("left",) * 3 + ("right", "left", "right"))
    yield "found: turns, of the splits that may be trained on"
    yield from (f"not counted: {fault}" for fault in faults)
    yield from (f"{row.printed}: {row.note}" for row in table.rows if row.note)
    yield from (f"note: {note}" for note in table.notes)


def _sum(title: str, rows: Sequence[Source], found: dict[str, int | None]) -> list[object]:
    there = [count for row in rows if (count := found[row.name]) is not None]
    return [title, "", "", sum(row.size for row in rows), "", sum(there) if there else None, "", ""]


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _without_refused(records: Sequence[Record], folder: Path, watch: Guard) -> tuple[list[Record], Problems]:
    """Records without those on pictures kept for evaluation."""
    refused = watch.refusals(list(dict.fromkeys(r.image for r in records if r.image)), folder)
    tally = Tally()
    for record in records:
        if record.image in refused:
            tally.add("a picture kept for evaluation", f"{record.image}: {refused[record.image]}")
    return [record for record in records if record.image not in refused], tally.problems()


def _problem_lines(problems: Problems) -> Iterator[str]:
    yield f"{sum(problems.counts.values()):,} problems" if problems else "no problems"
    yield from (f"  {line}" for line in problems.lines())
