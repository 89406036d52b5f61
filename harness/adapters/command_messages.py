"""Requests and answers of a program as rows of JSON; command_*.schema.json say the same."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from ..contract import Boxes, Frame, Image, Label, Mask, Request, Response, Text, Token, Wants
from .said_regions import box_of, finite, mask_of

_KINDS = {Text: "text", Label: "label", Boxes: "boxes", Mask: "mask"}


def row_of(request: Request, pictures: Sequence[bytes] | None) -> dict[str, Any]:
    """What a program is asked. `pictures`: the PNG of every image, None where paths are sent."""
    row: dict[str, Any] = {"key": request.key, "wants": _wants(request.wants)}
    if request.prompt:
        row["prompt"] = request.prompt
    if request.system is not None:
        row["system"] = request.system
    row["images"] = [
        _image(image, None if pictures is None else pictures[i]) for i, image in enumerate(request.images)
    ]
    if request.turns:
        row["turns"] = [asdict(turn) for turn in request.turns]
    if request.regions:
        row["regions"] = [list(region.points) for region in request.regions]
    row["decoding"] = asdict(request.decoding)
    return row


def response_of(row: Mapping[str, Any], request: Request, spoken: bool) -> Response:
    """What a program answered; an answer of another kind than was asked for is an error that says so.

    `spoken`: a dialect will read its texts. Without one the text for a choice is the choice.
    """
    blank = Response(request.key, request.sample_id)
    if row.get("error") is not None:
        return replace(blank, error=str(row["error"])[:2000])
    try:
        found = _answer(row, request.wants, spoken)
        return replace(blank, **found, **_extras(row))
    except ValueError as error:
        return replace(blank, error=f"the program's answer cannot be used: {error}")


def _wants(wants: Wants) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": _KINDS[type(wants)]}
    if isinstance(wants, Text):
        row |= {"question": wants.question, "sentences": wants.sentences}
    elif isinstance(wants, Label):
        row |= {"question": wants.question, "choices": list(wants.choices)}
    elif isinstance(wants, Boxes):
        row |= {"classes": list(wants.classes), "oriented": wants.oriented}
        row |= {} if wants.phrase is None else {"phrase": wants.phrase}
        row |= {} if wants.parent is None else {"parent": wants.parent}
    else:
        row |= {"phrase": wants.phrase}
    return row


def _image(image: Image, picture: bytes | None) -> dict[str, Any]:
    if picture is not None:
        return {"bytes": b64encode(picture).decode()}
    row: dict[str, Any] = {"path": str(Path(image.path).absolute())}
    row |= {"page": image.page} if image.page else {}
    return row | ({"window": list(image.window)} if image.window else {})


def _answer(row: Mapping[str, Any], wants: Wants, spoken: bool) -> dict[str, Any]:
    text, label = row.get("text"), row.get("label")
    for name, make in (("boxes", box_of), ("masks", mask_of)):
        items = row.get(name)
        if items is None:
            continue
        regions = [make(item) for item in items] if isinstance(items, list) else [None]
        if None in regions:
            raise ValueError(f"item {regions.index(None) + 1} of its {name} is none")
        return {"regions": tuple(regions)}
    if isinstance(label, str):
        return {"label": label}
    if not isinstance(text, str):
        raise ValueError("it has no text, label, boxes, masks or error")
    if spoken or isinstance(wants, Text):
        return {"text": text}
    if isinstance(wants, Label):
        return {"label": text}
    raise ValueError("it is text, and no dialect was named to read boxes from it (dialect=NAME)")


def _extras(row: Mapping[str, Any]) -> dict[str, Any]:
    """The parts beside the answer that it has.

    Raises:
        ValueError: one of another form.
    """
    found: dict[str, Any] = {}
    if (tokens := row.get("tokens")) is not None:
        if not isinstance(tokens, list) or not all(map(_is_token, tokens)):
            raise ValueError("its tokens are not [text, log-probability] pairs")
        if "".join(text for text, _ in tokens) != row.get("text"):
            raise ValueError("its tokens together are not its text")
        found["tokens"] = tuple(Token(text, float(logprob)) for text, logprob in tokens)
    if (frame := row.get("frame")) is not None:
        names = {field.name for field in fields(Frame)}
        if not isinstance(frame, dict) or not names >= frame.keys() or not finite(list(frame.values())):
            raise ValueError("its frame is none")
        try:
            found["frame"] = Frame(**frame)
        except TypeError as error:
            raise ValueError("its frame is not complete") from error
        if not found["frame"].scale_x or not found["frame"].scale_y:
            raise ValueError("its frame has a scale of 0")
    for name, kind in (("seconds", float), ("tokens_in", int), ("tokens_out", int)):
        if (value := row.get(name)) is not None:
            if not finite([value]) or value < 0:
                raise ValueError(f"its {name} is no number")
            found[name] = kind(value)
    return found


def _is_token(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], str) and finite(item[1:])
