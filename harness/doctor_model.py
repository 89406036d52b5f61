"""What a model is really asked: literal prompt, tokens, picture; and whether batches are harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from .contract import Boxes, Decoding, Frame, Image, Label, Request, Response, Text, Wants, digest
from .engines.serial import Serial
from .errors import DataError
from .roles import Adapter, Dialect, Instructing

# what log-probabilities may differ by between a batch and its requests alone, by the type of the weights
TOLERANCES = {"float32": 1e-3, "bfloat16": 0.25, "float16": 0.05}
_CLASSES = ("airport", "beach", "bridge", "forest", "harbor")
_ASKED: tuple[tuple[Wants, tuple[int, int]], ...] = (  # of different lengths, about different sizes
    (Text("Is there a ship in the image?"), (300, 200)),
    (Label(_CLASSES), (200, 320)),
    (Text("", sentences=True), (256, 256)),
    (Boxes(("ship", "airplane")), (640, 480)),
)


class Shown(Protocol):
    """What a model was shown for one request of a batch."""

    @property
    def prompt(self) -> str:
        """The literal text."""

    @property
    def ids(self) -> tuple[int, ...]:
        """Its tokens as they went in."""

    @property
    def before(self) -> int:
        """Padding tokens before them."""

    @property
    def behind(self) -> int:
        """Padding tokens behind them."""

    @property
    def frame(self) -> Frame | None:
        """How the picture lay over the original."""


@runtime_checkable
class Transparent(Protocol):
    """An adapter that can say what goes into its model."""

    def shown(self, requests: Sequence[Request]) -> Sequence[Shown]:
        """What each request of one batch becomes."""
        ...


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found: lines for a person, and faults, each a sentence; none where all is well."""

    lines: tuple[str, ...]
    faults: tuple[str, ...]


def examine(
    adapter: Adapter, dialect: Dialect | None, folder: Path, dtype: str, max_new_tokens: int
) -> Examined:
    """Ask four things about four drawn pictures, together and one by one, and compare.

    `folder` is where the pictures are drawn, `dtype` the type of the model's weights.
    """
    requests = [
        _request(dialect, wants, size, i, folder, max_new_tokens) for i, (wants, size) in enumerate(_ASKED)
    ]
    together = list(Serial().run(adapter, [requests]))
    alone = list(Serial().run(adapter, [[request] for request in requests]))
    lines, faults = [], []
    for finding, fault in (_padding(adapter, requests), _batch(together, alone, TOLERANCES[dtype])):
        lines.append(finding)
        faults += [fault] if fault else []
    failed = [f"question {i + 1}: {r.error}" for i, r in enumerate(together) if r.error is not None]
    # without words, a CLIP or a detector answers its own kind of question alone
    if dialect is not None or len(failed) == len(requests):
        faults += failed
    shown = adapter.shown(requests) if isinstance(adapter, Transparent) else [None] * len(requests)
    for number, (request, seen, response) in enumerate(zip(requests, shown, together, strict=True), 1):
        lines += ["", *_question(number, request, seen, response)]
    return Examined(tuple(lines), tuple(faults))


def _request(
    dialect: Dialect | None, wants: Wants, size: tuple[int, int], number: int, folder: Path, most: int
) -> Request:
    path = folder / f"{size[0]}x{size[1]}.png"
    _drawn(size, path)
    image = Image(path.name, str(path), size=size)
    decoding = Decoding(max_new_tokens=most)
    request = Request(f"doctor {number}", f"question {number + 1}", (image,), wants, decoding=decoding)
    if dialect is None:
        return request
    system = dialect.system(request) if isinstance(dialect, Instructing) else None
    return replace(request, prompt=dialect.render(request), system=system)


