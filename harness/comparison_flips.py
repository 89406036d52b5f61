"""The samples of which two runs made something else, and the objects that only one of them found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .judgement import FOUND, MISSED
from .outcomes import RATED, Outcome


@dataclass(frozen=True, slots=True)
class Flip:
    """One sample, before and after.

    `sample` is its id, of a picture in tiles that of the whole picture. `lost` are objects that the first
    alone found, `won` those that the second alone did.
    """

    sample: str
    first: Outcome
    second: Outcome
    lost: int = 0
    won: int = 0

    @property
    def change(self) -> tuple[str, str]:
        """The states before and after, such as ("right", "wrong")."""
        return self.first.state, self.second.state

    @property
    def gain(self) -> float:
        """By how much the sample is worth more to the second; 0 where it is undefined for either."""
        before, after = self.first.judgement.value, self.second.judgement.value
        return after - before if before is not None and after is not None else 0.0

    @property
    def kind(self) -> str:
        """The change in words: "right -> wrong", or of the same state what it is worth now."""
        before, after = self.change
        if before != after:
            return f"{before} -> {after}"
        trend = "worth less" if self.gain < 0 else "worth more" if self.gain > 0 else "other objects found"
        return f"{before} -> {after}, {trend}"


def by_kind(flips: Sequence[Flip]) -> dict[str, list[Flip]]:
    """The flips of every kind of change, in their order."""
    found: dict[str, list[Flip]] = {}
    for flip in flips:
        found.setdefault(flip.kind, []).append(flip)
    return found


def flips_of(first: Sequence[Outcome], second: Sequence[Outcome]) -> list[Flip]:
    """Every sample whose state or found objects changed, or its value where there is no right and wrong.

    What became worst comes first, of equally bad ones what lost more objects. Both are of the same samples;
    the second's may be in another order.
    """
    return sorted(_flips(first, second), key=lambda flip: (flip.gain, flip.won - flip.lost, -flip.lost))


def _flips(first: Sequence[Outcome], second: Sequence[Outcome]) -> Iterator[Flip]:
    for before, after in _both(first, second):
        lost = won = 0
        if before.judgement.objects:
            pairs = _objects(before, after)
            lost, won = pairs[FOUND, MISSED], pairs[MISSED, FOUND]
        flip = Flip(before.sample.id, before, after, lost, won)
        rated = RATED in flip.change and flip.gain != 0
        if before.state != after.state or flip.lost or flip.won or rated:
            yield flip


def changes_of(first: Sequence[Outcome], second: Sequence[Outcome]) -> dict[tuple[str, str], int]:
    """How many samples went from which state to which, the commonest first."""
    return dict(Counter((b.state, a.state) for b, a in _both(first, second)).most_common())


def objects_of(first: Sequence[Outcome], second: Sequence[Outcome]) -> tuple[int, int, int, int] | None:
    """Objects that both found, the first alone, the second alone, neither; None where none is asked for."""
    pairs: Counter[tuple[str, str]] = Counter()
    for before, after in _both(first, second):
        if before.judgement.objects:
            pairs.update(_objects(before, after))
    order = (FOUND, FOUND), (FOUND, MISSED), (MISSED, FOUND), (MISSED, MISSED)
    counts = [pairs[key] for key in order]
    return (counts[0], counts[1], counts[2], counts[3]) if any(counts) else None


def _both(first: Sequence[Outcome], second: Sequence[Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    others = {outcome.sample.id: outcome for outcome in second}
    return ((outcome, others[outcome.sample.id]) for outcome in first)


def _objects(first: Outcome, second: Outcome) -> Counter[tuple[str, str]]:
    """What every object counts as in both."""
    return Counter(zip(first.judgement.objects, second.judgement.objects, strict=True))
