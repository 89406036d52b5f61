"""Drawn scenes with captions in the published forms: json of images, NWPU-Captions' json, lines of text."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...contract import Tags
from ..card import Card
from .official import Drawn, Items, save, tags
from .plan import seed_of
from .records import questions


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A picture on disk: its file's name, its class, what is said of it, its tags."""

    name: str
    label: str
    said: list[str]
    tags: Tags


def karpathy(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The pictures in the card's folder, and one json {"images": [{"filename", "split", "sentences"}]}."""
    images: list[dict[str, Any]] = []
    items = Items()
    for item in _pictures(card, root, split, drawn):
        first = 5 * len(images)
        sentences = [
            {
                "tokens": text.rstrip(".").lower().split(),
                "raw": text,
                "imgid": len(images),
                "sentid": first + n,
            }
            for n, text in enumerate(item.said)
        ]
        images.append(
            {
                "filename": item.name,
                "imgid": len(images),
                "sentences": sentences,
                "split": split,
                "sentids": [sentence["sentid"] for sentence in sentences],
            }
        )
        items[item.name] = item.tags
    content = {"images": images, "dataset": card.name}
    _write(root / card.options["file"], json.dumps(content, ensure_ascii=False))
    return items


def nwpu_captions(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """A folder of pictures for each class, and json {class: [{"filename", "split", "raw", "raw_1" ...}]}."""
    content: dict[str, list[dict[str, Any]]] = {}
    items = Items()
    for number, item in enumerate(_pictures(card, root, split, drawn)):
        row: dict[str, Any] = {"filename": item.name, "imgid": number, "split": split}
        for n, text in enumerate(item.said):
            row[f"raw_{n}" if n else "raw"] = text
            row[f"sentids_{n}" if n else "sentids"] = len(item.said) * number + n
        content.setdefault(item.label, []).append(row)
        items[f"{item.label}/{item.name}"] = item.tags
    _write(root / card.options["file"], json.dumps(content, ensure_ascii=False))
    return items


def caption_lines(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The pictures in the card's folder, and <split>_caps.txt with <split>_filename.txt, a caption a line."""
    names, said, items = [], [], Items()
    for item in _pictures(card, root, split, drawn):
        names += [item.name] * len(item.said)
        said += item.said
        items[item.name] = item.tags
    _write(root / f"{split}_filename.txt", "\n".join(names) + "\n")
    _write(root / f"{split}_caps.txt", "\n".join(said) + "\n")
    return items


def _pictures(card: Card, root: Path, split: str, drawn: Drawn) -> Iterator[_Drawn]:
    """Save the pictures under the card's pattern: `n` counts within the class, `number` all of them."""
    counts: Counter[str] = Counter()
    called = card.mini.get("called", {})
    for number, (shot, scene) in enumerate(drawn, 1):
        label = called.get(shot.scene, shot.scene)
        counts[label] += 1
        place = {"class": label, "n": counts[label], "number": number}
        path = root / card.mini["file"].format_map(place)
        save(scene, path)
        (row,) = questions(card, shot, scene, seed_of(split, None))
        yield _Drawn(path.name, label, list(row["references"]), tags(shot, scene))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
