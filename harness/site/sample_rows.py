"""What the grid of samples knows of every sample: values to filter and to sort by, and a line to show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract import Sample
from ..geometry import areas
from ..judgement import FALSE, MISSED, TRUE
from ..outcomes import FAILED, RATED, RIGHT, UNPARSABLE, WRONG, Outcome
from .sample_details import shortened

FALSE_POSITIVE, MISS, FLIPPED = "false positive", "miss", "flipped"
OUTCOMES = (RIGHT, WRONG, UNPARSABLE, FAILED, RATED, FALSE_POSITIVE, MISS, FLIPPED)
_SHORT = 40  # characters of an answer that may be filtered by
_LINE = 80  # characters
_NAME = 200  # of a value to filter by
_MOST_VALUES = 400  # of a thing to filter by: more are for the search
_SIZES = ((32.0**2, "small"), (96.0**2, "medium"), (math.inf, "large"))  # COCO's, square pixels
_SIZE = "object size"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing to filter by: its key in an address, its title, and the values of every sample."""

    key: str
    title: str
    values: Sequence[Sequence[str]]

    def row(self) -> dict[str, Any]:
        """JSON-able: the values by name, and of every sample the places of its values among them."""
        names = sorted({value for values in self.values for value in values}, key=_natural)
        if self.key == "outcome":
            names = [name for name in OUTCOMES if name in names]
        place = {name: i for i, name in enumerate(names)}
        rows = [[place[value] for value in values] for values in self.values]
        return {"key": self.key, "title": self.title, "values": names, "rows": rows}


def facets(outcomes: Sequence[Outcome], others: Sequence[Outcome | None]) -> list[Facet]:
    """What samples can be filtered by: outcome, class, answered class, every tag."""
    samples = [outcome.sample for outcome in outcomes]
    found = [Facet("outcome", "Outcome", [states(*pair) for pair in zip(outcomes, others, strict=True)])]
    named = any(s.target.regions or (s.target.label and not s.target.choices) for s in samples)
    what = "Class" if named or any("class" in s.tags for s in samples) else "Answer"
    found.append(Facet("class", f"{what} (true)", [_classes(sample) for sample in samples]))
    found.append(Facet("answer", f"{what} (given)", [_answered(outcome) for outcome in outcomes]))
    tags = {key for sample in samples for key in sample.tags} - {"class"}
    for key in sorted(tags):
        values = [_known(sample.tags.get(key)) for sample in samples]
        found.append(Facet(f"tag:{key}", key[:1].upper() + key[1:], values))
    if _SIZE not in tags:
        sizes = [_object_sizes(sample) for sample in samples]
        found.append(Facet(f"tag:{_SIZE}", "Object size (by COCO's bounds)", sizes))
    return [facet for facet in found if 1 <= _count(facet) <= _MOST_VALUES]


def states(outcome: Outcome, other: Outcome | None) -> list[str]:
    """The outcome, which kinds of wrong boxes there are, and whether another run's is the opposite."""
    found = [outcome.state]
    if FALSE in outcome.judgement.found:
        found.append(FALSE_POSITIVE)
    if MISSED in outcome.judgement.objects:
        found.append(MISS)
    if other is not None and flipped(outcome, other):
        found.append(FLIPPED)
    return found


def flipped(outcome: Outcome, other: Outcome) -> bool:
    """Whether one of two runs is right and the other is not; what failed in either is not compared."""
    if FAILED in (outcome.state, other.state) or RATED in (outcome.state, other.state):
        return False
    return (outcome.state == RIGHT) != (other.state == RIGHT)


def line(outcome: Outcome) -> str:
    """What became of a sample, in a few words: counts of boxes, or what is true and what was answered."""
    verdicts = outcome.judgement
    if outcome.state == FAILED:
        return "no answer came"
    if verdicts.found or verdicts.objects:
        true, false = verdicts.found.count(TRUE), verdicts.found.count(FALSE)
        counts = {"true": true, "false": false, "missed": verdicts.objects.count(MISSED)}
        words = [f"{number} {name}" for name, number in counts.items() if number]
        return ", ".join(words) or "nothing that counts"
    answer, target = outcome.answer, outcome.sample.target
    if answer is None:
        return ""
    given = answer.label if answer.label is not None else answer.text
    if given is None and answer.regions:
        return "1 region" if len(answer.regions) == 1 else f"{len(answer.regions):,} regions"
    answered = _one_line(answer.raw or "nothing" if given is None else given)
    truth = target.label if target.label is not None else target.texts[0] if len(target.texts) == 1 else None
    if truth is None or outcome.state == RIGHT:
        return answered
    return f"{_one_line(truth)} → {answered}"


def seconds(outcome: Outcome) -> float | None:
    """How long all answers of a sample took; None where that is not known."""
    taken = sum(item.response.seconds for item in outcome.items if item.response)
    return round(taken, 3) if taken and math.isfinite(taken) else None


def tokens(outcome: Outcome) -> int:
    """Tokens of the last answers, of all tiles together."""
    return sum(item.response.tokens_out for item in outcome.items if item.response)


def texts(outcome: Outcome) -> list[str]:
    """What the search looks through: id, question, answers as they came, references, choices."""
    sample = outcome.sample
    said = (item.response.text for item in outcome.items if item.response and item.response.text)
    found = [sample.id, sample.question, *said, *sample.target.texts, *sample.target.choices]
    return [shortened(text) for text in dict.fromkeys(found) if text]


def _classes(sample: Sample) -> list[str]:
    """The true class, or those of the objects; of a question with one short answer, that answer."""
    target = sample.target
    if target.label is not None:
        return [_name(target.label)]
    if "class" in sample.tags:
        return [_name(sample.tags["class"])]
    if labels := _labels(target.regions):
        return labels
    short = len(target.texts) == 1 and len(target.texts[0]) <= _SHORT
    return [_name(target.texts[0])] if short else []


def _answered(outcome: Outcome) -> list[str]:
    answer = outcome.answer
    if answer is None:
        return []
    if answer.label is not None:
        return [_name(answer.label)]
    if answer.text is not None and len(answer.text) <= _SHORT:
        return [_name(answer.text)]
    return _labels(answer.regions)


def _labels(regions: Iterable[Any]) -> list[str]:
    return sorted({_name(region.label) for region in regions if region.label})


def _object_sizes(sample: Sample) -> list[str]:
    regions = sample.target.regions
    if not regions:
        return []
    sides = areas([region.points for region in regions]).tolist()
    given = [a if region.area is None else region.area for region, a in zip(regions, sides, strict=True)]
    return sorted({next(name for most, name in _SIZES if area < most) for area in given if area >= 0})


def _known(value: str | None) -> list[str]:
    return ["not known" if not value else _name(value)]


def _count(facet: Facet) -> int:
    return len({value for values in facet.values for value in values})


def _one_line(text: str, longest: int = _LINE) -> str:
    words = " ".join(text.split())
    return words if len(words) <= longest else f"{words[:longest]} ..."


def _name(text: str) -> str:
    return _one_line(text, _NAME)


def _natural(name: str) -> tuple[object, ...]:
    """A2 before A10, and numbers by their value."""
    parts: list[str] = []
    for character in name:
        if parts and parts[-1][-1].isdecimal() == character.isdecimal():
            parts[-1] += character
        else:
            parts.append(character)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.lower()) for part in parts)