def _drawn(size: tuple[int, int], path: Path) -> None:
    """A picture with something on it: a light ship on dark water."""
    from PIL import Image as Pictures
    from PIL import ImageDraw as Pens

    width, height = size
    water = Pictures.linear_gradient("L").resize(size)
    bands = [water.point([value // 4 + more for value in range(256)]) for more in (0, 40, 80)]
    picture = Pictures.merge("RGB", bands)
    pen = Pens.Draw(picture)
    hull = [(0.3, 0.5), (0.4, 0.42), (0.7, 0.42), (0.7, 0.58), (0.4, 0.58)]
    pen.polygon([(x * width, y * height) for x, y in hull], fill=(220, 215, 205))
    picture.save(path)


def _padding(adapter: Adapter, requests: Sequence[Request]) -> tuple[str, str | None]:
    if not isinstance(adapter, Transparent):
        return f"padding   {adapter.name} does not show what it feeds its model", None
    try:
        shown = adapter.shown(requests)
    except DataError as error:
        return f"padding   {error.message}", error.message
    before, behind = (max(getattr(s, side) for s in shown) for side in ("before", "behind"))
    found = f"padding   up to {before} tokens before a prompt, {behind} behind"
    return found, "Prompts are padded on the right: answers begin after padding." if behind else None


def _batch(
    together: Sequence[Response], alone: Sequence[Response], tolerance: float
) -> tuple[str, str | None]:
    pairs = [(a, b) for a, b in zip(together, alone, strict=True) if a.error is None and b.error is None]
    other = sum(_said(a) != _said(b) for a, b in pairs)
    gaps = [gap for a, b in pairs for gap in _gaps(a, b)]
    largest = max(gaps, default=None)
    by = "none to compare" if largest is None else f"{largest:.1e} at most"
    same = f"{len(pairs) - other} of {len(pairs)} answers are the same together and alone"
    found = f"batch     {same}; difference of log-probabilities: {by}"
    if largest is not None and largest > tolerance:
        return found, f"A batch changes log-probabilities by {largest:.1e}, more than {tolerance:g}."
    # where rounding is coarse, two tokens may be as good as each other
    exact = tolerance <= TOLERANCES["float32"] or not any(a.tokens for a, _ in pairs)
    return found, f"A batch changes {other} of {len(pairs)} answers." if other and exact else None


def _said(response: Response) -> object:
    return response.text, response.label, response.regions


def _gaps(one: Response, other: Response) -> Iterator[float]:
    """Differences of log-probabilities, up to the first token that is not the same."""
    for mine, its in zip(one.tokens, other.tokens, strict=False):
        if mine.text != its.text:
            return
        yield abs(mine.logprob - its.logprob)


def _question(number: int, request: Request, shown: Shown | None, response: Response) -> Iterator[str]:
    frame = shown.frame if shown else response.frame
    yield f"question {number}"
    yield f"picture   {_seen(request.images[0], frame)}"
    if shown:
        yield f"tokens    {len(shown.ids)}, SHA-256 of their ids as a JSON list: {digest(list(shown.ids))}"
    if request.system is not None and not shown:
        yield "system"
        yield from _literal(request.system)
    yield "prompt"
    yield from _literal(shown.prompt if shown else request.prompt)
    yield "answer"
    yield from _literal(response.error or response.text or response.label or str(response.regions or ""))


def _seen(image: Image, frame: Frame | None) -> str:
    size = f"{image.size[0]} x {image.size[1]}" if image.size else image.name
    if frame is None:
        return f"{size} pixels; the model does not say how it saw it"
    seen = f"{size} pixels, seen as {frame.seen_width:g} x {frame.seen_height:g}"
    if frame.offset_x or frame.offset_y:
        seen += f", moved by {frame.offset_x:g}, {frame.offset_y:g}"
    return f"{seen} (scale {frame.scale_x:.4g}, {frame.scale_y:.4g})"


def _literal(text: str) -> list[str]:
    """Lines of a literal text, each behind a bar."""
    return [f"  | {line}" for line in text.split("\n")]
