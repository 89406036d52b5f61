"""Values of more than 8 bits, or of many bands, to 8-bit RGB: the stretch that a card declares, or the usual.

In a card, all keys optional:

    raster:
      bands: [4, 3, 2]       shown as red, green and blue, counted from 1; or one band, shown as grey
      percentiles: [2, 98]   the values that become 0 and 255, as percentiles of the picture's (the default)
      range: [0, 3000]       or those values themselves, the same for every picture
      per: image             percentiles over the chosen bands together (the default); or of each `band`
      scale: linear          or `decibel`: of 10 log10(value); what is 0 or less becomes black

Pictures of 8 bits in up to three bands are RGB already: they stay as they are. Of 8 bits in more bands, bands
are chosen and values kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..contract import Stretch
from ..errors import DataError
from .tif import MAX_BYTES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .card import Card

    Values = npt.NDArray[Any]
    Pixels = npt.NDArray[np.uint8]
    Limits = tuple[tuple[float, float], ...]  # of every shown band: what becomes 0 and what becomes 255

USUAL = Stretch()


def declared(card: Card) -> Stretch | None:
    """The stretch of a card; None where it declares none.

    Raises:
        DataError: a key or a value that is not known, naming the card.
    """
    if not card.raster:
        return None
    raw: Mapping[str, Any] = card.raster
    try:
        if extra := sorted(set(raw) - {"bands", "percentiles", "range", "per", "scale"}):
            raise ValueError(f"an unknown key {extra[0]!r}")
        stretch = Stretch(
            bands=tuple(int(band) for band in raw.get("bands", ())),
            percentiles=_pair(raw.get("percentiles", USUAL.percentiles)),
            range=_pair(raw["range"]) if "range" in raw else None,
            per=raw.get("per", USUAL.per),
            scale=raw.get("scale", USUAL.scale),
        )
        if len(stretch.bands) not in (0, 1, 3) or min(stretch.bands, default=1) < 1:
            raise ValueError("`bands` are one or three numbers from 1")
        if not 0 <= stretch.percentiles[0] < stretch.percentiles[1] <= 100:
            raise ValueError("`percentiles` are two numbers from 0 to 100, the lower one first")
        if stretch.range and stretch.range[0] >= stretch.range[1]:
            raise ValueError("`range` is two values, the lower one first")
        if stretch.per not in ("image", "band") or stretch.scale not in ("linear", "decibel"):
            raise ValueError("`per` is image or band, `scale` is linear or decibel")
        return stretch
    except (TypeError, ValueError) as error:
        raise DataError(f"The raster of the card {card.name} cannot be used: {error}.") from error


def chosen(bands: int, stretch: Stretch | None, name: str) -> tuple[int, ...]:
    """The places (from 0) of the one or three bands that are shown, of `bands` in the picture `name`.

    Raises:
        DataError: a band that is not there, or so many bands that someone has to say which are shown.
    """
    if stretch is not None and stretch.bands:
        if max(stretch.bands) > bands:
            raise DataError(
                f"{name} has {bands} {'bands' if bands > 1 else 'band'}, and its card shows band "
                f"{max(stretch.bands)}.",
                "Mend `raster: bands` of the card, or give the data it is made for.",
            )
        return tuple(band - 1 for band in stretch.bands)
    if bands > 4:
        raise DataError(
            f"{name} has {bands} bands, and nothing says which are red, green and blue.",
            "Say so in the card: raster: {bands: [4, 3, 2]}",
        )
    return (0, 1, 2) if bands > 2 else (0,)


def limits(chunks: Iterable[Values], bands: Sequence[int], stretch: Stretch) -> Limits:
    """What becomes black and white in every shown band, from the values (rows, columns, bands) of a picture.

    Percentiles are numpy's, of the finite values, whether the values come at once or in chunks. Where both
    are one value, the least and the largest of all count.

    Raises:
        DataError: values of more than 16 bits that are too many to be sorted.
        ValueError: no finite value at all.
    """
    if stretch.range is not None:
        return (stretch.range,) * len(bands)
    groups = [[band] for band in bands] if stretch.per == "band" else [list(bands)]
    tallies: list[_Tally] = [_Tally() for _ in groups]
    for chunk in chunks:
        for group, tally in zip(groups, tallies, strict=True):
            tally.add(chunk[..., group])
    found = tuple(tally.limits(stretch) for tally in tallies)
    return found if stretch.per == "band" else found * len(bands)


def shown(stretch: Stretch, bands: Sequence[int], found: Limits) -> Callable[[Values], Pixels]:
    """The function from values (rows, columns, bands) to RGB (rows, columns, 3)."""
    import numpy as np

    tables: dict[tuple[float, float], Pixels] = {}

    def one(values: Values, low: float, high: float) -> Pixels:
        if values.dtype.kind not in "ui" or values.dtype.itemsize > 2:
            return _scaled(values, low, high, stretch)
        if (low, high) not in tables:  # every possible value once
            every = np.arange(2**16).astype(values.dtype)
            tables[low, high] = _scaled(every, low, high, stretch)
        picked: Pixels = tables[low, high][values.astype(np.uint16)]
        return picked

    def pixels(values: Values) -> Pixels:
        parts = [one(values[..., band], *pair) for band, pair in zip(bands, found, strict=True)]
        return np.stack(parts if len(parts) == 3 else parts * 3, axis=-1)

    return pixels


def _pair(value: Any) -> tuple[float, float]:
    low, high = value
    return float(low), float(high)


def _scaled(values: Values, low: float, high: float, stretch: Stretch) -> Pixels:
    import numpy as np

    if stretch.scale == "decibel":
        values = _decibel(values)
    span = high - low if high > low else 1.0
    with np.errstate(over="ignore", invalid="ignore"):  # the largest floats have no difference
        scaled = np.nan_to_num((values.astype(np.float64) - low) / span, nan=0.0, posinf=1.0, neginf=0.0)
    pixels: Pixels = np.rint(scaled.clip(0, 1) * 255).astype(np.uint8)
    return pixels


def _decibel(values: Values) -> Values:
    """10 log10, not-a-number for what is 0 or less."""
    import numpy as np

    wide = values.astype(np.float64)
    return 10 * np.log10(np.where(wide > 0, wide, np.nan))


class _Tally:
    """The values of a picture, in order: counted where there are at most 2^16 different ones, else kept."""

    def __init__(self) -> None:
        self._counts: Any = None
        self._kept: list[Values] = []
        self._bytes, self._lowest = 0, 0

    def add(self, values: Values) -> None:
        import numpy as np

        if values.dtype.kind in "ui" and values.dtype.itemsize <= 2:
            self._lowest = int(np.iinfo(values.dtype).min)
            places = values.reshape(-1).astype(np.int64) - self._lowest
            counts = np.bincount(places, minlength=2**16)
            self._counts = counts if self._counts is None else self._counts + counts
            return
        finite = values[np.isfinite(values)]
        self._bytes += finite.nbytes
        if self._bytes > 4 * MAX_BYTES:
            raise DataError(
                f"Percentiles of {finite.dtype} values are found up to {4 * MAX_BYTES:,} bytes of them.",
                "Declare a fixed `range` in the card's raster.",
            )
        self._kept.append(finite)

    def limits(self, stretch: Stretch) -> tuple[float, float]:
        import numpy as np

        values: Values
        if self._counts is not None:
            values = np.flatnonzero(self._counts)
            counts, values = self._counts[values], values + self._lowest
        else:
            values = np.concatenate(self._kept) if self._kept else np.empty(0)
            self._kept, counts = [], None
        if stretch.scale == "decibel":
            counts, values = None if counts is None else counts[values > 0], values[values > 0]
        if not len(values):
            raise ValueError("it has no finite values")
        low, high = (_percentile(values, counts, q) for q in stretch.percentiles)
        if high <= low:
            low, high = float(values.min()), float(values.max())
        if stretch.scale == "decibel":
            low, high = (float(v) for v in _decibel(np.array((low, high))))
        return low, high


def _percentile(values: Values, counts: Values | None, percent: float) -> float:
    """numpy's percentile (linear) of values that stand `counts` times each, in rising order; or once each."""
    import numpy as np

    if counts is None:
        return float(np.percentile(values.astype(np.float64, copy=False), percent))
    ends = np.cumsum(counts)
    place = (ends[-1] - 1) * (percent / 100)
    before = int(np.floor(place))
    a, b = (float(values[np.searchsorted(ends, k, "right")]) for k in (before, min(before + 1, ends[-1] - 1)))
    part = place - before
    return float(b - (b - a) * (1 - part) if part >= 0.5 else a + (b - a) * part)
