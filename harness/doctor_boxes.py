"""A few boxes of a model beside the true ones, and whether its coordinates are what its dialect declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice, zip_longest
from typing import TypeAlias

from .contract import Answer, Boxes, Decoding, Frame, Image, Region, Request, Response, Sample
from .conversation import next_request
from .doctor_fit import DECLARED, Answered, Fit, fit, known, reread
from .engines.serial import Serial
from .errors import DataError, UsageError
from .plan import Plan
from .roles import Adapter, Dialect, Informed
from .understand import understand

Asked: TypeAlias = tuple[Sample, Request]


@dataclass(frozen=True, slots=True)
class Looked:
    """A question and what came of it: the boxes as the dialect declares them, or why there are none.

    `failed`: the model gave no answer. `other` are the boxes under a convention that fits better, None where
    none does.
    """

    image: Image
    title: str
    gold: tuple[Region, ...]
    said: tuple[Region, ...]
    trouble: str | None
    failed: bool
    other: tuple[Region, ...] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was looked at, and how conventions fit (None: no answer in text has a box)."""

    looked: tuple[Looked, ...]
    fit: Fit | None


def questions(plans: Sequence[Plan], dialect: Dialect | None, count: int, seed: int) -> list[Asked]:
    """The first question for boxes of `count` samples that have some, spread over tasks and data by chance.

    Raises:
        UsageError: no task asks for boxes.
    """
    rows = [list(islice(_asked(planned, dialect, seed), count)) for planned in plans]
    found = [pair for turn in zip_longest(*rows) for pair in turn if pair is not None][:count]
    if not found:
        named = ", ".join(planned.task.name for planned in plans)
        raise UsageError(f"{named} asks for no boxes.", "Name a detection or grounding task, such as mar20.")
    return found


def look(adapter: Adapter, dialect: Dialect | None, asked: Sequence[Asked], batch: int) -> Seen:
    """Ask, understand, and read again under other conventions."""
    requests = [request for _, request in asked]
    if isinstance(adapter, Informed):
        for sample, request in asked:
            adapter.inform(request, sample.target)
    batches = (requests[i : i + batch] for i in range(0, len(requests), batch))
    responses = {response.key: response for response in Serial().run(adapter, batches)}
    items = [_answered(sample, request, responses[request.key]) for sample, request in asked]
    spoken = [item for item in items if item and item.response.text is not None]
    found = fit(spoken, dialect) if dialect else None
    better = found.better[0] if found and found.better else None
    looked = []
    for (sample, request), item in zip(asked, items, strict=True):
        response = responses[request.key]
        answer = _understood(response, request, dialect)
        other = reread(item, dialect, better) if item and better and dialect else None
        looked.append(
            Looked(
                request.images[0],
                _title(sample, request),
                gold=_true(sample),
                said=answer.regions,
                trouble=answer.unparsable,
                failed=response.error is not None,
                other=other,
            )
        )
    return Seen(tuple(looked), found)


def verdict(seen: Seen, dialect: Dialect | None) -> tuple[list[str], bool]:
    """What was found, in lines for a person, and whether it is fine."""
    boxes, true = (sum(len(getattr(item, side)) for item in seen.looked) for side in ("said", "gold"))
    silent = [item for item in seen.looked if item.trouble]
    lines = [f"{len(seen.looked)} questions, {true} true boxes, {boxes} answered"]
    lines += [f"{item.title}: {item.trouble}" for item in silent]
    if all(item.failed for item in seen.looked):
        return [*lines, "Not one question was answered."], False
    if dialect is None or seen.fit is None:
        return [*lines, "There is no box in any text, so nothing can be told of conventions."], True
    conventions = known(dialect)
    lines.append(f"mean overlap with the nearest true box, over {seen.fit.questions} answers with boxes:")
    for name, value in seen.fit.overlaps.items():
        what = f"declared by {dialect.name}" if name == DECLARED else name
        lines.append(f"  {value:.3f}  {what} ({conventions[name] or 'its own'})")
    if better := seen.fit.better:
        names = " or ".join(f"{name} ({conventions[name]})" for name in better)
        return [*lines, f"The declared convention does not fit; this would: {names}."], False
    if seen.fit.declared == max(seen.fit.overlaps.values()):
        return [*lines, "No other convention fits better than the declared one."], True
    return [*lines, "No other convention fits clearly better than the declared one."], True


def _asked(planned: Plan, dialect: Dialect | None, seed: int) -> Iterator[Asked]:
    for sample in sorted(planned.samples, key=lambda s: sha256(f"{seed}:{s.id}".encode()).digest()):
        request = next_request(planned.task, dialect, sample, (), Decoding())
        if request and isinstance(request.wants, Boxes) and _true(sample):
            yield sample, replace(request, key=f"{planned.task.name} {sample.id}")


def _true(sample: Sample) -> tuple[Region, ...]:
    return tuple(r for r in sample.target.regions if r.points and not (r.ignore or r.crowd))


def _answered(sample: Sample, request: Request, response: Response) -> Answered | None:
    size = request.images[0].size
    frame = response.frame or (Frame.plain(*size) if size else None)
    if response.error is not None or frame is None or not isinstance(request.wants, Boxes):
        return None
    return Answered(request.wants, _true(sample), response, frame)


def _understood(response: Response, request: Request, dialect: Dialect | None) -> Answer:
    if response.error is not None:
        return Answer(unparsable=response.error)
    try:
        return understand(response, request.wants, dialect, request.images[0])
    except DataError as error:
        return Answer(unparsable=error.message)


def _title(sample: Sample, request: Request) -> str:
    phrase = request.wants.phrase if isinstance(request.wants, Boxes) else None
    return f"{sample.id}: {phrase}" if phrase else sample.id
