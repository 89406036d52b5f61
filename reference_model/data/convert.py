"""A data set as its reader gives it to records: the conversion of each family of Table I, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...harness.contract import Image, Sample
from ...harness.dialects.earthgpt import EarthGPT
from .convert_captions import captions
from .convert_categories import categories
from .convert_detection import detection
from .convert_grounding import grounding, region_captions
from .convert_questions import questions
from .problems import Problems, Tally
from .record import Record

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset

Converter = Callable[["Dataset", EarthGPT, str, Tally], Iterator[Record]]

CONVERTERS: dict[str, Converter] = {
    "captioning": captions,
    "classification": categories,
    "detection": detection,
    "grounding": grounding,
    "region_captioning": region_captions,
    "vqa": questions,
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """Records of one data set and what was wrong with it."""

    records: tuple[Record, ...]
    problems: Problems

    @property
    def turns(self) -> int:
        """Questions with their answers in all records."""
        return sum(len(record.turns) for record in self.records)


def convert(dataset: Dataset, family: str, folder: Path, wording: str = "released") -> Conversion:
    """Every sample of a data set as instructions, in the words of the paper or of the released files.

    `family` is a key of CONVERTERS. Pictures are named as paths below `folder`; those that lie elsewhere,
    windows and pages of larger ones are left out and counted, as are all problems of the reader.
    """
    tally = Tally()
    tally.take(dataset.problems)
    samples = tuple(_placed(dataset.samples, folder, tally))
    records = CONVERTERS[family](replace(dataset, samples=samples), EarthGPT(wording), wording, tally)
    return Conversion(tuple(records), tally.problems())


def _placed(samples: Iterable[Sample], folder: Path, tally: Tally) -> Iterator[Sample]:
    """Samples whose one picture is named by its path below the folder."""
    base = folder.resolve()
    for sample in samples:
        if len(sample.images) != 1:
            tally.add(f"{len(sample.images)} pictures in one question", sample.id)
            continue
        image = sample.images[0]
        name = _name(image, base)
        if image.window is not None or image.page:
            tally.add("a part of a picture, not a file", sample.id)
        elif name is None:
            tally.add("a picture outside the folder", f"{sample.id}: {image.path}")
        else:
            yield replace(sample, images=(replace(image, name=name),))


def _name(image: Image, base: Path) -> str | None:
    """The path below the folder; the annotation's own name of a picture that is not at hand."""
    if not image.path:
        return image.name
    path = Path(image.path).resolve()
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else None
