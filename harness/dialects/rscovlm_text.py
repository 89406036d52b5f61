"""Boxes as RSCoVLM writes them, by the rules of its own evaluation: lines, JSON and its ladder of repairs.

The rules are those of rscovlm/eval/metric/dense_det.py (parse_plain_output, parse_json_output). Repairs
replace characters one for one, so that a place in the repaired text is the same place in the answer.
"""

from __future__ import annotations

import json
import re

from .notation import Written

_LINE = re.compile(r"^[ \t]*(-?\d{1,9}(?:,[ \t]*-?\d{1,9}){3,40})[ \t]+(\S[^\n]*)$", re.M | re.A)
_FENCE = re.compile(r"```(?:json)?")
_COMMAS = re.compile(r",(?: *,)+")
_GAP = re.compile(r"(?<=\d)\s(?=\s*\d)", re.A)
_LABELS = re.compile(r'(?:"label":\s*)+(?="label":)')
_OBJECT = re.compile(r"\{[^{}]*\}")
_NUMBERS = re.compile(r'"(quadrant bbox|oriented bbox|bbox_2d)"\s*:\s*\[([^\[\]]*)\]')
_LABEL = re.compile(r'"label"\s*:\s*"((?:[^"\\]|\\.)*)"')
_VALUE = re.compile(r"[^\s,]+")
_WHOLE = re.compile(r"-?\d{1,9}", re.A)
_COUNTS = {"quadrant bbox": 8, "oriented bbox": 5, "bbox_2d": 4}


def lines(text: str, count: int) -> list[Written]:
    """Objects of one line each, `x1,y1,x2,y2 label`, of `count` whole numbers.

    Of a line with more the first count, a line with fewer is dropped; a number with decimals is none.

    >>> [box.numbers for box in lines("1,2,3,4 ship\\n1,2,3 ship\\n1,2,3,4,5 ship", 4)]
    [(1.0, 2.0, 3.0, 4.0), (1.0, 2.0, 3.0, 4.0)]
    """
    found = []
    for match in _LINE.finditer(text):
        box = _written(list(_WHOLE.finditer(text, *match.span(1))), count, match[2].strip().lower())
        found += [box] if box else []
    return found


def objects(text: str) -> list[Written]:
    """Objects of a JSON list, after the ladder of repairs; those without a box or a label are dropped.

    More numbers than a box has: the first ones; fewer, or one with decimals: dropped.
    """
    text = repaired(text)
    found = []
    for item in _OBJECT.finditer(text):
        place, label = _NUMBERS.search(text, *item.span()), _LABEL.search(text, *item.span())
        if place is None or label is None:
            continue
        values = list(_VALUE.finditer(text, *place.span(2)))
        if all(_WHOLE.fullmatch(value[0]) for value in values):
            box = _written(values, _COUNTS[place[1]], label[1].lower())
            found += [box] if box else []
    return found


def repaired(text: str) -> str:
    """A text that is JSON, or whose lines are, one object each; as long as it was.

    The ladder: the fence goes. What is then no JSON gets square brackets for round ones, one comma for
    several, a comma between two numbers, one `"label":` for several; lines that are no JSON by themselves are
    blanked.

    >>> repaired('[\\n{"label": "label": "a", "bbox_2d": (1 2,, 3, 4)},\\n{"label": ').split()[-3:]
    ['[1,2,', '3,', '4]},']
    """
    text = _FENCE.sub(_blank, text)
    if _is_json(text.strip()):
        return text
    text = text.replace("(", "[").replace(")", "]")
    text = _COMMAS.sub(lambda m: ",".ljust(len(m[0])), text)
    text = _GAP.sub(",", text)
    text = _LABELS.sub(_blank, text)
    return "".join(
        line if _is_json(line.strip().strip(",")) else re.sub(r"[^\n]", " ", line)
        for line in text.splitlines(keepends=True)
    )


def _written(numbers: list[re.Match[str]], count: int, label: str) -> Written | None:
    """The first numbers as a box, if they are enough."""
    kept = numbers[:count]
    if len(kept) < count:
        return None
    return Written(tuple(float(n[0]) for n in kept), label, (kept[0].start(), kept[-1].end()))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
