"""Values to JSON-able rows and back; defaults are left out, so that a row holds what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields
from typing import Any

from .contract import (
    Boxes,
    Frame,
    Image,
    Label,
    Mask,
    Raster,
    Region,
    Response,
    Sample,
    Target,
    Text,
    Token,
    Wants,
)

_WANTS: dict[str, type[Wants]] = {"text": Text, "label": Label, "boxes": Boxes, "mask": Mask}


def wants_to(wants: Wants) -> dict[str, Any]:
    """A row that names the kind of output asked for.

    >>> wants_to(Text("Is there a ship?"))
    {'kind': 'text', 'question': 'Is there a ship?', 'sentences': False}
    """
    return {"kind": type(wants).__name__.lower(), **asdict(wants)}


def response_to(response: Response) -> dict[str, Any]:
    """A row of responses.jsonl."""
    row = _sparse(response)
    if response.regions is not None:
        row["regions"] = regions_to(response.regions)
    if response.tokens:
        row["tokens"] = [[token.text, token.logprob] for token in response.tokens]
    if response.frame is not None:
        row["frame"] = asdict(response.frame)
    return row


def response_from(row: Mapping[str, Any]) -> Response:
    """The response of a row."""
    values = dict(row)
    if values.get("regions") is not None:
        values["regions"] = _regions(values["regions"])
    if "tokens" in values:
        values["tokens"] = tuple(Token(text, logprob) for text, logprob in values["tokens"])
    if "frame" in values:
        values["frame"] = Frame(**values["frame"])
    return Response(**values)


def sample_to(sample: Sample) -> dict[str, Any]:
    """A row of samples.jsonl; where the images lie on this machine, and the Spec's stretch, are left out."""
    parts = {
        "images": images_to(sample.images),
        "target": target_to(sample.target),
        "tags": dict(sample.tags),
    }
    row = _sparse(sample) | parts
    return row | {"regions": regions_to(sample.regions)} if sample.regions else row


def images_to(images: tuple[Image, ...]) -> list[dict[str, Any]]:
    """The images of a sample's row."""
    return [{k: v for k, v in _sparse(image).items() if k not in ("path", "stretch")} for image in images]


def target_to(target: Target) -> dict[str, Any]:
    """The target of a sample's row."""
    row = _sparse(target)
    return row | {"regions": regions_to(target.regions)} if target.regions else row


def regions_to(regions: tuple[Region, ...]) -> list[dict[str, Any]]:
    """Regions as rows."""
    return [_region(region) for region in regions]


def sample_from(row: Mapping[str, Any]) -> Sample:
    """The sample of a row; its images have no path."""
    target = row["target"]
    return Sample(
        id=row["id"],
        images=tuple([_image(image) for image in row["images"]]),
        target=Target(
            label=target.get("label"),
            texts=tuple(target.get("texts", ())),
            regions=_regions(target.get("regions", ())),
            kind=target.get("kind", ""),
            choices=tuple(target.get("choices", ())),
            size=tuple(target["size"]) if "size" in target else None,
        ),
        question=row.get("question", ""),
        tags=row["tags"],
        regions=_regions(row.get("regions", ())),
    )


def _region(region: Region) -> dict[str, Any]:
    row = _sparse(region)
    return row if region.mask is None else row | {"mask": asdict(region.mask)}


def _image(row: Mapping[str, Any]) -> Image:
    size, window = row.get("size"), row.get("window")
    return Image(
        name=row["name"],
        path="",
        page=row.get("page", 0),
        window=tuple(window) if window else None,
        size=tuple(size) if size else None,
        change=row.get("change", ""),
    )


def _regions(rows: Any) -> tuple[Region, ...]:
    regions = []
    for row in rows:
        values = dict(row)
        values["points"] = tuple(values["points"])
        if "span" in values:
            values["span"] = tuple(values["span"])
        if "mask" in values:
            values["mask"] = Raster(**values["mask"])
        regions.append(Region(**values))
    return tuple(regions)


def _sparse(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults, not recursive."""
    row = {}
    for field in fields(value):
        item = getattr(value, field.name)
        if field.default is MISSING or item != field.default:
            row[field.name] = item
    return row
