"""A comparison in words: what is shown and what is not, tables of figures and slices, flipped samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .cells import DASH, code, model, number, plain, table
from .comparable import spec_of
from .compared_content import said, truth
from .comparison import Compared, Comparison
from .comparison_flips import Flip, by_kind
from .comparison_slices import FEW, SliceCompared
from .metrics.paired import Difference
from .outcomes import RATED, RIGHT, UNPARSABLE, WRONG

LEVEL = 0.05
_STATES = (RIGHT, WRONG, UNPARSABLE, RATED)
_SLICES = 20  # rows of the table; the others contribute less
_LONGEST = 160  # characters of an answer on a terminal


def page(comparisons: Sequence[Comparison], flips: int, markdown: bool = False) -> str:
    """All comparisons with one baseline, A; `flips` samples of every kind of change are listed.

    What models, files and data sets say is shown letter by letter: as code in markdown, and without control
    characters on a terminal.
    """
    style = _Markdown() if markdown else _Terminal()
    letters = [chr(ord("B") + place) for place in range(len(comparisons))]
    blocks = [
        block
        for letter, comparison in zip(letters, comparisons, strict=True)
        for block in _Page(comparison, letter, style, flips).blocks()
    ]
    return "\n\n".join(block.strip("\n") for block in blocks if block) + "\n"


def verdict(comparison: Comparison, letter: str = "B", words: Callable[[str], str] | None = None) -> str:
    """Is the other better or worse than A in the figure shown, as far as can be told?

    `words` is how the figure's name is shown, without control characters if not said.
    """
    found = next(f for f in comparison.figures if f.figure == comparison.shown)
    difference, name = found.difference, (words or _visible)(found.figure)
    if difference is None:
        values = f"A {_value(found, found.first)}, {letter} {_value(found, found.second)}"
        return f"Nothing can be said about {name}, which has no interval: {values}."
    if not _differs(difference):
        nothing = comparison.changes is not None and not comparison.flips
        also = ", and no sample counts differently" if nothing else ""
        return f"{letter} equals A in {name}: {_value(found, found.first)} both{also}."
    chance, interval = _chance(found, len(comparison.figures)), _interval(found.unit, difference)
    few = ""
    if 0 < comparison.groups < FEW:
        few = f" Only {comparison.groups} pictures were drawn from: of so few, an interval says little."
    if found.adjusted is not None and found.adjusted <= LEVEL:
        better = "better" if (found.gain or 0) > 0 else "worse"
        return (
            f"{letter} is {better} than A in {name} by {_amount(found.unit, abs(difference.value))}: "
            f"the interval of {letter} - A, {interval}, excludes 0 ({chance}).{few}"
        )
    alone = difference.low > 0 or difference.high < 0
    why = "excludes 0 only when the figure is looked at alone" if alone else "includes 0"
    return (
        f"No difference in {name} is shown: {letter} - A is {_signed(found.unit, difference.value)}, and its "
        f"interval, {interval}, {why} ({chance}). That is no proof that they are equal: the difference may "
        f"be anything in the interval.{few}"
    )


def _chance(found: Compared, count: int) -> str:
    said = f"p {_p(found.difference.p if found.difference else None)}"
    return f"{said}, {_p(found.adjusted)} after Holm over {count} figures" if count > 1 else said


@dataclass(frozen=True, slots=True)
class _Terminal:
    """Titles, foreign words and lists as plain lines."""

    def title(self, words: str) -> str:
        return words

    def words(self, foreign: str) -> str:
        shown = _visible(foreign)
        return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} ... ({len(foreign)} characters)"

    literal = words

    def item(self, head: str, parts: Sequence[str]) -> str:
        return "\n".join([f"  {head}", *(f"    {part}" for part in parts)])


@dataclass(frozen=True, slots=True)
class _Markdown:
    """The same for a page."""

    def title(self, words: str) -> str:
        return f"### {words}"

    def words(self, foreign: str) -> str:
        return plain(_visible(foreign))

    def literal(self, foreign: str) -> str:
        return code(_visible(foreign))

    def item(self, head: str, parts: Sequence[str]) -> str:
        return "\n".join([f"- {head}", *(f"  - {part}" for part in parts)])


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks of one comparison."""

    comparison: Comparison
    letter: str
    style: _Terminal | _Markdown
    most: int

    def blocks(self) -> Iterator[str]:
        found = self.comparison
        yield verdict(found, self.letter, self.style.words)
        yield self.about()
        yield self.figures()
        if found.slices:
            yield self.slices()
        if found.changes is not None:
            yield self.changes()
            yield from self.flips()

    def about(self) -> str:
        """What was compared with what, how, and on what."""
        found, letter = self.comparison, self.letter
        spec = spec_of(found.first)
        sides = [("A", found.first, 0), (letter, found.second, 1)]
        lines = [
            f"{name}  {self.style.literal(side.name)}: {self.style.words(model(spec_of(side)))}, "
            f"{found.unparsable[k]} unparsable"
            for name, side, k in sides
        ]
        labels = [label for label in found.first.report.labels if not label.startswith("incomplete")]
        label = f" ({self.style.words('; '.join(labels))})" if labels else ""
        pictures = f" of {found.groups:,} pictures" if found.groups else ""
        lines.append(f"{spec['task']}{label}: {found.samples:,} samples{pictures}.")
        lines += [
            f"Differs: {self.style.words(name)}: {self.style.words(one)} -> {self.style.words(other)}"
            for name, one, other in found.differs
        ] or ["Nothing in their settings differs."]
        lines += [f"Note: {self.style.words(note)}" for note in found.notes]
        end = "  \n" if isinstance(self.style, _Markdown) else "\n"
        return end.join(lines)

    def figures(self) -> str:
        found, letter = self.comparison, self.letter
        head = ["Figure", "A", letter, f"{letter} - A [95 %]", "p", "p (Holm)"]
        rows = [
            [
                self.style.words(f.figure) + ("" if f.higher_is_better else " (less is better)"),
                _value(f, f.first),
                _value(f, f.second),
                _change(f.unit, f.difference),
                _p(f.difference.p if f.difference else None),
                _p(f.adjusted),
            ]
            for f in found.figures
        ]
        if found.paired:
            how = (
                f"Paired bootstrap: {found.draws:,} draws of pictures, the same for both. "
                f"Holm's correction is over all figures of this table, {len(rows)}."
            )
        else:
            how = (
                "Unpaired: one side is a report without its answers, so the two intervals are set against "
                "each other as if of different samples, which sees less. Give the folders of both runs for "
                "paired differences, slices and flipped samples."
            )
        lines = [table(head, rows), "", how]
        if found.left_out:
            listed = ", ".join(map(self.style.words, found.left_out[:4])) + (
                " ..." if len(found.left_out) > 4 else ""
            )
            lines.append(f"{len(found.left_out)} figures that one side lacks are left out: {listed}")
        return "\n".join(lines)

    def slices(self) -> str:
        found, letter = self.comparison, self.letter
        title = self.style.title(f"Where it lies: {self.style.words(found.shown)}")
        if not any(part.difference and _differs(part.difference) for part in found.slices):
            return f"{title}\n\nNo slice differs."
        unit = next(f.unit for f in found.figures if f.figure == found.shown)
        head = ["Slice", "Samples", "Pictures", "A", letter, f"{letter} - A [95 %]", "Part", "p (Holm)"]
        rows = [self.slice_row(s, unit) for s in found.slices[:_SLICES]]
        tested = sum(s.adjusted is not None for s in found.slices)
        lines = [
            title,
            "",
            table(head, rows),
            "",
            f"Part: the difference times the slice's share. Holm's correction is over {tested} slices; "
            f"one of under {FEW} pictures (few) is not tested.",
        ]
        if len(found.slices) > _SLICES:
            lines.append(f"{len(found.slices) - _SLICES} more slices contribute less.")
        return "\n".join(lines)

    def slice_row(self, row: SliceCompared, unit: str) -> list[str]:
        values = [_number(unit, value) for value in (row.first, row.second)]
        name = self.style.words(f"{row.tag}: {row.value}")
        part, p = _points(unit, row.contribution), "few" if row.few else _p(row.adjusted)
        counts = [f"{row.samples:,}", f"{row.pictures:,}"]
        return [name, *counts, *values, _change(unit, row.difference), part, p]

    def changes(self) -> str:
        """How many samples went from which state to which, and what tests of right and wrong say."""
        found, letter = self.comparison, self.letter
        counts: Mapping[tuple[str, str], int] = found.changes or {}
        states = [state for state in _STATES if any(state in pair for pair in counts)]
        head = [f"A (rows), {letter} (columns)", *states]
        rows = [[one, *(str(counts.get((one, other), 0)) for other in states)] for one in states]
        said = table(head, rows) if len(states) > 1 else f"All are {states[0]} in both."
        lines = [self.style.title("Samples"), "", said, ""]
        if found.objects:
            both, lost, won, neither = found.objects
            alone = f"{lost} by A alone, {won} by {letter} alone"
            lines.append(f"Objects: {both} found by both, {alone}, {neither} by none.")
        if test := found.mcnemar:
            one_each = " It takes samples as independent." if found.groups < found.samples else ""
            lines.append(
                f"McNemar: {test.first_only} right in A alone, {test.second_only} in {letter} alone, "
                f"p {_p(test.p)}.{one_each}"
            )
        return "\n".join(lines)

    def flips(self) -> Iterator[str]:
        """The samples of every kind of change, what became worst first."""
        for kind, flips in by_kind(self.comparison.flips).items() if self.most else ():
            shown = flips[: self.most]
            count = f"{len(flips):,}" if len(flips) == len(shown) else f"{len(shown)} of {len(flips):,}"
            head = self.style.title(f"{kind}: {count}")
            yield "\n".join([head, *(self.flip(flip) for flip in shown)])

    def flip(self, flip: Flip) -> str:
        lines = [f"truth: {self.style.literal(truth(flip.first.sample.target))}"]
        if flip.lost or flip.won:
            lines.append(f"objects found by A alone: {flip.lost}, by {self.letter} alone: {flip.won}")
        lines += [
            f"{name}: {self.style.literal(said(outcome))}"
            for name, outcome in (("A", flip.first), (self.letter, flip.second))
        ]
        return self.style.item(self.style.literal(flip.sample), lines)


