"""Drawn scenes with questions in the published layouts of VQA: RSVQA, RSIVQA, CRSVQA, records by any name."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

from ..alternating import split_of
from ..card import Card
from . import official
from .official import Drawn, Items, save, tags
from .plan import seed_of
from .topics import Asked, asked


def rsvqa(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The folder of images and three JSON files, in which every other id belongs to another split."""
    images: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    items, folder = Items(), str(card.options["images"])
    for shot, scene in drawn:
        number = len(images)
        name = f"{folder}/{number}.tif"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        of_image = []
        for one in asked(card, shot, scene, seed_of(split, None)):
            key = len(questions)
            of_image.append(key)
            row = {"id": key, "img_id": number, "people_id": 0, "type": one.kind, "question": one.question}
            questions += [row | {"answers_ids": [key], "active": True}, {"id": key + 1, "active": False}]
            said = {"id": key, "question_id": key, "people_id": 0, "answer": one.answer, "active": True}
            answers += [said, {"id": key + 1, "active": False}]
        shown = {"id": number, "original_name": f"{number}.tif", "type": "RGB", "questions_ids": of_image}
        images += [shown | {"active": True}, {"id": number + 1, "active": False}]
    for part, rows in (("questions", questions), ("answers", answers), ("images", images)):
        path = root / str(card.options["files"]).format(split=split, part=part)
        path.write_text(json.dumps({part: rows}), encoding="utf-8")
    return items


def question_lines(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """<part>/<file>.txt and <part>/images/<n>.png: scenes in turn, images with and without suffix."""
    lines: dict[str, list[str]] = {part: [] for part in card.options["parts"]}
    items, parts = Items(), list(lines)
    for number, (shot, scene) in enumerate(drawn):
        part = parts[number % len(parts)] if split == "all" else split
        stem = str(1 + number // len(parts))
        name = f"{part}/images/{stem}.png"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        image = f"{stem}.png:" if number % 2 else f"{stem}: "
        for one in asked(card, shot, scene, seed_of(split, None)):
            lines[part].append(f"{image}{one.question}{one.answer}")
    for part, written in lines.items():
        if written:
            path = root / part / card.options["parts"][part][0]
            path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return items


def alternating(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """text/<n>.txt and image/<n>.png for numbers of the split; lines end in CRLF, a mark is full-width."""
    numbers = (n for n in count(1) if split_of(str(n), card.options["share"]) == split)
    items = Items()
    (root / "text").mkdir()
    for number, (shot, scene) in zip(numbers, drawn, strict=False):
        name = f"image/{number}.png"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        pairs = [(one.question, one.answer) for one in asked(card, shot, scene, seed_of(split, None))]
        pairs[0] = (pairs[0][0].replace("?", "\uff1f"), pairs[0][1])
        text = "".join(f"{question}\r\n{answer}\r\n" for question, answer in pairs)
        (root / "text" / f"{number}.txt").write_bytes(text.encode("utf-8"))
    return items


def records(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """A published file of records under its own names, where the card has them; else our own (official.py).

    `mini` in the card says what pictures and ids are called (`image`, `id`: patterns of {n}), where pictures
    lie (`folder`) and what stands behind every question (`suffix`).
    """
    own = card.options.get("records")
    if own is None:
        return official.records(card, root, split, drawn)
    mini, rows, items = card.mini, list[dict[str, Any]](), Items()
    for number, (shot, scene) in enumerate(drawn, 1):
        image = str(mini["image"]).format(n=number)
        save(scene, root / mini.get("folder", "") / image)
        items[image] = tags(shot, scene)
        for one in asked(card, shot, scene, seed_of(split, None)):
            rows.append(_record(card, one, image, str(mini["id"]).format(n=len(rows) + 1), scene.image.shape))
    path = root / own["files"][split]
    path.parent.mkdir(parents=True, exist_ok=True)
    key = own["fields"]["id"] if "id" in own.get("fields", {}) else "id"
    if own.get("keyed"):
        body = json.dumps({row.pop(key): row for row in rows}, indent=4)
    elif path.suffix == ".jsonl":
        body = "".join(f"{json.dumps(row)}\n" for row in rows)
    else:
        body = json.dumps(rows, indent=4)
    path.write_text(body, encoding="utf-8")
    return items


def _record(card: Card, one: Asked, image: str, key: str, shape: tuple[int, ...]) -> dict[str, Any]:
    names = card.options["records"].get("fields", {})
    truth: str | int = int(one.answer) if "count" in one.topic and card.mini.get("numbers") else one.answer
    said = {
        "id": int(key) if key.isdigit() else key,
        "image": image,
        "question": one.question + card.mini.get("suffix", ""),
        "truth": truth,
        "kind": one.kind,
    }
    row = {names.get(role, role): value for role, value in said.items()}
    return row | ({"image_size": [shape[1], shape[0]]} if card.mini.get("sizes") else {})
