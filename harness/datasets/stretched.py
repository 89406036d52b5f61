"""A data set whose pictures know the stretch that the card declares; readers need not."""

from __future__ import annotations

from dataclasses import replace

from ..contract import Image
from ..errors import DataError
from .card import Card, Dataset
from .images import band_count
from .raster import chosen, declared


def stretched(dataset: Dataset, card: Card) -> Dataset:
    """The data set with the card's stretch on every picture; itself where the card declares none.

    Raises:
        DataError: the card's `raster` cannot be used, or asks for bands that the first picture does not have.
    """
    stretch = declared(card)
    if stretch is None:
        return dataset
    known: dict[Image, Image] = {}  # one picture may be asked about many times

    def marked(image: Image) -> Image:
        if image not in known:
            known[image] = replace(image, stretch=stretch)
        return known[image]

    samples = tuple(replace(s, images=tuple(map(marked, s.images))) for s in dataset.samples)
    _check(card, next((image for image in known.values() if image.path), None))
    return replace(dataset, samples=samples)


def _check(card: Card, image: Image | None) -> None:
    """Whether the card's bands are there: said before a model is loaded, not once for every picture."""
    try:
        bands = band_count(image) if image else None
    except DataError:  # one broken picture, counted when it is asked about
        return
    if image is None or bands is None:
        return
    try:
        chosen(bands, image.stretch, image.name)
    except DataError as error:
        raise DataError(f"The raster of the card {card.name}: {error.message}", error.hint) from error
