"""Reader of records: one question with what is true of it a line, the form most answer files come in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..contract import Image, Problem, Raster, Region, Sample, Target
from ..errors import DataError
from ..metrics.mask_codec import runs_of
from ..records import part
from .card import Card, Dataset
from .files import ImageIndex
from .images import image_size
from .layouts import several
from .names import ClassNames
from .record_names import pictures, published_file, rows_of, tags_of
from .sidecar import FILE, tagged

SUFFIXES = (".jsonl", ".json", ".ndjson")
_IN_WORDS = ("region_captioning", "captioning", "vqa")  # families


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every record of a file that holds something true; its id is its own, or its place ("line 12").

    `root` is the file, or a folder with one. The names of parts are the FIELDS of harness/records.py, or
    those of a published file that the card describes (record_names.py). By the card's family, the truth is a
    text or several (references), a class (in any spelling the card knows, where it lists classes), boxes or
    masks: boxes are 4 or 8 numbers, pixels of the image (x1 y1 x2 y2, or corners), masks COCO's run lengths.
    With `choices` the truth is a letter or one of the choices.

    A question answered with words may be about a `region`, a box or several as above, beside it or in its
    place; a `label` is the class of what is described there. Images need not be at hand, but for a region
    without a `size`; a record without one stands for an image of its own.

    Raises:
        DataError: no such file, several, or none of its records can be used.
    """
    path = _file(root, card, split or card.split)
    read_file = rows_of(path, card)
    base = root if root.is_dir() and path.is_relative_to(root) else path.parent
    index = pictures(base, card)
    problems = [Problem(where, why) for where, why in read_file.faults]
    samples: dict[str, Sample] = {}
    names = ClassNames(card) if card.family == "classification" and card.classes else None
    for where, row in read_file.rows:
        try:
            sample = _pictured(sample_of(where, row, card), base, index)
            sample = _named(sample, names) if names else sample
        except (ValueError, DataError) as fault:
            problems.append(Problem(where, str(fault)))
            continue
        if sample.id in samples:
            problems.append(Problem(where, f"a second record with the id {sample.id!r} is left out"))
            continue
        samples[sample.id] = sample
    if not samples:
        first = "; ".join(f"{p.item}: {p.reason}" for p in problems[:3])
        raise DataError(
            f"{path.name} holds no record that {card.name} can use.", first or "The file is empty."
        )
    ordered = tagged(samples.values(), base, card)
    labelled = card.family in ("classification", "region_captioning")
    labels = (s.target.label for s in ordered) if labelled else ()
    classes = card.classes or tuple(sorted({label for label in labels if label}))
    classes = names.classes if names else classes
    return Dataset(ordered, tuple(problems), classes)


def _file(root: Path, card: Card, split: str) -> Path:
    if root.is_file():
        return root
    if path := published_file(root, card, split):
        return path
    found = sorted(p for p in root.iterdir() if p.suffix.lower() in SUFFIXES and p.name != FILE)
    named = [p for p in found if split and split.lower() in p.stem.lower()]
    if len(found) > 1 and len(named) == 1:
        return named[0]
    if len(found) > 1:
        raise several(root, "files of records", found)
    if not found:
        raise DataError(f"{root.name} holds no file of records.", f"It is expected as:\n{card.expects}")
    return found[0]


def _find(base: Path, name: str) -> Path | None:
    """The picture a record names, below the folder of the records or its images; never one outside."""
    for folder in (base, base / "images"):
        path = (folder / name).resolve()
        if path.is_file() and path.is_relative_to(base.resolve()):
            return path
    return None


def _pictured(sample: Sample, base: Path, index: ImageIndex | None) -> Sample:
    """The sample with its picture, if that is at hand; boxes need its size, which the record may not say.

    Raises:
        ValueError: the question is about a region of a picture of unknown size, or the picture is missing
            from the `index` of those that a published file has.
        DataError: the picture that has to tell its size is damaged.
    """
    image = sample.images[0]
    found = index.find(image.name) if index else _find(base, image.name)
    if index and found is None:
        raise ValueError(f"the picture {image.name} is missing")
    if found:
        image = replace(image, path=str(found))
        if image.size is None and (sample.target.regions or sample.regions):
            image = replace(image, size=image_size(found))
    if sample.regions and image.size is None:
        raise ValueError("a region needs the size of its image: give `size` [width, height], or the image")
    size = image.size if sample.target.regions else None
    return replace(sample, images=(image,), target=replace(sample.target, size=size))


