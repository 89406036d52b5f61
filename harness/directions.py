"""Words that mean something else once a picture is turned: left, north, above, o'clock, places in numbers.

Which samples are asked about turned pictures hangs on this list alone. It errs on the side of leaving one
out: a sample that is turned although it speaks of a direction would be scored against a false truth, one
that is left out is only counted.
"""

from __future__ import annotations

import re

from .contract import Sample

_SIDES = "left|right|top|bottom|upper|lower|uppermost|lowermost|topmost|bottommost|leftmost|rightmost"
_WAYS = "leftwards?|rightwards?|upwards?|downwards?|sideways|upside|lefthand|righthand"
_WINDS = r"(?:(?:north|south)[- ]?)?(?:north|south|east|west)(?:ern|ernmost|wards?|erly|bound)?"
_RELATIONS = "above|below|beneath|underneath|atop|behind|in front of"
_AXES = "horizontal|horizontally|vertical|vertically|diagonal|diagonally|upright"
_TURNS = "clockwise|anti-?clockwise|counter-?clockwise|o ?['’`]? ?clock"
_NOUNS = "directions?|orientations?|orientated|oriented|headings?|azimuths?|bearings?|compass|coordinates?"
_ORDINAL = r"first|second|third|fourth|fifth|last|\d+(?:st|nd|rd|th)?"
_PLACED = rf"(?:{_ORDINAL})[- ](?:row|column)s?|(?:row|column)s? \d+"
_ALL = (_SIDES, _WAYS, _WINDS, _RELATIONS, _AXES, _TURNS, _NOUNS, _PLACED)
_WORDS = re.compile(rf"\b(?:{'|'.join(_ALL)})\b", re.IGNORECASE)
_UP = re.compile(  # but "made up of", "up to five", "lined up"
    r"(?<!made )(?<!make )(?<!makes )(?<!making )(?<!lined )(?<!built )(?<!set )(?<!takes )(?<!close )"
    r"\b(?:up|down)\b(?! to| of)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"\b(?:NE|NW|SE|SW)\b|[左右上下东南西北]")
_NUMBERS = re.compile(r"[\[({<]\s*-?\d[\d.]*\s*[,;><\s]+-?\d|\d[\d.]*\s*,\s*\d[\d.]*\s*,\s*\d[\d.]*\s*,\s*\d")


def directed(text: str) -> bool:
    """Whether a text speaks of directions, or of places in numbers.

    >>> directed("Is the ship left of the pier?"), directed("made up of two rows"), directed("at [3, 5]")
    (True, False, True)
    """
    return any(pattern.search(text) for pattern in (_WORDS, _UP, _LETTERS, _NUMBERS))


def speaks_of_directions(sample: Sample) -> bool:
    """Whether the question of a sample, one of its options, or what is true of it does."""
    target = sample.target
    names = {region.label for region in target.regions}
    texts = (sample.question, *target.texts, *target.choices, *names, target.label or "")
    return any(map(directed, texts))
