"""Boxes found in free text: brackets of numbers, the words that name them, and where they stand.

Read are lists in square or round brackets (several boxes of one bracket are parted by `;` or `|`), corners as
pairs `(x1,y1),(x2,y2)`, JSON and what is nearly JSON, and lines of bare numbers. Every search looks at a
bounded piece of the text, so that the time is linear in its length whatever it holds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..answers import match_class
from ..contract import Answer, Boxes, Region
from ..geometry import areas, corners, hull

Points = tuple[float, ...]
Span = tuple[int, int]
Widths = tuple[int, ...]

_BRACKET = re.compile(r"\[[^\[\]()]*(?:\]|(?=\[)|\Z)|\([^\[\]()]*\)")  # the last may be cut off
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?|(?:nan|inf(?:inity)?)\b)", re.I
)
_PIECE = re.compile(r"[^;|]+")
_LINE = re.compile(r"\{[^{}]*\}|[^\n{}]+")
_MARKED = re.compile(r"<p>([^<]*)</p>")
_KEYED = re.compile(
    r"""["']?\b(?:label|class|category|class_?name|category_?name|name|object|type)["']?\s*[:=]\s*"""
    r"""["']?([^"'\n,{}\[\]]+)""",
    re.I,
)
_NOISE = re.compile(
    r"</?\w*>|\b(?:[xy][12]?|[xy]_?m(?:in|ax)|[wh]|width|height|bbox(?:_2d)?|box|boxes|box_2d|bounding|quad|polygon|"
    r"points?|oriented|horizontal|coordinates?|position|located|location|nan|inf|infinity|json|and|is|are|at|with|"
    r"there|in the (?:image|picture|scene))\b",
    re.I,
)
_QUOTED = re.compile(r"""["']([^"']+)["']""")
_RATED = re.compile(r"""\b(?:score|confidence|id)["']?\s*[:=]\s*\Z""", re.I)
_LETTERS = re.compile(r"[^\W\d_]")
_ENUMERATION = re.compile(r"\s*\d+[.)]\s")
_NONE = re.compile(
    r"\bthere (?:is|are|was|were) (?:no|none|nothing|not)\b|n't any\b|\bnone\b|\[\s*\]|\{\s*\}|"
    r"^\W*(?:nothing|no|empty)\b(?! (?:idea|answer|clue))|"
    r"\b(?:contains?|shows?|has|have|see|find|found|detect|detected) (?:no|nothing)\b(?! idea)",
    re.I,
)
_REACH = 400  # characters before and after a bracket that are searched for its label


@dataclass(frozen=True, slots=True)
class Written:
    """A box as it was written: its 4 or 8 numbers, the words that name it ("" for none), where it stands."""

    numbers: Points
    label: str
    span: Span


@dataclass(frozen=True, slots=True)
class _Group:
    """A bracket with numbers, or several that make one box: its boxes and the text range it covers."""

    boxes: tuple[tuple[Points, Span], ...]
    start: int
    end: int
    inside: str = ""


def read_boxes(
    text: str, wants: Boxes, place: Callable[[Points], Points], size: Span | None, angled: bool = False
) -> Answer:
    """The boxes of an answer, under the class names asked for, in pixels of the original image.

    `place` takes 4 or 8 numbers as written, or 5 where boxes are `angled`, to 4 or 8 original pixels; `size`
    (width, height) is the image's. Corners
    of a horizontal box are put in order and clipped to the image; eight numbers where a horizontal box was
    asked for become the box around them. What has no area inside the image is dropped. Oriented boxes are
    kept whole where they overlap the image. Boxes with another count of numbers, or with one that is not
    finite or beyond ten million, are dropped; if nothing else is there the answer is unparsable.
    Never raises.
    """
    if not text.strip():
        return Answer(unparsable="the answer is empty")
    written, dropped = find_boxes(text, wants.oriented, angled)
    if written or (not dropped and _NONE.search(text[:2000])):
        return Answer(regions=settled(written, wants, place, size))
    return Answer(unparsable=dropped[0] if dropped else "no box and no word that there is none")


