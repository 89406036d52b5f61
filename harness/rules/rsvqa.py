"""When an answer to a question of RSVQA and its kin is right: rsvqa/strict, the buckets, the public rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from . import classification
from .rule import EMPTY, NOTHING, UNPARSED, Context, Outcome, Rule, right
from .text import evalai, number_word, trimmed

_CLOSED = frozenset(("yes", "no", "rural", "urban"))
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(m2)?", re.ASCII)
_NEGATIVE = re.compile(r"\s*-\d")
_AREA_UNITS = frozenset(("m2", "sqm", "m^2"))
_OTHER_UNITS = frozenset(("km2", "km", "ha", "hectare", "hectares", "acre", "acres", "cm2", "m", "%"))
_SQUARE = frozenset(("sq", "square"))
_METRES = frozenset(("m", "metre", "metres", "meter", "meters"))
_EDGES = "*\"'.,:;!?()[]{}<>`\u2018\u2019\u201c\u201d"
_TOP = 1000
_RANGES = ((10, 0), (100, 10), (_TOP, 100))


def bucket(answer: str, counts: bool = True) -> str:
    """The range that a number stands for in RSVQA's closed vocabulary; any other answer as it is.

    LR counts: 0; 1 to 10, 11 to 100, 101 to 1000, above. HR areas likewise on the number before `m2`; HR
    counts stay exact (`counts=False`). Source: syvlo/RSVQA, VocabEncoder.py.

    >>> bucket("10"), bucket("11"), bucket("1001m2"), bucket("0m2"), bucket("12", counts=False)
    ('between 0 and 10', 'between 10 and 100', 'more than 1000m2', '0m2', '12')
    """
    found = _NUMBER.fullmatch(answer)
    if not found or "." in found[1]:
        return answer
    return answer if not found[2] and not counts else _range(found[1], found[2] or "")


def _range(number: str, unit: str) -> str:
    whole = number.partition(".")[0].lstrip("0")
    value = float(number) if len(whole) < 9 else float("inf")
    if value == 0:
        return f"0{unit}"
    for top, bottom in _RANGES:
        if value <= top:
            return f"between {bottom}{unit} and {top}{unit}"
    return f"more than {_TOP}{unit}"


_BUCKETS = {_range(str(n), unit): unit for unit in ("", "m2") for n in (1, 11, 101, 1001)}


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says in the closed vocabulary: a `word` or range, or a `number` and its unit.

    `unit`: "m2", "" for none, "other" for one that is not square metres; `alone` if nothing follows.
    """

    word: str = ""
    number: str = ""
    unit: str = ""
    alone: bool = False


def said(text: str) -> Said | None:
    """The closed answer that a text starts with; None if there is none.

    The text goes through NFKC and EvalAI's normaliser; the first word counts if it is yes, no, rural, urban,
    or a number in digits or (below 100) words, or the whole text if it is one of RSVQA's ranges.

    >>> said("Yes, there is."), said("Twenty-one roads")
    (Said(word='yes', number='', unit='', alone=False), Said(word='', number='21', unit='', alone=False))
    >>> said("23 m\\u00b2").unit, said("not sure") is None
    ('m2', True)
    """
    folded = unicodedata.normalize("NFKC", text)
    if _NEGATIVE.match(folded):
        return None
    plain = evalai(folded)
    if (whole := plain.strip(_EDGES)) in _BUCKETS:
        return Said(word=whole)
    words = [word for piece in plain.split(None, 4)[:4] if (word := piece.strip(_EDGES))]
    if not words:
        return None
    if words[0] in _CLOSED:
        return Said(word=words[0])
    if found := _NUMBER.fullmatch(words[0]):
        number, rest = found[1], words[1:]
        unit = found[2] or _unit(rest)
        return Said(number=_canonical(number), unit=unit, alone=not rest)
    spelt = number_word(words)
    return Said(number=spelt, alone=len(words) == 1) if spelt else None


def _unit(words: list[str]) -> str:
    if not words:
        return ""
    if words[0] in _AREA_UNITS or (words[0] in _SQUARE and len(words) > 1 and words[1] in _METRES):
        return "m2"
    return "other" if words[0] in _OTHER_UNITS or words[0] in _SQUARE else ""


