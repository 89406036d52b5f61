"""Which answer is of which sample: by id, by picture and question, or by order where that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ...contract import Sample
from ...errors import DataError
from .said import Said, some

WAYS = ("auto", "id", "image", "order")
_SUFFIX = re.compile(r"\.(?:jpe?g|png|tiff?|bmp|gif|webp|jp2|ppm|pgm)\Z", re.I)
_MARKS = re.compile(r"<image>|<[^>]*\|>|\[[a-z_]+[\d.]*\]|\\n", re.I)  # of a prompt, no part of the question
_HINT = (
    "Answers are matched by the ids of the samples, or by picture and question; match=order takes them in "
    "the order of the data."
)


@dataclass(frozen=True, slots=True)
class Matched:
    """`found`: sample id to its answer. `left`: answers of no sample, `twice`: of one that has its answer.

    `differ` counts answers beside which the file has another truth than the data.
    """

    found: Mapping[str, Said]
    left: int = 0
    twice: int = 0
    differ: int = 0


def matched(file: str, said: Sequence[Said], samples: Sequence[Sample], way: str = "auto") -> Matched:
    """Bring answers and samples together.

    `auto` goes by id, where the questions do not contradict it, then by picture and question.

    Raises:
        DataError: none is of a sample; or the order is asked for and cannot be right.
    """
    pairs = _in_order(file, said, samples) if way == "order" else _paired(said, samples, way)
    found: dict[str, Said] = {}
    by_id = {sample.id: sample for sample in samples}
    left = twice = differ = compared = 0
    for answer, name in pairs:
        if name is None:
            left += 1
        elif name in found:
            twice += 1
        else:
            found[name] = answer
            agrees = _agrees(answer, by_id[name])
            compared += agrees is not None
            differ += agrees is False
    if said and not found:
        ids = [s.id or s.where for s in said]
        known = some(by_id)
        raise DataError(f"No id in {file} is one of the data: it has {some(ids)}, the data {known}.", _HINT)
    if differ * 2 > compared and way in ("order", "auto"):
        raise DataError(
            f"{file} is about other data: beside {differ} of {compared} answers it has another truth.",
            "Give the data, and the split, that these answers are about.",
        )
    return Matched(MappingProxyType(found), left, twice, differ)


def _in_order(
    file: str, said: Sequence[Said], samples: Sequence[Sample]
) -> Iterator[tuple[Said, str | None]]:
    if len(said) != len(samples):
        raise DataError(
            f"{file} has {len(said)} answers, the data {len(samples)} samples: their order says nothing.",
            "Give the whole data set, without --limit, or answers with ids.",
        )
    for answer, sample in zip(sorted(said, key=lambda s: s.place), samples, strict=True):
        yield answer, sample.id


def _paired(said: Iterable[Said], samples: Sequence[Sample], way: str) -> Iterator[tuple[Said, str | None]]:
    by_id = {sample.id: sample for sample in samples}
    pictures = _Pictures(samples) if way != "id" else None
    taken: set[str] = set()
    for answer in said:
        name = None
        if way != "image" and answer.id in by_id and _fits(answer, by_id[answer.id]):
            name = answer.id
        elif pictures:
            name = pictures.find(answer, taken)
        if name is not None:
            taken.add(name)
        yield answer, name


class _Pictures:
    """Samples by the names of their pictures: whole, without folders, without suffix too."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._levels: tuple[dict[str, list[Sample]], ...] = ({}, {}, {})
        for sample in samples:
            for level, key in zip(self._levels, _keys(sample.images[0].name), strict=True):
                level.setdefault(key, []).append(sample)

    def find(self, answer: Said, taken: set[str]) -> str | None:
        """The sample of a picture and question; None where there is none, or where several might be meant."""
        for name in answer.images:
            for level, key in zip(self._levels, _keys(name), strict=True):
                if there := level.get(key):
                    return _asked(answer.question, there, taken)
        return None


def _asked(question: str | None, samples: Sequence[Sample], taken: set[str]) -> str | None:
    """The one of a picture's samples that asks the question."""
    if question is None or len(samples) == 1:
        return samples[0].id if len(samples) == 1 and _same_question(question, samples[0].question) else None
    asked = _plain(question)
    same = [s.id for s in samples if _plain(s.question) == asked]
    if same:  # asked twice of a picture: in order
        return next((name for name in same if name not in taken), same[0])
    inside = [(len(_plain(s.question)), s.id) for s in samples if s.question and _plain(s.question) in asked]
    longest = [name for length, name in inside if length == max(inside)[0]]
    return longest[0] if len(longest) == 1 else None


def _fits(answer: Said, sample: Sample) -> bool:
    return _same_question(answer.question, sample.question)


def _same_question(one: str | None, other: str) -> bool:
    """Whether nothing speaks against it: a prompt holds its question, and may hold more."""
    if not one or not other:
        return True
    a, b = _plain(one), _plain(other)
    return not a or not b or a in b or b in a


def _plain(text: str) -> str:
    """A question without marks, case and punctuation."""
    return " ".join(re.findall(r"\w+", _MARKS.sub(" ", text).casefold()))


def _keys(name: str) -> tuple[str, str, str]:
    whole = name.replace("\\", "/").strip().casefold()
    base = whole.rpartition("/")[2]
    return whole, base, _SUFFIX.sub("", base)


def _agrees(answer: Said, sample: Sample) -> bool | None:
    """Whether the truth in the file is that of the data; None where it cannot be told."""
    target = sample.target
    known = {_letters(t) for t in (target.label, *target.texts) if t is not None} - {""}
    if (
        target.label
        and target.choices
        and target.label in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(target.choices)]
    ):
        known.add(_letters(target.choices[ord(target.label) - 65]))
    truth = _letters(answer.truth or "")
    return truth in known if known and truth else None


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w", text.casefold())).replace("_", "")
