"""When the answer to "which scene is this?" is right: cls/strict and the public rules."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..answers import match_label
from .rule import EMPTY, NOTHING, Context, Outcome, Rule, right
from .text import trimmed, unspaced

OUTSIDE = "not in the list of classes"


def strict(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Right if the text names the gold class, and no other, by `match_label`.

    >>> context = Context(classes=("airport", "port", "dense residential"))
    >>> strict("A Dense_Residential area.", "dense residential", context)
    1.0
    >>> strict("not an airport", "airport", context), strict("", "airport", context)
    ('no class, or more than one, is named', 'empty answer')
    """
    if not prediction.strip():
        return EMPTY
    found = strict_class(prediction, context)
    return "no class, or more than one, is named" if found is None else right(found == gold)


def strict_class(prediction: str, context: Context) -> str | None:
    """The class that `match_label` finds."""
    return match_label(prediction, context.classes, context.aliases)


def geochat(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The folder's name in lower case equals the text without spaces and full stops.

    >>> geochat("Dense Residential.", "DenseResidential")
    1.0
    """
    return right(unspaced(prediction).replace(".", "") == gold.lower())


def contain(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The gold answer stands anywhere in the text.

    >>> contain("not an airport", "airport"), contain("12", "2")
    (1.0, 1.0)
    """
    return right(trimmed(gold) in trimmed(prediction))


def within(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The text stands anywhere in the gold answer: the reverse of `contain`.

    >>> within("port", "airport"), within("Airport.", "airport")
    (1.0, 0.0)
    """
    return right(unspaced(prediction) in unspaced(gold))


def either(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """One of the two texts contains the other.

    >>> either("", "airport")
    1.0
    """
    said, true = trimmed(prediction), trimmed(gold)
    return right(said in true or true in said)


def starts(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The gold answer starts with the text.

    >>> starts("", "yes"), starts("yes, there is", "yes")
    (1.0, 0.0)
    """
    return right(trimmed(gold).startswith(trimmed(prediction)))


def lhrs(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The class that has the longest run of letters in common with the text is the gold class.

    >>> lhrs("a port", "airport", Context(classes=("beach", "airport", "port")))
    1.0
    """
    return right(lhrs_class(prediction, context) == _lower_spaced(gold))


def lhrs_class(prediction: str, context: Context) -> str | None:
    """The class equal to the text, else the first one with the longest common substring, else the last.

    Classes in lower case, the text as it is: a capital letter has nothing in common with them.
    """
    said = prediction.strip()
    classes = tuple(_lower_spaced(name) for name in context.classes)
    if said in classes or not classes:
        return said if classes else None
    found, longest = classes[-1], 0
    for name in classes:
        common = _longest_common(name, said, longest)
        if common > longest:
            found, longest = name, common
    return found


def _longest_common(name: str, text: str, at_least: int) -> int:
    """The length of the longest run of characters that `name` shares with `text`, if above `at_least`."""
    length = at_least
    for start in range(len(name)):
        while start + length < len(name) and name[start : start + length + 1] in text:
            length += 1
    return length


def _lower_spaced(name: str) -> str:
    return name.lower().replace("_", " ")


def rsthinker(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The gold answer stands in the text, `_`, `-` and spaces being deleted from both.

    >>> rsthinker("It is dense-residential.", "Dense Residential")
    1.0
    """
    return right(_bare(gold) in _bare(prediction))


def _bare(text: str) -> str:
    return unspaced(text).replace("_", "").replace("-", "")


def skysense(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Equal in lower case, nothing trimmed.

    >>> skysense("Beach", "beach"), skysense("beach.", "beach")
    (1.0, 0.0)
    """
    return right(prediction.lower() == gold.lower())


def skysense_labels(prediction: str, gold: str) -> tuple[int, int, int]:
    """True positives, false positives and false negatives of one answer that lists several labels.

    Both texts are split at commas and compared as sets; precision, recall and F1 are of the sums over all
    answers (micro).

    >>> skysense_labels("Water, forest, road", "forest, water")
    (2, 1, 0)
    """
    said, true = ({label.strip() for label in text.lower().split(",")} for text in (prediction, gold))
    return len(said & true), len(said - true), len(true - said)


def falcon(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The text is the gold class; a text outside the list is of a class of its own.

    >>> falcon("beach", "beach", Context(classes=("beach",))), falcon("sand", "beach")
    (1.0, 'not in the list of classes')
    """
    found = falcon_class(prediction, context)
    return OUTSIDE if found is None else right(found == gold)


def falcon_class(prediction: str, context: Context) -> str | None:
    """The class of the list that is the text, case and white space at the ends aside; None: the dummy."""
    said = prediction.strip().lower()
    return next((name for name in context.classes if name.lower() == said), None)


def earthdial(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The share of the gold answer's tokens that occur in the text, spaces being deleted from both first.

    Tokens are NLTK's (Penn Treebank): a comma is one, so that two wrong labels of two score a third. The
    script splits sentences before, which needs data that NLTK downloads; a text without spaces is one
    sentence.

    >>> earthdial("Broad-leaved forest, Industrial units", "Arable land, Pastures")
    0.3333333333333333
    """
    true, said = (_tokens(text.strip().lower().replace(" ", "")) for text in (gold, prediction))
    return len(set(true) & set(said)) / len(true) if true else 0.0


@lru_cache(maxsize=4096)  # few answers and classes, many samples
def _tokens(text: str) -> tuple[str, ...]:
    """The tokens of a text without spaces; a word alone or before a full stop needs no tokenizer."""
    word, stop = (text[:-1], (".",)) if text.endswith(".") else (text, ())
    if word.isalnum() and word not in _SPLIT:
        return (word, *stop)
    return tuple(_treebank().tokenize(text))


_SPLIT = frozenset("cannot gimme gonna gotta lemme wanna".split())  # words of which the tokenizer makes two


@lru_cache(maxsize=1)
def _treebank() -> Any:
    from nltk.tokenize.destructive import NLTKWordTokenizer

    return NLTKWordTokenizer()


RULES = (
    Rule("cls/strict", strict, "exactly one class is named, as whole words, not negated", "rsbench", True,
         named=strict_class),
    Rule("cls/geochat", geochat, "equal without spaces and full stops", "GeoChat batch_geochat_scene.py",
         joined=True),
    Rule("cls/contain", contain, "the class stands in the answer", "RSCoVLM compute_contain_acc"),
    Rule("cls/rseval", within, "the answer stands in the class", "RSEvalKit eval_results_cls_vqa",
         rewards_empty=True),
    Rule("cls/either", either, "either stands in the other", "RSCoVLM vhm_bench.py eval_contain",
         rewards_empty=True),
    Rule("cls/lhrs", lhrs, "the class most like the answer", "LHRS-Bot main_cls.py", rewards_empty=True,
         named=lhrs_class),
    Rule("cls/rsthinker", rsthinker, "the class stands in the answer, without spaces, - and _",
         "RSThinker SCMetrics"),
    Rule("cls/skysense", skysense, "equal in lower case", "SkySenseGPT batch_geochat_sceneclassification.py"),
    Rule("cls/falcon", falcon, "equal to a class of the list", "Falcon classification.py",
         named=falcon_class),
    Rule("cls/earthdial", earthdial, "share of the class's tokens in the answer, without spaces",
         "EarthDial rs_classification/eval.py"),
    Rule("cls/startswith", starts, "the class starts with the answer", "RSCoVLM compute_startswith_acc",
         rewards_empty=True),
)  # fmt: skip