def _canonical(number: str) -> str:
    whole, _, fraction = number.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def strict(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Right if the text starts with the gold answer, both read alike by `said`.

    A gold range takes every number within it. A gold area takes a number in square metres, or a number and
    nothing else; a gold count no number with a unit. A gold answer outside the closed vocabulary must be
    equal under EvalAI's normaliser.

    >>> [strict(text, "2") for text in ("Two.", "12")], strict("7", "between 0 and 10")
    ([1.0, 0.0], 1.0)
    >>> strict("not sure", "no"), strict("", "no")
    ('no answer found in the text', 'empty answer')
    """
    if not prediction.strip():
        return EMPTY
    true = said(bucket(gold.strip(), context.buckets == "lr") if context.buckets else gold)
    if true is None:
        form = evalai(gold)  # nothing is left of "A" or "-"
        return right(evalai(prediction) == form if form else trimmed(prediction) == trimmed(gold) != "")
    answer = said(prediction)
    if answer is None:
        return UNPARSED
    if true.word in _BUCKETS:
        return right(answer.word == true.word or _falls_in(answer, true.word))
    if true.word:
        return right(answer.word == true.word)
    fits = answer.unit == true.unit or (true.unit == "m2" and not answer.unit and answer.alone)
    return right(fits and answer.number == true.number)


def _falls_in(answer: Said, label: str) -> bool:
    unit = _BUCKETS[label]
    fits = answer.unit == unit or (unit == "m2" and not answer.unit and answer.alone)
    return bool(answer.number) and fits and _range(answer.number, unit) == label


def original(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Equal letter by letter after `bucket`: the answers are entries of a closed vocabulary.

    >>> original("7", "3"), original("7", "3", Context(buckets="hr")), original("Yes", "yes")
    (1.0, 0.0, 0.0)
    """
    counts = context.buckets != "hr"
    return right(bucket(prediction, counts) == bucket(gold, counts))


def lhrs(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The text under EvalAI's normaliser stands in the gold answer, which stays as it is.

    >>> lhrs("e", "yes"), lhrs("Yes", "Yes")
    (1.0, 0.0)
    """
    return right(evalai(prediction.strip()) in gold)


def presence(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """yes or true, no or false anywhere in the text; exactly one of the two decides.

    RSEvalKit's own script differs: it does not know "true", and sees no, false in lower case only.

    >>> presence("There is nothing", "no"), presence("yes and no", "no")
    (1.0, 'neither yes nor no, or both')
    """
    text = trimmed(prediction)
    yes, no = "yes" in text or "true" in text, "no" in text or "false" in text
    if yes == no:
        return EMPTY if not text else "neither yes nor no, or both"
    return right(("yes" if yes else "no") == trimmed(gold))


def teochat(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Equal in lower case without punctuation.

    >>> teochat("Yes.", "yes")
    1.0
    """
    return right(_letters(prediction) == _letters(gold))


def _letters(text: str) -> str:
    return text.lower().translate(_NO_PUNCTUATION)


_NO_PUNCTUATION = str.maketrans("", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")

RULES = (
    Rule("rsvqa/strict", strict, "starts with the answer: yes, no, rural, urban, a number or its range",
         "rsbench", ours=True),
    Rule("rsvqa/original", original, "equal in the closed vocabulary, numbers as ranges",
         "RSVQA VocabEncoder.py, computeStats.py"),
    Rule("rsvqa/contain", classification.contain, "the gold answer stands in the text",
         "RSCoVLM compute_contain_acc"),
    Rule("rsvqa/lhrs", lhrs, "the normalised text stands in the gold answer", "LHRS-Bot main_vqa.py",
         rewards_empty=True),
    Rule("rsvqa/rseval", classification.within, "the text stands in the gold answer",
         "RSEvalKit eval_results_cls_vqa", rewards_empty=True),
    Rule("rsvqa/vhm-presence", presence, "exactly one of yes/true and no/false stands in the text",
         "RSCoVLM vhm_bench.py eval_presence"),
    Rule("rsvqa/either", classification.either, "either text stands in the other",
         "RSCoVLM vhm_bench.py eval_contain", rewards_empty=True),
    Rule("rsvqa/teochat", teochat, "equal in lower case without punctuation",
         "TEOChat classification_metrics"),
    Rule("rsvqa/earthdial", classification.earthdial, "share of the gold answer's tokens in the text",
         "EarthDial rs_vqa/eval.py"),
)  # fmt: skip
