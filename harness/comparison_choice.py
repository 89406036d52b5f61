"""Which figures of two results are compared: those asked for, or the headline and the published table's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .comparable import NotComparable, Obstacle, card_of, spec_of
from .errors import unknown
from .rating import GIVEN
from .result import Result


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller of `compare` wants."""

    figures: Sequence[str] | None
    resamples: int
    seed: int
    details: bool

    def names(self, known: Sequence[str], shown: Sequence[str], first: Result, second: Result) -> list[str]:
        """The figures to compare among those that both have, the headline before all others.

        Raises:
            UsageError: a name or pattern that no figure has.
            NotComparable: both have none of the figures there would be.
        """
        headline = _headline(known, shown, {*spec_of(first)["confidences"], GIVEN})
        if self.figures is None:
            names = list(dict.fromkeys((*([headline] if headline else []), *_of_table(first, known))))
        else:
            names = [name for pattern in self.figures for name in _matching(pattern, known)]
            names = sorted(dict.fromkeys(names), key=lambda name: name != headline)
        if not names:
            obstacle = Obstacle(
                f"They share no figure of their headlines, {shown[0]} and {shown[1]}.",
                "Give their boxes the same confidence, or name figures that both have with --figures"
                + (f", such as {known[0]!r}." if known else "; they have none."),
            )
            raise NotComparable(first, second, [obstacle])
        return names

    def notes(self, leading: str, shown: Sequence[str]) -> list[str]:
        """That the figure the comparison is led by, unless it was asked for, is not the headline of both."""
        if self.figures is not None or set(shown) == {leading}:
            return []
        return [f"The headlines are {shown[0]} and {shown[1]}; compared is {leading}, which both have."]


def _headline(known: Sequence[str], shown: Sequence[str], sources: Set[str]) -> str | None:
    """The headline of either that both have, or the same figure under a confidence that both have."""
    stems = {stem for stem, _, source in (name.rpartition("/") for name in shown) if source in sources}
    alike = [f"{stem}/{source}" for stem in stems for source in sorted(sources)]
    return next((name for name in (*shown, *alike) if name in known), None)


def _of_table(result: Result, known: Sequence[str]) -> Iterator[str]:
    """The figures of the task's published table; scores of a detector's own stand in for a confidence."""
    card = card_of(result)
    for name in (card.table.get("columns", {}) if card else {}).values():
        given = f"{name.rpartition('/')[0]}/{GIVEN}"
        yield from [found for found in (given, name) if found in known][:1]


def _matching(pattern: str, known: Sequence[str]) -> list[str]:
    if pattern in known:
        return [pattern]
    names = [name for name in known if fnmatchcase(name, pattern)]
    if not names:
        raise unknown("figure that both have", pattern, known)
    return names
