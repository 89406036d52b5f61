"""The instructions of MMRS-1M that the dialect of EarthGPT has no request for."""

from __future__ import annotations

from ...harness.dialects.earthgpt import plural

# The paper prints no question of referring detection (IV-B describes it): both wordings have the data files'
_NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()


def referring(label: str, oriented: bool) -> str:
    """The question for all objects of one class; the two forms differ in the data files.

    >>> referring("tennis court", False)
    'Detect tennis courts shown in the image using horizontal bounding boxes.'
    >>> referring("ship", True)
    'Detect all ships in the image and describe using oriented bounding box.'
    """
    if oriented:
        return f"Detect all {plural(label)} in the image and describe using oriented bounding box."
    return f"Detect {plural(label)} shown in the image using horizontal bounding boxes."


def referred(label: str, count: int, bracket: str) -> str:
    """The answer to it; `bracket` holds the boxes. Numbers beyond twelve are written as digits (INFERRED).

    >>> referred("tennis court", 8, "[...]"), referred("ship", 1, "[...]")
    ('There are eight tennis courts [...] in the image.', 'There is one ship [...] in the image.')
    """
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    noun = label if count == 1 else plural(label)
    return f"There {'is' if count == 1 else 'are'} {number} {noun} {bracket} in the image."
