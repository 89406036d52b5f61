"""Readers of captions as they are published: two forms of json, and line-aligned text files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...harness.contract import Sample, Target
from ...harness.datasets.card import Card, Dataset
from ...harness.errors import DataError
from .gather import Gatherer, load_json, the_file

_NUMBERED = ("raw", "raw_1", "raw_2", "raw_3", "raw_4")  # NWPU-Captions


def read_json(root: Path, card: Card, split: str | None = None) -> Dataset:
    """RSICD, RSITMD, UCM- and Sydney-Captions: {"images": [{filename, split, sentences: [{raw}]}]}.

    Option `file` names the json.

    Raises:
        DataError: no such file, or another form.
    """
    path = the_file(root, str(card.options["file"]), "json of captions")
    content = load_json(path)
    rows = content.get("images") if isinstance(content, dict) else None
    if not isinstance(rows, list):
        raise DataError(f"{path.name} is no json of captions: it has no list of images.")
    found = ((str(row.get("filename", "")), row) for row in rows if isinstance(row, dict))
    said = ((name, row, [s.get("raw") for s in _dicts(row.get("sentences"))]) for name, row in found)
    return _gather(root, card, split, said)


def read_by_class(root: Path, card: Card, split: str | None = None) -> Dataset:
    """NWPU-Captions: {class: [{filename, split, raw, raw_1 ... raw_4}]}, pictures in class folders.

    Raises:
        DataError: no such file, or another form.
    """
    path = the_file(root, str(card.options["file"]), "json of captions")
    content = load_json(path)
    if not isinstance(content, dict) or not all(isinstance(rows, list) for rows in content.values()):
        raise DataError(f"{path.name} is no json of captions by class.")
    found = (
        (f"{label}/{row.get('filename', '')}", row) for label in content for row in _dicts(content[label])
    )
    return _gather(root, card, split, ((n, row, [row.get(key) for key in _NUMBERED]) for n, row in found))


def read_lines(root: Path, card: Card, split: str | None = None) -> Dataset:
    """<split>_caps.txt and <split>_filename.txt, line by line a caption and its picture ("precomp").

    Raises:
        DataError: one of the files is missing, or their lines do not match.
    """
    caps = the_file(root, f"{split or '*'}_caps.txt", "captions")
    names = caps.with_name(caps.name.replace("_caps", "_filename"))
    if not names.is_file():
        raise DataError(f"{caps.name} has no {names.name} beside it.")
    said, pictures = (p.read_text(encoding="utf-8-sig").splitlines() for p in (caps, names))
    if len(said) != len(pictures):
        raise DataError(f"{caps.name} has {len(said):,} lines, {names.name} has {len(pictures):,}.")
    texts: dict[str, list[str]] = {}
    for name, text in zip(pictures, said, strict=True):
        texts.setdefault(name.strip(), []).append(text)
    return _gather(root, card, None, ((name, {}, list(own)) for name, own in texts.items()))


def _gather(
    root: Path, card: Card, split: str | None, said: Iterator[tuple[str, Mapping[str, Any], list[Any]]]
) -> Dataset:
    gatherer = Gatherer(card, root)
    for name, row, texts in said:
        if split and row.get("split") != split:
            if not row.get("split"):
                gatherer.problem(name, "it does not say of which split it is, and is left out")
            continue
        good = tuple(text for text in texts if isinstance(text, str))
        if not name or len(good) < len(texts):
            gatherer.problem(name or "an image without a name", "a caption that is no text")
        image = gatherer.image(name, name) if name else None
        if image is not None:
            gatherer.samples.append(Sample(name, (image,), Target(texts=good)))
    return gatherer.dataset()


def _dicts(rows: Any) -> list[dict[str, Any]]:
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
