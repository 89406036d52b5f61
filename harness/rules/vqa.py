"""When a short free answer is right: exact match, VRSBench without its judge, VHM's colours and numbers."""

from __future__ import annotations

import re

from . import classification
from .rule import EMPTY, JUDGE, NOTHING, Context, Outcome, Rule, right
from .text import hyphenated_number, trimmed

_DECIDED = frozenset(("yes", "no", *map(str, range(100))))
_DIGITS = re.compile(r"\d+")
_FIGURES = re.compile(r"[-+]?(?:\d*\.)?\d+")
_LONGEST = 300  # digits of a number that are read: float() ends there


def exact(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Equal in lower case, trimmed, without full stops at the ends.

    >>> exact("Yes.", "yes"), exact("yes, there is", "yes")
    (1.0, 0.0)
    """
    said = trimmed(prediction)
    return right(said == trimmed(gold)) if said else EMPTY


def contain_first(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """VRSBench's first two rules; what they leave open is for a judge, and not right here.

    The gold answer stands in the text: right. Else it is yes, no or 0 to 99: wrong.

    >>> [contain_first(*texts) for texts in (("12", "2"), ("two", "2"), ("car", "vehicle"))]
    [1.0, 0.0, 'left to a judge']
    """
    true = gold.lower()
    if true in prediction.lower():
        return 1.0
    return 0.0 if true in _DECIDED else JUDGE


def colours(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The share of the gold answer's colours, set apart by commas, that stand in the text.

    >>> colours("a red roof", "Red, white")
    0.5
    """
    text = trimmed(prediction).replace(" ", "")
    names = trimmed(gold).replace(" ", "").split(",")
    return sum(name in text for name in names) / len(names)


def counted(text: str) -> int | None:
    """VHM's count in a text: its first run of digits, else its first number word below 100.

    >>> counted("about 12 ships"), counted("There are twenty-one"), counted("many")
    (12, 21, None)
    """
    text = trimmed(text)
    if found := _DIGITS.search(text):
        return int(found[0]) if len(found[0]) <= _LONGEST else None
    return next((n for word in text.split() if (n := hyphenated_number(word)) is not None), None)


def counting_errors(prediction: str, gold: str) -> list[tuple[float, float | None]] | None:
    """The absolute and the relative error of a count; None if the text has none.

    VHM's scripts stop with an exception there, and at a gold count of 0, whose relative error is None here.

    >>> counting_errors("3 ships", "4"), counting_errors("some", "4")
    ([(1.0, 0.25)], None)
    """
    said, true = counted(prediction), counted(gold)
    if said is None or true is None:
        return None
    return [_errors(float(said), float(true))]


def measuring_errors(prediction: str, gold: str) -> list[tuple[float, float | None]] | None:
    """Absolute and relative errors of the numbers of a text, paired with those of the gold answer in order.

    None if the two have not the same number of numbers: VHM's script leaves such an answer out of the mean.

    >>> measuring_errors("12.5 m by 8 m", "10 m x 8 m"), measuring_errors("unknown", "10 m x 8 m")
    ([(2.5, 0.25), (0.0, 0.0)], None)
    """
    said, true = (_FIGURES.findall(text) for text in (prediction, gold))
    if len(said) != len(true) or any(len(number) > _LONGEST for number in said):
        return None
    return [_errors(float(p), float(g)) for p, g in zip(said, true, strict=True)]


def _errors(said: float, true: float) -> tuple[float, float | None]:
    error = abs(said - true)
    return error, error / abs(true) if true else None


ERRORS = {"vhm/counting": counting_errors, "vhm/measurement": measuring_errors}

RULES = (
    Rule("vqa/exact", exact, "equal in lower case, trimmed", "RSCoVLM compute_identical_acc"),
    Rule("vrsbench/contain-first", contain_first, "the gold answer stands in the text; else a judge is due",
         "VRSBench prepare_eval_all.ipynb, rules 1 and 2"),
    Rule("vrsbench/contain", classification.contain, "the gold answer stands in the text",
         "RSCoVLM compute_contain_acc"),
    Rule("vrsbench/exact", exact, "equal in lower case, trimmed", "lmms-eval fork with VRSBench"),
    Rule("vhm/colour", colours, "share of the gold colours in the text", "RSEvalKit eval_results_color"),
)  # fmt: skip
