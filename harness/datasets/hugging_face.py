"""Reader of data in the form of Hugging Face `datasets`: a folder, or a repository of the hub."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..contract import Image, Problem, Region, Sample, Target
from ..errors import DataError, disk_errors
from ..records import part
from .card import Card, Dataset
from .expressions import size_tag
from .hugging_face_tables import Row, Table, table
from .images import image_size
from .names import ClassNames
from .records import sample_of
from .shapes import defect, one_form

_MAGIC = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"II*\0": ".tif", b"MM\0*": ".tif", b"RIFF": ".webp"}
_FORMS = ("xyxy", "xywh", "cxcywh", "corners")
_UNITS = ("pixels", "fraction", "thousandths", "hundredths")
_WHOLE = {"fraction": 1.0, "hundredths": 100.0, "thousandths": 1000.0}


def read(where: str, card: Card, split: str | None, cache: Path) -> Dataset:
    """Every row of a split as a sample, or one for each thing that a row lists.

    The card's `hugging_face` says which column holds what: `image`, and the parts of a record by the names of
    FIELDS in harness/records.py (`question`, `truth`, `label`, `references`, `kind`, `choices`, `region`,
    `id`); a name may lead into a structure, "objects.bbox". A part that it does not name is looked for under
    its usual names. Besides: `repository` (on the hub), `splits` (ours: theirs), `config`, `each` (a column
    that lists several items of one picture), `names` (of classes that are bare numbers), `boxes` (xyxy, xywh,
    cxcywh or corners; xyxy if not said) in `units` (pixels, or fraction, hundredths or thousandths of the
    image). Numbers of a ClassLabel become its names.

    The bytes of pictures are kept as they are in `cache`, once, under their SHA-256, which is also their
    name: no picture is decoded here but for the size that boxes need.

    Raises:
        DataError: no such data, hub not reachable, `datasets` not installed, no usable row.
    """
    split = split or card.split
    rows = table(where, card.hugging_face, split)
    reading = _Reading(card, rows, _Store(cache))
    for number, row in enumerate(rows.rows):
        reading.row(f"{rows.split}-{number}", row)
    return reading.dataset(where)


@dataclass
class _Store:
    """Pictures on disk under the digest of their bytes, so that each is there once."""

    folder: Path

    def keep(self, content: bytes, name: str) -> Image:
        """The picture of these bytes, written unless it is there."""
        suffix = next((s for magic, s in _MAGIC.items() if content.startswith(magic)), "")
        file = hashlib.sha256(content).hexdigest() + (suffix or Path(name).suffix.lower())
        path = self.folder / file[:2] / file
        if not path.is_file() or path.stat().st_size != len(content):
            with disk_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                new = path.with_name(f".{file}.{os.getpid()}")
                new.write_bytes(content)
                os.replace(new, path)
        return Image(file, str(path))


@dataclass
class _Reading:
    card: Card
    table: Table
    store: _Store
    names: ClassNames = field(init=False)
    samples: dict[str, Sample] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = ClassNames(self.card)
        said = self.card.hugging_face
        self.form, self.units = str(said.get("boxes", "xyxy")), str(said.get("units", "pixels"))
        if self.form not in _FORMS or self.units not in _UNITS:
            raise DataError(
                f"The card {self.card.name} has boxes of the form {self.form} in {self.units}.",
                f"Forms are {', '.join(_FORMS)}; units are {', '.join(_UNITS)}.",
            )

    def row(self, where: str, row: Row) -> None:
        """All samples of a row; what is wrong with it is a problem."""
        try:
            image = self._image(row)
        except (ValueError, DataError) as error:
            self.problems.append(Problem(where, str(error)))
            return
        items = [row] if self.card.family == "detection" else list(self.table.items(row))
        for number, item in enumerate(items):
            name = where if len(items) == 1 else f"{where}-{number}"
            try:
                sample = self._sample(name, item, image)
            except (ValueError, TypeError, DataError) as error:
                self.problems.append(Problem(name, str(error)))
                continue
            if sample.id in self.samples:
                self.problems.append(Problem(name, f"a second row with the id {sample.id!r} is left out"))
            else:
                self.samples[sample.id] = sample

    def _image(self, row: Row) -> Image:
        """The picture of a row, with its size where boxes may need it.

        Raises:
            ValueError: there is none.
            DataError: its header cannot be read.
        """
        value = self.table.image(row)
        content, path = value.get("bytes"), value.get("path") or ""
        if content:
            image = self.store.keep(content, path)
        elif path and Path(path).is_file():
            image = Image(Path(path).name, path)
        else:
            raise ValueError("there is no picture")
        boxed = self.card.family in ("detection", "grounding", "segmentation", "region_captioning")
        return replace(image, size=image_size(image.path)) if boxed else image

    def _sample(self, where: str, item: Row, image: Image) -> Sample:
        record = {**self.table.record(item), "image": image.name}
        record.setdefault("id", where)
        if self.card.family == "detection":
            return self._detection(str(record["id"]), record, image)
        if self.card.family == "classification":
            label = self.names.find(str(_label(record)))
            if label is None:
                raise ValueError(f"the unknown class {_label(record)!r}")
            return Sample(str(record["id"]), (image,), Target(label=label), tags={"class": label})
        for key in ("truth", "region"):
            if key in record and image.size is not None and isinstance(record[key], (list, tuple)):
                record[key] = [list(box) for box in self._boxes(record[key], image.size)]
        sample = sample_of(where, record, self.card)
        target = replace(sample.target, size=image.size if sample.target.regions else None)
        if target.label is not None and not target.choices:
            target = replace(target, label=self.names.find(target.label))
        boxes = [region.points for region in (*target.regions, *sample.regions)]
        tags = {**(size_tag(boxes) if boxes else {}), **sample.tags}
        return replace(sample, images=(image,), target=target, tags=tags)

    def _detection(self, name: str, record: Mapping[str, Any], image: Image) -> Sample:
        assert image.size is not None
        boxes, labels = record.get("truth") or (), record.get("label") or ()
        if len(boxes) != len(labels):
            raise ValueError(f"{len(boxes)} boxes and {len(labels)} classes")
        regions = []
        for points, spelling in zip(self._boxes(boxes, image.size), labels, strict=True):
            label = self.names.find(str(spelling))
            fault = defect(points, image.size) if label else "an object of an unknown class"
            if label is None or fault:
                self.problems.append(Problem(name, f"{fault} ({spelling})"))
            else:
                regions.append(Region(points, label))
        return Sample(name, (image,), Target(regions=tuple(regions)))

    def _boxes(self, value: Any, size: tuple[int, int]) -> list[tuple[float, ...]]:
        """One box or several, as pixels x1 y1 x2 y2 or four corners."""
        listed = [value] if value and not isinstance(value[0], (list, tuple)) else value
        flat = [[v for p in box for v in (p if isinstance(p, (list, tuple)) else (p,))] for box in listed]
        whole = _WHOLE.get(self.units)
        scale = (size[0] / whole, size[1] / whole) if whole else (1.0, 1.0)
        found = []
        for box in flat:
            points = [float(v) * scale[i % 2] for i, v in enumerate(box)]
            if self.form == "xywh":
                points[2:4] = [points[0] + points[2], points[1] + points[3]]
            elif self.form == "cxcywh":
                x, y, width, height = points
                points = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
            found.append(tuple(points))
        return found

    def dataset(self, where: str) -> Dataset:
        """What was read; classes as the card has them, else those met.

        Raises:
            DataError: nothing.
        """
        if not self.samples:
            first = "; ".join(f"{p.item}: {p.reason}" for p in self.problems[:3])
            columns = f"Its columns: {', '.join(self.table.columns)}." if self.table.columns else ""
            raise DataError(f"{where} holds no row that {self.card.name} can use. {first}", columns or None)
        common = {"sensor": self.card.sensor} if self.card.sensor else {}
        samples: Sequence[Sample] = [replace(s, tags={**common, **s.tags}) for s in self.samples.values()]
        if self.card.family == "detection":
            samples = one_form(samples, self.card.options.get("oriented"))
        if self.card.family == "vqa" and not self.card.classes:
            return Dataset(tuple(samples), tuple(self.problems), ())
        return Dataset(tuple(samples), tuple(self.problems), self.names.classes)


def _label(record: Mapping[str, Any]) -> Any:
    label = part(record, "label")
    value = part(record, "truth") if label is None else label
    if value is None:
        raise ValueError("nothing says what is true")
    return value