def _differs(difference: Difference) -> bool:
    return (difference.value, difference.low, difference.high) != (0, 0, 0)


def _visible(foreign: str) -> str:
    """Text on one line; what moves a cursor, hides or turns round text is written as its code."""
    line = " ".join(foreign.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def _value(figure: Compared, value: float | None) -> str:
    return _number(figure.unit, value)


def _number(unit: str, value: float | None) -> str:
    return number(value) if unit == "%" or value is None else f"{value:.4g}"


def _change(unit: str, difference: Difference | None) -> str:
    if difference is None:
        return DASH
    return f"{_points(unit, difference.value)} [{_interval(unit, difference, ', ')}]"


def _interval(unit: str, difference: Difference, between: str = " to ") -> str:
    return f"{_points(unit, difference.low)}{between}{_points(unit, difference.high)}"


def _points(unit: str, value: float) -> str:
    """With its sign; a zero has none."""
    shown = f"{100 * value:+.2f}" if unit == "%" else f"{value:+.4g}"
    return shown.lstrip("+-") if not any(c in "123456789" for c in shown) else shown


def _signed(unit: str, value: float) -> str:
    return f"{_points(unit, value)} points" if unit == "%" else f"{_points(unit, value)} {unit}".rstrip()


def _amount(unit: str, value: float) -> str:
    return _signed(unit, value).lstrip("+")


def _p(value: float | None) -> str:
    return DASH if value is None else f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"
