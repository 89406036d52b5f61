"""Is this the data it should be: counts, classes, every file; and fingerprints of content alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..contract import Image, Problem, Sample, digest
from ..errors import DataError
from ..sample_texts import SampleTexts
from .card import Card, Dataset
from .errata import corrected, read_errata
from .images import open_rgb
from .open import open_dataset, published

_THREADS = 2  # hashing and reading let go of the interpreter
_READ = 2**20  # bytes at a time
_AT_ONCE = 1024  # texts


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. `complete`: counts and classes as published, no problem, every picture readable.

    The data set is as published; `corrections` are what the card's errata would change in it.
    """

    kind: str
    items: str  # how many samples, in words
    dataset: Dataset
    differences: tuple[str, ...]
    damaged: tuple[Problem, ...]
    annotations: str
    images: str | None
    corrections: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing at all is amiss."""
        return not (self.differences or self.damaged or self.dataset.problems)

    @property
    def text(self) -> str:
        """The findings for a person; of many problems the first twenty."""
        samples, problems = self.dataset.samples, (*self.dataset.problems, *self.damaged)
        objects = sum(len(s.target.regions) for s in samples)
        lines = [
            f"data         {self.kind}",
            f"items        {self.items}" + (f" with {objects:,} objects" if objects else ""),
            *([f"classes      {len(self.dataset.classes)}"] if self.dataset.classes else ()),
            *(f"differs      {difference}" for difference in self.differences),
            *(f"problem      {p.item}: {p.reason}" for p in problems[:20]),
        ]
        if len(problems) > 20:
            lines.append(f"problem      ... and {len(problems) - 20:,} more")
        lines += [f"known error  {c.item}: {c.reason}" for c in self.corrections[:20]]
        if len(self.corrections) > 20:
            lines.append(f"known error  ... and {len(self.corrections) - 20:,} more")
        lines += [f"annotations  sha256 {self.annotations}", f"pictures     {_shown(self.images)}"]
        return "\n".join([*lines, "complete" if self.complete else "not complete"])


def verify(card: Card, data: str | Path, split: str | None, cache: Path) -> Verification:
    """Read the data of a card whole: every picture is decoded.

    Raises:
        DataError: it cannot be opened at all.
    """
    dataset, kind = open_dataset(card, data, split, cache=cache, errata=False)
    overlay = read_errata(card.name) if dataset.errata is not None else None
    corrections = corrected(dataset, overlay).corrections if overlay else ()
    damaged = []
    for image in _distinct(dataset.samples):
        try:
            if image.path:
                open_rgb(image)
        except DataError as error:
            damaged.append(Problem(image.name, error.message))
    annotations, images = fingerprint(dataset.samples, dataset.samples, image_digests(dataset.samples))
    differences = tuple(_differences(card, dataset, kind, split or card.split))
    items = card.items(len(dataset.samples))
    return Verification(kind, items, dataset, differences, tuple(damaged), annotations, images, corrections)


def fingerprint(
    samples: Sequence[Sample], used: Sequence[Sample], images: Mapping[str, str]
) -> tuple[str, str | None]:
    """SHA-256 over ids, questions, regions and targets of all samples, and over the pictures of those used.

    `images` are digests by name, as of image_digests. Neither depends on where the data lies or on its
    order. The second is None where a picture is not at hand.
    """
    annotations = _list_digest(map(SampleTexts().truth, sorted(samples, key=lambda sample: sample.id)))
    names = sorted({image.name for image in _distinct(used)})
    if not names or any(name not in images for name in names):
        return annotations, None
    return annotations, digest([[name, images[name]] for name in names])


def image_digests(samples: Iterable[Sample]) -> dict[str, str]:
    """SHA-256 of the bytes of every picture at hand, by the image's name."""
    files = {(image.name, image.path): image for image in _distinct(samples)}
    with ThreadPoolExecutor(_THREADS) as pool:
        found = zip(files, pool.map(image_digest, files.values()), strict=True)
        return {name: value for (name, _), value in found if value is not None}


def image_digest(image: Image) -> str | None:
    """SHA-256 of a picture's bytes; None where it is not at hand."""
    if not image.path:
        return None
    found = hashlib.sha256()
    try:
        with open(image.path, "rb") as file:
            while part := file.read(_READ):
                found.update(part)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return None
    return found.hexdigest()


def _list_digest(texts: Iterable[str]) -> str:
    """`digest` of the list whose items have these canonical texts, without ever holding it."""
    found, between = hashlib.sha256(b"["), ""
    texts = iter(texts)
    while part := ",".join(islice(texts, _AT_ONCE)):
        found.update((between + part).encode())
        between = ","
    found.update(b"]")
    return found.hexdigest()


def _distinct(samples: Iterable[Sample]) -> list[Image]:
    groups = {id(sample.images): sample.images for sample in samples}  # many questions share the very same
    return list({(image.name, image.page): image for images in groups.values() for image in images}.values())


def _differences(card: Card, dataset: Dataset, kind: str, split: str) -> Iterable[str]:
    """How the data differs from what is published; a miniature has counts and classes of its own."""
    if kind == "mini" or not published(card):
        return
    expected = card.counts.get(split)
    if expected not in (None, len(dataset.samples)):
        yield f"{card.items(len(dataset.samples))} in the split {split!r}, published are {expected:,}"
    met = {r.label for s in dataset.samples for r in s.target.regions}
    met |= {s.target.label for s in dataset.samples if s.target.label}
    if absent := [name for name in dataset.classes if name not in met]:
        yield f"nothing of {'these classes' if len(absent) > 1 else 'the class'}: {', '.join(absent)}"


def _shown(value: str | None) -> str:
    return f"sha256 {value}" if value else "not at hand"