def settled(
    written: Sequence[Written], wants: Boxes, place: Callable[[Points], Points], size: Span | None
) -> tuple[Region, ...]:
    """What is left of boxes as they were written: see `read_boxes`."""
    labels: dict[str, str] = {}
    regions = []
    for box in written:
        points = _settle(place(box.numbers), wants.oriented, size)
        if points is None:
            continue
        if box.label not in labels:
            labels[box.label] = _named(box.label, wants)
        regions.append(Region(points, labels[box.label], span=box.span))
    return tuple(regions)


def find_boxes(text: str, oriented: bool = False, angled: bool = False) -> tuple[list[Written], list[str]]:
    """Every box in a text, and why others were dropped.

    A bracket of more than eight numbers without `;` is cut into fours, or eights where `oriented`. Five
    numbers are a box where boxes are `angled`.

    >>> find_boxes("There are <p>2 ships</p>[0.1,0.2,0.3,0.4;0.5,0.5,0.6,0.6]")[0][1].numbers
    (0.5, 0.5, 0.6, 0.6)
    """
    dropped: list[str] = []
    widths = (*([5] if angled else []), *([8] if oriented else []))
    groups = list(_joined(_brackets(text, widths, dropped), text, dropped))
    if not any(group.boxes for group in groups):
        return list(_bare(text, widths)), dropped
    after = _labels_follow(text, groups[0])
    written, label = [], ""
    for i, group in enumerate(groups):
        low = groups[i - 1].end if i else 0
        high = groups[i + 1].start if i + 1 < len(groups) else len(text)
        before = text[max(low, group.start - _REACH) : group.start]
        behind = text[group.end : min(high, group.end + _REACH)]
        label = group.inside or _label(before, behind, after) or label
        written += [Written(numbers, label, span) for numbers, span in group.boxes]
    return written, dropped


def _brackets(text: str, widths: Widths, dropped: list[str]) -> Iterator[_Group]:
    """Brackets with numbers; a bracket that holds one pair (x, y) is passed on as it is."""
    for match in _BRACKET.finditer(text):
        start, end = match.span()
        found = list(_NUMBER.finditer(text, start, end))
        if not found or (text[start] == "(" and _words(_NUMBER.sub(" ", match[0][:_REACH]))):
            continue  # an aside, not a list
        boxes: list[tuple[Points, Span]] = []
        for piece in _PIECE.finditer(text, start, end):
            boxes += _cut(list(_NUMBER.finditer(text, *piece.span())), widths, dropped)
        if len(boxes) > 1 and all(len(numbers) == 2 for numbers, _ in boxes):
            boxes = _corners(boxes, dropped)
        tail = _QUOTED.search(text, found[-1].end(), min(end, found[-1].end() + _REACH))
        inside = _words(text[start : found[0].start()][-_REACH:]) or (tail[1] if tail else "")
        yield _Group(tuple(boxes), start, end, inside)


def _corners(pairs: list[tuple[Points, Span]], dropped: list[str]) -> list[tuple[Points, Span]]:
    """Two or four pairs (x, y) as one box."""
    if len(pairs) not in (2, 4):
        dropped.append(f"a box of {2 * len(pairs)} numbers in place of 4 or 8")
        return []
    numbers = tuple(v for pair, _ in pairs for v in pair)
    return [(numbers, (pairs[0][1][0], pairs[-1][1][1]))]


def _cut(found: list[re.Match[str]], widths: Widths, dropped: list[str]) -> list[tuple[Points, Span]]:
    """Numbers in a row as boxes; a pair stays a pair. `widths` are tried before four where there are many."""
    count = len(found)
    whole = count in (2, 4, 8) or (count == 5 and 5 in widths)
    width = count if whole else next((n for n in widths if count % n == 0), 4)
    if count % width:
        dropped.append(f"a box of {count} numbers in place of 4 or 8")
        return []
    boxes = []
    for row in (found[i : i + width] for i in range(0, count, width)):
        numbers = tuple(float(m[0]) for m in row)
        if all(abs(v) <= 1e7 for v in numbers):
            boxes.append((numbers, (row[0].start(), row[-1].end())))
        else:
            dropped.append("a box with a number that is not finite or far too large")
    return boxes


