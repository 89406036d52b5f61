"""Parts of a page before they are markdown or HTML: tables, lists and lines, their texts as they came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from .cells import code, plain, table


class Foreign(str):
    """Words of a model, a file or a data set: markup in them is none."""


class Literal(Foreign):
    """The same, shown letter by letter."""


class Strong(str):
    """Our own words, which must not be overlooked."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first `names` columns hold names, the others numbers. Cells may be Foreign."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph in pieces, of which some are Foreign."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, and the lines below it."""

    pieces: tuple[str, ...]
    under: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    entries: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """A line to paste into a shell."""

    text: str


Block: TypeAlias = Table | Line | Items | Command


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands below it."""

    title: str
    blocks: tuple[Block, ...]


def grid(head: Iterable[str], rows: Iterable[Sequence[str]], names: int = 1) -> Table:
    """A Table of any rows."""
    return Table(tuple(head), tuple(tuple(row) for row in rows), names)


def items(*lines: Sequence[str]) -> Items:
    """A list of lines in pieces."""
    return Items(tuple(Item(tuple(pieces)) for pieces in lines))


def markdown(blocks: Iterable[Block]) -> str:
    """Blocks as markdown, a blank line between two.

    >>> print(markdown([items(("said: ", Literal("<b>")), ("3",))]))
    - said: `<b>`
    - 3
    """
    return "\n\n".join(map(_markdown, blocks))


def _markdown(block: Block) -> str:
    if isinstance(block, Table):
        return table([_safe(t) for t in block.head], [[_safe(c) for c in r] for r in block.rows], block.names)
    if isinstance(block, Items):
        return "\n".join(_lines(block.entries, ""))
    if isinstance(block, Command):
        return f"    {block.text}"
    return joined(block.pieces)


def _lines(entries: Iterable[Item], indent: str) -> Iterator[str]:
    for entry in entries:
        yield f"{indent}- {joined(entry.pieces)}"
        yield from _lines(entry.under, indent + "  ")


def joined(pieces: Iterable[str]) -> str:
    """A text in pieces as markdown."""
    return "".join(map(_safe, pieces))


def _safe(text: str) -> str:
    if isinstance(text, Literal):
        return code(text)
    if isinstance(text, Strong):
        return f"**{text}**"
    return plain(text) if isinstance(text, Foreign) else text
