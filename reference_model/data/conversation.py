"""One item of an MMRS-1M file to a Record, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ...harness.geometry import hull
from .boxes import boxes_in
from .problems import Tally
from .record import Record, Turn

PREFIX = "data"  # the folder all pictures of the released files are in
_MARK = "<image>"
_SPEAKERS = ("human", "gpt")


def to_item(record: Record) -> dict[str, Any]:
    """A record as an item of the file."""
    said = [
        {"from": speaker, "value": value}
        for turn in record.turns
        for speaker, value in zip(_SPEAKERS, (turn.question, turn.answer), strict=True)
    ]
    picture = {} if record.image is None else {"image": f"{PREFIX}/{record.image}"}
    return {**picture, "conversations": said}


def from_item(item: Any, where: str, tally: Tally) -> Record | None:
    """The record of an item; None, and a problem counted, where nothing of it can be used.

    Left out are a conversation that does not alternate, and turns with an empty part, with a box outside
    [0, 1], or said before. Counted and kept are boxes without area: two decimals make them of thin objects.
    """
    said = item.get("conversations") if isinstance(item, dict) else None
    if not isinstance(said, list) or not all(_is_said(part) for part in said):
        tally.add("not a conversation", where)
        return None
    image: str | None = None
    if (name := item.get("image")) is not None:
        image = below(str(name))
        where = f"{where}, {name}"
        if image is None:
            tally.add("a picture outside the folder", where)
            return None
    if len(said) % 2:
        tally.add("odd number of turns", where)
        return None
    if any(part["from"] != _SPEAKERS[i % 2] for i, part in enumerate(said)):
        tally.add("wrong order of speakers", where)
        return None
    texts = [_unmarked(part["value"]) for part in said]
    turns = dict.fromkeys(
        turn
        for pair in zip(texts[0::2], texts[1::2], strict=True)
        if _is_sound(turn := Turn(*pair), where, tally)
    )
    if len(turns) < len(said) // 2 and (repeated := _repeated(texts)):
        tally.count("a turn twice", (where,), repeated)
    if not turns:
        tally.add("no turn can be used", where)
        return None
    return Record(image, tuple(turns))


def below(name: str) -> str | None:
    """A picture's path below the folder `data`, or None for one that leads elsewhere.

    >>> below("data/RSVG/1.jpg"), below("RSVG\\\\1.jpg"), below("/etc/passwd"), below("data/../1.jpg")
    ('RSVG/1.jpg', 'RSVG/1.jpg', None, None)
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    parts = parts[1:] if parts[:1] == (PREFIX,) else parts
    if not parts or ".." in parts or parts[0] == "/" or ":" in parts[0] or "\0" in name:
        return None
    return "/".join(parts)


def _is_said(part: Any) -> bool:
    return isinstance(part, Mapping) and all(isinstance(part.get(key), str) for key in ("from", "value"))


def _unmarked(text: str) -> str:
    """The text without the mark of where the picture stands."""
    return text.replace(_MARK, "").strip() if _MARK in text else text


def _is_sound(turn: Turn, where: str, tally: Tally) -> bool:
    for part, text in (("question", turn.question), ("answer", turn.answer)):
        if not text.strip():
            tally.add(f"empty {part}", where)
            return False
    boxes = [box for text in (turn.question, turn.answer) for box in boxes_in(text) if len(box) in (4, 8)]
    for box in boxes:
        if not all(0 <= v <= 1 for v in box):
            tally.add("a box outside [0, 1]", f"{where}: {list(box)}")
            return False
    for box in boxes:
        x1, y1, x2, y2 = hull(box) if len(box) == 8 else box
        if x2 <= x1 or y2 <= y1:
            turned = x2 < x1 or y2 < y1
            kind = "a box whose far corner comes first, kept" if turned else "a box without area, kept"
            tally.add(kind, f"{where}: {list(box)}")
    return True


def _repeated(texts: list[str]) -> int:
    pairs = list(zip(texts[0::2], texts[1::2], strict=True))
    return len(pairs) - len(set(pairs))