def _named(sample: Sample, names: ClassNames) -> Sample:
    """The sample with its class as it is shown; one the card does not know stays for its errata to mend."""
    said = sample.target.label or ""
    return replace(sample, target=replace(sample.target, label=names.find(said) or said))


def sample_of(where: str, row: Mapping[str, Any], card: Card) -> Sample:
    """The sample of a record, its picture not yet looked for.

    Raises:
        ValueError: it holds nothing true of the card's kind.
    """
    name = str(part(row, "id") if part(row, "id") is not None else where)
    kind = str(part(row, "kind") or "")
    size = _size(part(row, "size"))
    choices = tuple(str(c) for c in _list(part(row, "choices")))
    target = _target(row, card, kind, choices)
    picture = Image(str(part(row, "image") or name), "", size=size)
    tags = {"question type": kind} if kind else {}
    tags |= {"object size": str(row["size_group"])} if row.get("size_group") else {}
    tags |= tags_of(row, card)
    return Sample(name, (picture,), target, str(part(row, "question") or ""), tags, _pointed(row, card))


def _pointed(row: Mapping[str, Any], card: Card) -> tuple[Region, ...]:
    """What the question points at, where the answer is words; a text under that name is no region.

    Raises:
        ValueError: a list that is none of boxes, or no list where regions are described.
    """
    region = part(row, "region")
    if region is None or card.family not in _IN_WORDS:
        return ()
    if not isinstance(region, list) and card.family != "region_captioning":
        return ()
    return _regions(region, "the region")


def _target(row: Mapping[str, Any], card: Card, kind: str, choices: tuple[str, ...]) -> Target:
    truth = part(row, "truth")
    if card.family in ("grounding", "segmentation"):
        return Target(regions=_masks(truth) or _regions(truth), kind=kind)
    if card.family == "classification":
        return Target(label=_text(truth), kind=kind)
    if choices:
        return Target(label=_letter(_text(truth), choices), choices=choices, kind=kind)
    texts = tuple(_text(t) for t in _list(part(row, "references")) or _list(truth))
    if not texts and card.family != "captioning":
        raise ValueError("nothing says what is true")
    label = part(row, "label") if card.family == "region_captioning" else None
    return Target(label=None if label is None else _text(label), texts=texts, kind=kind)


def _letter(truth: str, choices: Sequence[str]) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(choices)]
    if truth.strip().upper() in letters and len(truth.strip()) == 1:
        return truth.strip().upper()
    if truth in choices:
        return letters[choices.index(truth)]
    raise ValueError(f"the truth {truth!r} is none of the choices")


def _regions(truth: Any, what: str = "the truth") -> tuple[Region, ...]:
    boxes = truth if isinstance(truth, list) else None
    if boxes and not isinstance(boxes[0], list):
        boxes = [boxes]
    if boxes is None or not all(isinstance(b, list) and len(b) in (4, 8) and _finite(b) for b in boxes):
        raise ValueError(f"{what} is no list of boxes of 4 or 8 numbers")
    return tuple(Region(tuple(float(v) for v in box), "") for box in boxes)


def _masks(truth: Any) -> tuple[Region, ...]:
    """COCO's compressed run lengths, one or several; nothing where the truth is of another form.

    Raises:
        ValueError, DataError: a mask without a size, or damaged.
    """
    masks = truth if isinstance(truth, list) else [truth]
    if not all(isinstance(m, dict) and isinstance(m.get("counts"), str) for m in masks):
        return ()
    sizes = [_size(m.get("size")) for m in masks]
    if None in sizes:
        raise ValueError("a mask has no size")
    pairs = ((m["counts"], size) for m, size in zip(masks, sizes, strict=True) if size)
    rasters = [Raster(size[0], size[1], counts) for counts, size in pairs]
    for raster in rasters:
        runs_of(raster)  # a damaged one is found here, where it costs one record, not when it is scored
    return tuple(Region((), "", mask=raster) for raster in rasters)


def _finite(values: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and math.isfinite(v) for v in values)


def _size(value: Any) -> tuple[int, int] | None:
    return (int(value[0]), int(value[1])) if isinstance(value, list) and len(value) == 2 else None


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else [] if value is None else [value]


def _text(value: Any) -> str:
    if isinstance(value, dict):  # RSICD's and COCO's sentences
        value = value.get("raw", value.get("caption"))
    if value is None or isinstance(value, (list, dict)):
        raise ValueError("nothing says what is true")
    return str(value)
