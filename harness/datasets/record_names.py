"""What a card says of a published file of records: its name, its form, the names of its parts, its pictures.

Card option `records`, all of it optional:

- `files`: what the file of each split is called, a path below the data folder or a name anywhere in it;
- `keyed`: the file is one object, from the id of a record to the record, and not a list;
- `fields`: our name of a part (harness/records.py) -> its name in the file;
- `kinds`: a kind of question as the file has it -> as it is counted;
- `cut`: a pattern of what is no part of the question, such as the wish for a short answer;
- `tags`: a tag -> the name of the part that it is, or [name, pattern with one group] for a piece of that;
- `images`: the folder of the pictures, "" for anywhere in the data folder. Where it is given, a record
  without its picture is a problem, if there are pictures at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import DataError
from ..records import Rows, part, read_rows
from .card import Card
from .files import ImageIndex, walk
from .layouts import other_layout

_DEPTH = 3


def own(card: Card) -> Mapping[str, Any]:
    """The card's option `records`."""
    found: Mapping[str, Any] = card.options.get("records", {})
    return found


def published_file(root: Path, card: Card, split: str) -> Path | None:
    """The file of a split where the card says what it is called; None where it does not.

    It may lie beside `root`, where that is a folder of pictures with the name of the data.

    Raises:
        DataError: it is not there, or the card has none for the split.
    """
    files = own(card).get("files")
    if files is None:
        return None
    if split not in files:
        raise DataError(f"{card.title} has no file for the split {split!r}.", f"It has: {', '.join(files)}.")
    name = Path(files[split])
    for base in (root, root.parent):
        if (base / name).is_file():
            return base / name
    for here, _, found in walk(root, _DEPTH):
        if name.name in found:
            return here / name.name
    raise other_layout(root, card, f"there is no {files[split]}")


def rows_of(path: Path, card: Card) -> Rows:
    """The records of a file under our names.

    Raises:
        DataError: it is not of the form the card says.
    """
    found = _keyed(path) if own(card).get("keyed") else read_rows(path.read_bytes(), path.name)
    return Rows(tuple((where, _renamed(row, own(card))) for where, row in found.rows), found.faults)


def tags_of(row: Mapping[str, Any], card: Card) -> dict[str, str]:
    """The tags of a record that the card asks for; one that the record does not have is left out."""
    tags = {}
    for tag, wanted in own(card).get("tags", {}).items():
        name, pattern = (wanted, None) if isinstance(wanted, str) else wanted
        value = row.get(name)
        if value is None or isinstance(value, (list, dict)):
            continue
        piece = re.search(pattern, str(value)) if pattern else None
        if pattern is None or piece:
            tags[tag] = piece[1] if piece else str(value)
    return tags


def pictures(home: Path, card: Card) -> ImageIndex | None:
    """The pictures of a published file, where the card says that it has some."""
    folder = own(card).get("images")
    if folder is None:
        return None
    index = ImageIndex(home, folder if (home / folder).is_dir() else "")
    return index if len(index) else None


def _keyed(path: Path) -> Rows:
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path.name} is not JSON: {error}.", "An object of records is expected.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path.name} is no object of records by their ids.")
    good = ((f"record {key}", {"id": key, **row}) for key, row in content.items() if isinstance(row, dict))
    bad = ((f"record {key}", "not an object") for key, row in content.items() if not isinstance(row, dict))
    return Rows(tuple(good), tuple(bad))


def _renamed(row: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    if not said:
        return row
    named = dict(row) | {role: row[name] for role, name in said.get("fields", {}).items() if name in row}
    if (cut := said.get("cut")) and isinstance(question := part(named, "question"), str):
        named["question"] = re.sub(cut, "", question).strip()
    if kinds := said.get("kinds"):
        kind = str(part(named, "kind") or "")
        named["kind"] = kinds.get(kind, kind)
    return named
