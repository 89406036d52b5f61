"""Samples asked again about changed pictures, and their answers brought back to the samples they are of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from .contract import Answer, Image, Sample
from .datasets.corruptions import KINDS, STRENGTHS
from .datasets.images import image_size
from .directions import speaks_of_directions
from .errors import DataError, UsageError, unknown
from .turns import D4, inverse, turned_region, turned_size, turned_target

VIEWS = ("d4",)
_ALL = "all"


def disturbances(text: str) -> tuple[str, ...]:
    """What `--corrupt` names: `all`, or kinds and single strengths parted by commas; in the order of KINDS.

    >>> disturbances("haze/3,speckle")
    ('speckle', 'haze/3')

    Raises:
        UsageError: no such kind or strength.
    """
    named = [part.strip() for part in text.split(",") if part.strip()]
    if not named:
        raise UsageError("--corrupt names nothing.", f"Name {_ALL}, or some of {', '.join(KINDS)}.")
    for name in named:
        kind, _, strength = name.partition("/")
        if kind not in (*KINDS, _ALL):
            raise unknown("disturbance", kind, (*KINDS, _ALL))
        if "/" in name and strength not in map(str, range(1, STRENGTHS + 1)):
            raise UsageError(f"{name} is no strength.", f"Give 1 to {STRENGTHS}, as in {kind}/3.")
    return tuple(_ordered(set(named)))


def changes(corrupt: Sequence[str]) -> tuple[str, ...]:
    """Every kind and strength of a Spec's `corrupt`.

    >>> changes(("haze/3",)), len(changes(("speckle",)))
    (('haze/3',), 5)
    """
    return tuple(
        change
        for name in corrupt
        for change in ([name] if "/" in name else [f"{name}/{step + 1}" for step in range(STRENGTHS)])
    )


def variants(
    samples: Sequence[Sample], views: str | None, corrupt: Sequence[str], seed: int
) -> tuple[Sample, ...]:
    """Every sample again with its pictures turned (`views`) and disturbed (`corrupt`).

    Ids are `<id>~<change>`. What is true of a variant, and what its question points at, is in pixels of the
    turned picture. All variants of a picture follow one another, and its questions within each. Samples that
    speak of directions are not turned, nor those whose picture has no known size.

    Raises:
        DataError: an id of the data is that of a variant.
    """
    made = tuple(_made(samples, D4[1:] if views else (), changes(corrupt), seed))
    if {sample.id for sample in made} & {sample.id for sample in samples}:
        raise DataError("Ids of the data end like those of changed pictures (~rot90, ~speckle/3).")
    return made


def change_of(sample: Sample) -> str:
    """How the picture of a sample was changed, as it is said: rot90, speckle/3; empty where it was not."""
    change = sample.images[0].change if sample.images else ""
    return "/".join(change.split("/")[:2]) if change else ""


def own_id(sample: Sample) -> str:
    """The id of the sample that a variant is of; of what is none, its own."""
    change = change_of(sample)
    return sample.id.removesuffix(f"~{change}") if change else sample.id


def unchanged(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """The samples whose pictures are as they are."""
    return tuple(sample for sample in samples if not change_of(sample))


def restored(variant: Sample, answer: Answer, own: Mapping[str, Sample]) -> tuple[Sample, Answer]:
    """The sample as it is, and the answer about its turned picture in pixels of the picture as it is.

    Raises:
        DataError: the ledger does not hold the sample, or does not know the size of its turned picture.
    """
    sample, image = own.get(own_id(variant)), variant.images[0]
    if sample is None:
        raise DataError(f"The sample that {variant.id} is a variant of is not there.")
    if image.change not in D4 or not answer.regions:
        return sample, answer
    if image.extent is None:
        raise DataError(f"The size of the turned picture of {variant.id} is not known.")
    back = inverse(image.change)
    regions = tuple(turned_region(region, back, image.extent) for region in answer.regions)
    return sample, replace(answer, regions=regions)


def _ordered(named: set[str]) -> Iterator[str]:
    for kind in KINDS:
        strengths = [f"{kind}/{step}" for step in range(1, STRENGTHS + 1)]
        if named & {_ALL, kind} or named.issuperset(strengths):
            yield kind
        else:
            yield from (name for name in strengths if name in named)


def _made(
    samples: Sequence[Sample], turns: Sequence[str], disturbed: Sequence[str], seed: int
) -> Iterator[Sample]:
    noise = f"/{seed}" if seed else ""
    for images, group in groupby(samples, key=lambda sample: sample.images):
        held = list(group)
        sized = tuple(map(_sized, images)) if turns else ()
        asked = [s for s in held if not speaks_of_directions(s)] if all(i.extent for i in sized) else []
        for turn in turns if asked else ():
            shown = tuple(replace(image, change=turn) for image in sized)
            yield from (_turned(sample, turn, shown) for sample in asked)
        for change in disturbed:
            shown = tuple(replace(image, change=change + noise) for image in images)
            yield from (replace(sample, id=f"{sample.id}~{change}", images=shown) for sample in held)


def _turned(sample: Sample, turn: str, shown: tuple[Image, ...]) -> Sample:
    extent = shown[0].extent
    assert extent is not None, "only pictures of known size are turned"
    size = turned_size(extent, turn)  # before the turn
    return replace(
        sample,
        id=f"{sample.id}~{turn}",
        images=shown,
        target=turned_target(sample.target, turn, size),
        regions=tuple(turned_region(region, turn, size) for region in sample.regions),
    )


def _sized(image: Image) -> Image:
    """The image with its size, from the file where the data does not say it, if there is one."""
    if image.extent is None and image.path:
        try:
            return replace(image, size=image_size(image.path))
        except DataError:  # the model is told what is wrong with it when it is asked about the picture itself
            return image
    return image
