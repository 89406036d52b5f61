"""The published forms of captions: json of images and sentences, NWPU-Captions' json, and lines of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import DataError

_RAW = re.compile(r"raw(?:_(\d+))?")  # NWPU-Captions: raw, raw_1 ... raw_4


@dataclass(frozen=True, slots=True)
class Captioned:
    """An image with what is said of it. `fault` says why the entry `where` stands for none."""

    where: str
    name: str = ""
    split: str = ""
    texts: tuple[str, ...] = ()
    folder: str = ""  # the image's, where the annotation knows it: its class
    fault: str = ""


def is_karpathy(content: Any) -> bool:
    """Whether json is {"images": [{"filename", "split", "sentences": [{"raw"}]}]}: RSICD and its kin.

    >>> is_karpathy({"images": [{"filename": "1.tif", "sentences": []}]}), is_karpathy({"images": [{}]})
    (True, False)
    """
    images = content.get("images") if isinstance(content, dict) else None
    return isinstance(images, list) and any(isinstance(i, dict) and "sentences" in i for i in images)


def is_nwpu(content: Any) -> bool:
    """Whether json is {class: [{"filename", "split", "raw", "raw_1" ... "raw_4"}]}: NWPU-Captions.

    >>> is_nwpu({"beach": [{"filename": "beach_001.jpg", "raw": "a beach ."}]}), is_nwpu({"beach": []})
    (True, False)
    """
    rows = [v for v in content.values() if isinstance(v, list)] if isinstance(content, dict) else []
    return any(isinstance(i, dict) and "raw" in i and "filename" in i for row in rows for i in row[:1])


def load_json(path: Path) -> Any:
    """The content of a json file.

    Raises:
        DataError: it is none.
    """
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig", errors="replace"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path.name} cannot be read: {error}") from error


def karpathy(content: Mapping[str, Any]) -> Iterator[Captioned]:
    """The images of such a json, in its order."""
    for number, row in enumerate(content["images"], 1):
        where = f"image {number}"
        sentences = row.get("sentences") if isinstance(row, dict) else None
        if not isinstance(sentences, list) or not _text(row.get("filename")):
            yield Captioned(where, fault="no file name or no list of sentences")
            continue
        texts = tuple(_text(s.get("raw") if isinstance(s, dict) else s) for s in sentences)
        yield Captioned(where, _text(row["filename"]), _text(row.get("split")), texts)


def nwpu(content: Mapping[str, Any]) -> Iterator[Captioned]:
    """The images of such a json, class by class."""
    for label, rows in content.items():
        for number, row in enumerate(rows if isinstance(rows, list) else [None], 1):
            where = f"{label}, image {number}"
            if not isinstance(row, dict) or not _text(row.get("filename")):
                yield Captioned(where, fault="no file name")
                continue
            numbered = [(int(m[1] or 0), key) for key in row if (m := _RAW.fullmatch(key))]
            texts = tuple(_text(row[key]) for _, key in sorted(numbered))
            yield Captioned(where, _text(row["filename"]), _text(row.get("split")), texts, label)


def lines(names: Path, captions: Path, split: str) -> Iterator[Captioned]:
    """The images of two files of lines: a caption is of the image named on the same line of the other.

    The lines of an image need not follow one another. A caption is the line as it is: quotation marks mean
    nothing, and only a line feed, with or without a carriage return, ends a line.

    Raises:
        DataError: one file has more lines than the other, so nobody knows what is said of which image.
    """
    named, said = _lines_of(names), _lines_of(captions)
    if len(named) != len(said):
        raise DataError(
            f"{captions.name} has {len(said):,} lines, and {names.name} has {len(named):,}.",
            "One caption a line is expected, and on the same line of the other file the image's name.",
        )
    grouped: dict[str, list[str]] = {}
    for number, (name, text) in enumerate(zip(named, said, strict=True), 1):
        if name:
            grouped.setdefault(name, []).append(text)
        else:
            yield Captioned(f"line {number} of {names.name}", fault="no file name")
    for name, texts in grouped.items():
        yield Captioned(name, name, split, tuple(texts))


def splits_of(rows: Iterable[Captioned]) -> Sequence[str]:
    """The splits that entries are of, in the order they are met."""
    return list(dict.fromkeys(row.split for row in rows if row.split))


def _lines_of(path: Path) -> list[str]:
    # not splitlines: captions hold characters that it takes for the end of a line
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    return [line.strip() for line in text.rstrip("\r\n").split("\n")] if text.strip() else []


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else "" if value is None else str(value)
