"""Splits that nobody published, frozen by the names of the items alone: they are the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

from ..errors import DataError
from .card import Card

ALL = "all"  # the split that holds every item


def share_of(names: Iterable[str], share: Mapping[str, Any], split: str) -> list[str]:
    """A split's share: names ordered by their SHA-256 are cut at the sums of the shares.

    The splits are apart, together hold every name while the shares sum to 1, and depend on no order. The cut
    is of the names given: a part of a data set is cut in the same proportions, at other places.

    >>> [len(share_of("abcdefghij", {"train": 0.7, "test": 0.3}, s)) for s in ("train", "test")]
    [7, 3]
    """
    ordered = sorted(names, key=lambda name: sha256(name.encode()).hexdigest())
    start, stop = interval(share, split)
    return ordered[round(start * len(ordered)) : round(stop * len(ordered))]


def interval(share: Mapping[str, Any], split: str) -> tuple[Fraction, Fraction]:
    """From where to where a split takes of what is cut, in [0, 1]: after those before it, or [from, to].

    >>> interval({"test": 0.8, "train": 0.2}, "train") == interval({"train": [0.8, 1]}, "train")
    True
    """
    start = Fraction(0)
    for name, part in share.items():
        if isinstance(part, (list, tuple)):
            low, high = (Fraction(str(value)) for value in part)
        else:
            low, high = start, start + Fraction(str(part))
            start = high
        if name == split:
            return low, high
    raise KeyError(split)


def of_split(names: Sequence[str], card: Card, split: str) -> list[str]:
    """The names that belong to a split of data that comes in one piece, in the order given.

    Card options: `match`, a regular expression for each split that is found in the names of its items; or
    `share`, the part of each split. All of them where the card has neither, or for the split `all`.

    Raises:
        DataError: a split that the card does not cut.
    """
    match, share = card.options.get("match", {}), card.options.get("share", {})
    if split in ("", ALL) or not (match or share):
        return list(names)
    if split in match:
        return [name for name in names if re.search(match[split], name)]
    if split not in share:
        raise DataError(f"{card.title} has no split {split!r}.", f"It has: {', '.join([*match, *share])}.")
    kept = set(share_of(names, share, split))
    return [name for name in names if name in kept]
