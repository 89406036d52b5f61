"""Boxes between the tags of model families put into brackets, which notation.py reads.

The text keeps its length, so that a place in the result is the same place in the answer:

    {<10><20><30><40>|<57>}               GeoChat, VRSBench, MiniGPT-v2     [,10,,20,,30,,40, ,57,]
    <loc0010><loc0020><loc0030><loc0040>  PaliGemma                         [   0010,    0020 ...]
    <|object_ref_start|>a<|object_ref_end|>, <ref>a</ref>  Qwen, InternVL   <p>a</p>
    (10,20),(30,40)                       Qwen, InternVL                    [10,20 , 30,40]
    <|box_start|>, <box>, <|det|>, <delim>, <seg012> ...                    blank
"""

from __future__ import annotations

import re

_INTEGER = r"[ ]?-?\d{1,7}(?:\.\d{1,7})?[ ]?"
_POINT = re.compile(rf"\({_INTEGER},{_INTEGER}\)")
_POINTS = re.compile(rf"{_POINT.pattern}(?:,[ ]?{_POINT.pattern})+")
_ANGLED = re.compile(rf"\{{?[ ]?(?:<{_INTEGER}>[ ]?){{4,8}}(?:\|[ ]?<?{_INTEGER}>?[ ]?)?\}}?")
_LOCATIONS = re.compile(r"<loc\d{4}>(?:[ ]?<loc\d{4}>){3,7}")
_OPENED = re.compile(r"<\|object_ref_start\|>|<\|?ref\|?>|<ph>")
_CLOSED = re.compile(r"<\|object_ref_end\|>|</ref>|<\|/ref\|>|</ph>")
_BLANK = re.compile(
    r"<\|(?:box|quad)_(?:start|end)\|>|</?(?:box|quad|poly|delim|det)>|<\|/?det\|>|<seg\d{3}>|<unk>|<\|im_end\|>"
)
_SIGNS = str.maketrans("{}<>|()", "  ,,   ")


def bracketed(text: str) -> str:
    """The text with the boxes of every known family in brackets, as long as it was.

    >>> bracketed("<p>ship</p> {<10><20><30><40>|<57>}")
    '<p>ship</p> [,10,,20,,30,,40, ,57,]'
    >>> bracketed("ship(1,2),(3,4)(5,6),(7,8)")
    'ship[1,2 , 3,4][5,6 , 7,8]'
    """
    text = _BLANK.sub(lambda m: " " * len(m[0]), text)
    text = _OPENED.sub(lambda m: "<p>".rjust(len(m[0])), text)
    text = _CLOSED.sub(lambda m: "</p>".ljust(len(m[0])), text)
    text = _LOCATIONS.sub(lambda m: _bracket(m[0].replace("<loc", "    ")), text)
    text = _POINTS.sub(_paired, text)
    return _ANGLED.sub(lambda m: _bracket(m[0]), text)


def _paired(run: re.Match[str]) -> str:
    """Points one after the other: two are a box, and four the corners of one; of an odd number, none."""
    points = [match.span() for match in _POINT.finditer(run[0])]
    if len(points) % 2:
        return run[0]
    many = 4 if len(points) == 4 else 2
    boxes = [_bracket(run[0][points[i][0] : points[i + many - 1][1]]) for i in range(0, len(points), many)]
    gaps = [run[0][points[i - 1][1] : points[i][0]] for i in range(many, len(points), many)]
    return "".join(piece for pair in zip(boxes, [*gaps, ""], strict=True) for piece in pair)


def _bracket(match: str) -> str:
    trailing = len(match) - len(match.rstrip())
    inner = match[1 : len(match) - 1 - trailing].translate(_SIGNS)
    return f"[{inner}]{' ' * trailing}"
