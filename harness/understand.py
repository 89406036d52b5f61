"""Responses to Answers: through the dialect for text, directly for boxes and labels."""

from __future__ import annotations

from dataclasses import replace

from .answers import match_class, match_label
from .contract import Answer, Boxes, Frame, Image, Label, Mask, Region, Response, Text, Wants
from .errors import DataError
from .metrics.calibration import probability_of_tokens
from .roles import Dialect, Seeing


def understand(response: Response, wants: Wants, dialect: Dialect | None, image: Image) -> Answer:
    """What a response without error says, in the task's own class names and original pixels.

    Raises:
        DataError: the response is text and no dialect was named to read it.
    """
    answer = _read(response, wants, dialect, image)
    confidence = None
    if response.tokens and isinstance(wants, (Label, Text)):
        confidence = probability_of_tokens([token.logprob for token in response.tokens])
    a, raw = answer, response.text or response.label
    return Answer(a.label, a.text, a.regions, a.unparsable, raw, confidence)  # `replace` takes thrice as long


def _read(response: Response, wants: Wants, dialect: Dialect | None, image: Image) -> Answer:
    if response.regions is not None and isinstance(wants, Mask):
        return Answer(regions=response.regions)
    if response.regions is not None and isinstance(wants, Boxes):
        return Answer(regions=tuple(_named(region, wants) for region in response.regions))
    if response.label is not None and isinstance(wants, Label):
        label = match_label(response.label, wants.choices, wants.aliases)
        return Answer(
            label=label, unparsable=None if label else f"{response.label!r} is not one of the classes"
        )
    if response.text is None:
        return Answer(unparsable="the model gave another kind of answer than was asked for")
    if dialect is None and isinstance(wants, Text):
        words = response.text.strip()
        return Answer(text=words) if words else Answer(unparsable="the answer is empty")
    if dialect is None:
        raise DataError(
            "The answers are text, and no dialect was named to read them.",
            "Name one: --dialect plain (rsbench list dialects shows all).",
        )
    return dialect.parse(response.text, wants, response.frame or _frame(image, dialect))


def _named(region: Region, wants: Boxes) -> Region:
    label = match_class(region.label, wants.classes, wants.parent, wants.aliases)
    return region if region.label == label else replace(region, label=label)


def _frame(image: Image, dialect: Dialect) -> Frame | None:
    """What was seen where the adapter does not say: what the dialect declares of a picture of this size.

    A dialect that declares nothing takes the picture as it is shown.
    """
    size = image.extent
    if size is None:
        return None
    try:
        return dialect.frame(size) if isinstance(dialect, Seeing) else Frame.plain(*size)
    except DataError:  # no model of the family takes a picture of such sides
        return None
