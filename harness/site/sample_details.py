"""What a page shows of one sample when it is opened: boxes, every question and answer, references, evidence.

Rows are JSON-able. Texts of models and of data are cut at LONGEST characters and lists at MOST, and say so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract import Answer, Boxes, Label, Mask, Region, Request, Response, Text, Wants
from ..conversation import next_request, with_answer
from ..outcomes import Outcome
from ..score import Item
from .mask_outlines import outlines
from .seen import Seen

Row = dict[str, Any]
Said = Mapping[str, Sequence[Response]]

LONGEST = 4_000  # characters of a text
MOST = 1_000  # boxes of a sample, of either kind
MOST_TURNS = 60  # of a sample: of a picture in tiles, those of all its tiles
_EVIDENCE = 8_000  # characters
_LABEL = 200
ASKED, ANSWERED = "asked", "answered"  # boxes that no metric judges


def said(found: Seen) -> Said:
    """The responses of every sample, in the order of its conversation."""
    by_sample: dict[str, list[Response]] = {}
    for response in found.ledger.responses().values():
        by_sample.setdefault(response.sample_id, []).append(response)
    return by_sample


def details(found: Seen, outcome: Outcome, responses: Said) -> Row:
    """Everything of one sample but its picture.

    `objects` are [what became of it, label, points], `boxes` of the answer too, with their score as fourth;
    points are four numbers or eight in pixels of the picture, or none where they cannot be drawn.
    """
    sample, target = outcome.sample, outcome.sample.target
    evidence = None if outcome.evidence is None else _json(outcome.evidence)
    return {
        "id": shortened(sample.id),
        "question": shortened(sample.question),
        "label": None if target.label is None else shortened(target.label),
        "choices": [shortened(choice) for choice in target.choices],
        "references": [shortened(text) for text in target.texts[:MOST_TURNS]],
        "tags": [[shortened(key), shortened(value)] for key, value in sample.tags.items()],
        "objects": _objects(outcome),
        "pointers": [_points(region.points) for region in sample.regions],
        "masks": outlines(target, outcome.answer or Answer()),
        "evidence": None if evidence is None else shortened(evidence, _EVIDENCE),
        **answered(found, outcome, responses),
    }


def answered(found: Seen, outcome: Outcome, responses: Said) -> Row:
    """What a run made of a sample: state, value, boxes, every turn. Another run's is shown beside it."""
    items = outcome.items
    turns = [turn for item in items for turn in _turns(found, item, responses)]
    return {
        "state": outcome.state,
        "value": outcome.judgement.value,
        "boxes": _boxes(outcome),
        "turns": turns[:MOST_TURNS],
        "cut": list(_cut(outcome, len(turns))),
    }


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text as a page holds it; what is left out is said at its end.

    >>> shortened("abcdef", 3)
    'abc ... (the first 3 of 6 characters)'
    """
    if len(text) <= longest:
        return text
    return f"{text[:longest]} ... (the first {longest:,} of {len(text):,} characters)"


def _objects(outcome: Outcome) -> list[list[Any]]:
    regions = outcome.sample.target.regions[:MOST]
    verdicts = outcome.judgement.objects or [ASKED] * len(regions)
    return [
        [v, shortened(r.label, _LABEL), _points(r.points)] for v, r in zip(verdicts, regions, strict=False)
    ]


def _boxes(outcome: Outcome) -> list[list[Any]]:
    regions = outcome.answer.regions[:MOST] if outcome.answer else ()
    verdicts = outcome.judgement.found or [ANSWERED] * len(regions)
    return [
        [v, shortened(r.label, _LABEL), _points(r.points), _score(r)]
        for v, r in zip(verdicts, regions, strict=False)
    ]


def _points(points: Sequence[float]) -> list[float]:
    """Four numbers or eight, to a hundredth of a pixel; none for what is no box."""
    proper = len(points) in (4, 8) and all(abs(v) < 1e9 for v in points)  # false for what is no number
    return [round(float(v), 2) for v in points] if proper else []


def _score(region: Region) -> float | None:
    return round(region.score, 4) if region.score is not None and math.isfinite(region.score) else None


def _turns(found: Seen, item: Item, responses: Said) -> Iterator[Row]:
    """The conversation as it went, its prompts worded again as they were for the model (score.py)."""
    heard = responses.get(item.sample.id, ())
    request = next_request(found.task, found.dialect, item.sample, ())
    for place, answer in enumerate((*item.earlier, item.answer)):
        assert request is not None, "what was answered was asked"
        response = heard[place] if place < len(heard) else None
        yield _turn(request, response, answer)
        if place < len(item.earlier) and response is not None:
            history = with_answer(request, response)
            request = next_request(found.task, found.dialect, item.sample, history)


def _turn(request: Request, response: Response | None, answer: Answer | None) -> Row:
    row: Row = {"prompt": shortened(request.prompt)}
    if not request.prompt:
        row["asked"] = shortened(_in_words(request.wants))
    if request.system is not None:
        row["system"] = shortened(request.system)
    if window := request.images[0].window:
        row["window"] = list(window)
    if response is None:
        return row | {"error": "not asked yet"}
    row["seconds"] = round(response.seconds, 3) if math.isfinite(response.seconds) else None
    row["tokens"] = [response.tokens_in, response.tokens_out]
    if response.error is not None:
        return row | {"error": shortened(response.error)}
    literal = response.text if response.text is not None else response.label
    row["answer"] = None if literal is None else shortened(literal)
    return row | {"read": _read(answer or Answer())}


def _in_words(wants: Wants) -> str:
    """What a model without a dialect is asked: the request itself, not a wording of it.

    >>> _in_words(Boxes(("ship", "harbour"), oriented=True))
    'oriented boxes of: ship, harbour'
    """
    match wants:
        case Boxes():
            kind = "oriented boxes" if wants.oriented else "horizontal boxes"
            return f"{kind} of: {wants.phrase or ', '.join(wants.classes)}"
        case Label():
            return f"one of: {', '.join(wants.choices)}"
        case Mask():
            return f"the pixels of: {wants.phrase}"
        case Text():
            return wants.question or "a description"


def _read(answer: Answer) -> Row:
    """The answer as understood."""
    if answer.unparsable is not None:
        return {"unparsable": shortened(answer.unparsable)}
    row: Row = {"boxes": len(answer.regions)}
    if answer.label is not None:
        row["label"] = shortened(answer.label)
    if answer.text is not None:
        row["text"] = shortened(answer.text)
    if answer.confidence is not None:
        row["confidence"] = round(answer.confidence, 4)
    return row


def _cut(outcome: Outcome, turns: int) -> Iterator[str]:
    """What a page leaves out of a sample, in words."""
    found = len(outcome.answer.regions) if outcome.answer else 0
    for what, number, most in (
        ("objects", len(outcome.sample.target.regions), MOST),
        ("boxes of the answer", found, MOST),
        ("references", len(outcome.sample.target.texts), MOST_TURNS),
        ("questions", turns, MOST_TURNS),
    ):
        if number > most:
            yield f"The first {most:,} of {number:,} {what} are shown."


def _json(evidence: Mapping[str, Any]) -> str:
    """Numbers to six digits, for people; the ledger's evidence.jsonl holds all."""
    rounded = json.loads(json.dumps(evidence), parse_float=_six_digits)
    return json.dumps(rounded, ensure_ascii=False)


def _six_digits(number: str) -> float:
    return float(f"{float(number):.6g}")