def _joined(groups: Iterator[_Group], text: str, dropped: list[str]) -> Iterator[_Group]:
    """Brackets of one pair (x, y) that follow each other make one box of two or four corners."""
    run: list[_Group] = []

    def finished() -> Iterator[_Group]:
        if run:
            boxes = _corners([group.boxes[0] for group in run], dropped)
            yield _Group(tuple(boxes), run[0].start, run[-1].end, run[0].inside)
        run.clear()

    for group in groups:
        pair = len(group.boxes) == 1 and len(group.boxes[0][0]) == 2
        if run and not (pair and not text[run[-1].end : group.start].strip(" ,;\n\t")):
            yield from finished()
        if pair:
            run.append(group)
        else:
            boxes = tuple(box for box in group.boxes if len(box[0]) != 2)
            dropped += ["a box of 2 numbers in place of 4 or 8"] * (len(group.boxes) - len(boxes))
            yield replace(group, boxes=boxes)
    yield from finished()


def _bare(text: str, widths: Widths) -> Iterator[Written]:
    """Boxes without brackets: a line, or what is between braces, with 4 or 8 numbers."""
    last = 0
    for line in _LINE.finditer(text):
        start, end = line.span()
        if mark := _ENUMERATION.match(text, start, end):
            start = mark.end()
        found = [m for m in _NUMBER.finditer(text, start, end) if not _rates(text, start, m.start())]
        if len(found) not in (4, 8, *widths):
            continue
        keyed = _KEYED.search(text, start, end)
        if (
            keyed is None and text[start] == "{"
        ):  # coordinates are an object of their own in that of the label
            behind = text[end : end + _REACH].partition("{")[0]
            keyed = _KEYED.search(text, max(last, start - _REACH), start) or _KEYED.search(behind)
        label = keyed[1] if keyed else _words(_NUMBER.sub(" ", text[start:end][-_REACH:]))
        for numbers, span in _cut(found, widths, []):
            yield Written(numbers, label, span)
        last = end


def _rates(text: str, start: int, place: int) -> bool:
    """Whether the number at a place is a score or an id, by its key."""
    return _RATED.search(text, max(start, place - 20), place) is not None


def _label(before: str, behind: str, after: bool) -> str:
    """The words that name a bracket: marked, keyed in the same JSON object, before it, or behind it."""
    if marked := _MARKED.findall(before):
        return str(marked[-1])
    opened, closed = before.rfind("{"), behind.find("}")
    keyed = _KEYED.search(before, opened) if opened >= 0 else None
    if keyed is None and closed >= 0:
        keyed = _KEYED.search(behind, 0, closed)
    if keyed:
        return keyed[1].strip()
    return _words(behind.partition("\n")[0]) if after else _words(before)


def _labels_follow(text: str, first: _Group) -> bool:
    """Whether labels stand behind their numbers: the first bracket begins its line, words follow on it."""
    line = text[max(0, first.start - _REACH) : first.start].rpartition("\n")[2]
    rest = text[first.end : first.end + _REACH].partition("\n")[0]
    return not _words(line) and "}" not in rest and bool(_words(rest))


def _words(text: str) -> str:
    """A text without what belongs to the notation; "" if no letter is left."""
    rest = _NOISE.sub(" ", text)
    return rest.strip(" \t\n\"'`,.:;=-<>[](){}|") if _LETTERS.search(rest) else ""


def _named(label: str, wants: Boxes) -> str:
    if wants.phrase is not None or not label:
        return wants.classes[0] if len(wants.classes) == 1 else wants.parent or wants.phrase or ""
    return match_class(label, wants.classes, wants.parent, wants.aliases)


def _settle(points: Points, oriented: bool, size: Span | None) -> Points | None:
    """A box in order and inside the image, or None where nothing of it is left."""
    if not all(math.isfinite(v) for v in points):
        return None
    width, height = size or (math.inf, math.inf)
    x1, y1, x2, y2 = hull(points)
    x1, y1, x2, y2 = max(x1, 0.0), max(y1, 0.0), min(x2, width), min(y2, height)
    if x2 <= x1 or y2 <= y1:
        return None
    if len(points) == 4 or not oriented:
        return (x1, y1, x2, y2)
    return corners(points) if float(areas([points])[0]) > 0 else None
