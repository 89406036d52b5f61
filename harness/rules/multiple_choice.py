"""Which option of a multiple-choice question an answer picks: choice/strict and the public letter rules."""

from __future__ import annotations

import re
import unicodedata

from ..answers import match_label
from .rule import EMPTY, NOTHING, UNPARSED, Context, Outcome, Rule, right
from .text import trimmed

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARK = re.compile(r"(?<![^\W_])(?<!['\u2019])([A-Z])(?![^\W_])(?!['\u2019])")
_DECLARED = re.compile(r"\banswer(?: is)?:? (?:option )?[*(\[\"']{0,3}([A-Z])(?![^\W_])", re.IGNORECASE)
_ALONE = re.compile(r"(?:option |choice )?([a-z])", re.IGNORECASE)
_ARTICLE = re.compile(r" (?!(?:or|and|is)\b)[a-z]")  # after a capital A: a noun, so that it is no option
_NEGATED = re.compile(
    r"(?:\b(?:not|never|neither|nor|except|no)|n['\u2019]t) (?:option |choice )?[*(\[\"']*$", re.I
)
_EDGES = " *().,:;[]{}\"'`\u201c\u201d"
_BEFORE = 40  # characters before a letter in which a negation is looked for

_PREFIXES = (
    "The best answer is", "The correct answer is", "The answer is", "The answer", "The best option is",
    "The correct option is", "Best answer:", "Best option:",
)  # fmt: skip
_GLUED = (*_PREFIXES[:4], _PREFIXES[4] + _PREFIXES[5], _PREFIXES[6] + _PREFIXES[7])  # two commas are missing
_CAPITAL = re.compile("[ABCDE]")


def letters_of(gold: str) -> frozenset[str]:
    """The letters of a gold answer: one, or several ("A, C") where several options are right.

    >>> sorted(letters_of("A, C")), sorted(letters_of("b"))
    (['A', 'C'], ['B'])
    """
    return frozenset(letter for letter in gold.upper() if letter in _LETTERS)


def strict(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """Right if the answer picks the gold letter, or exactly the gold letters, by `picked`.

    >>> options = ("a road", "a river", "a school", "a bridge")
    >>> [strict(text, "D", Context(choices=options)) for text in ("Based on the image, D", "A bridge", "(b)")]
    [1.0, 1.0, 0.0]
    >>> strict("", "A", Context(choices=options))
    'empty answer'
    """
    if not prediction.strip():
        return EMPTY
    true = letters_of(gold)
    found = picked(prediction, context.choices, several=len(true) > 1)
    return right(found == true) if found else UNPARSED


def picked(text: str, choices: tuple[str, ...] = (), several: bool = False) -> frozenset[str]:
    """The letters of the options that an answer picks; of none, or of a contradiction, the empty set.

    In this order: the whole answer is a letter ("b", "(B)."); an "answer is B" or "answer: B"; capital
    letters that stand alone, A not being one before a word in lower case; the words of exactly one option.
    Unless `several` may be picked, two letters contradict each other, and so do a letter and another option's
    words. An answer that negates a letter picks none.

    >>> [sorted(picked(text)) for text in ("b", "The answer is C", "not B", "A or B")]
    [['B'], ['C'], [], []]
    >>> sorted(picked("A, C", several=True)), sorted(picked("I see A road", ("a road", "a river")))
    (['A', 'C'], ['A'])
    """
    flat = " ".join(unicodedata.normalize("NFKC", text).split())
    choices = choices[: len(_LETTERS)]
    known = _LETTERS[: len(choices) or 8]
    if whole := _ALONE.fullmatch(flat.strip(_EDGES)):
        return frozenset(whole[1].upper()) & frozenset(known)
    if several and (run := flat.strip(_EDGES)).isupper() and set(run) <= set(known):
        return frozenset(run)
    marks = _marks(_DECLARED, flat, known) or _marks(_MARK, flat, known)
    if marks is None:
        return frozenset()
    words = match_label(text, choices) if choices else None
    named = known[choices.index(words)] if words is not None else None
    if several:
        return marks or frozenset(named or "")
    if len(marks) > 1 or (marks and named and named not in marks):
        return frozenset()
    return marks or frozenset(named or "")


def _marks(pattern: re.Pattern[str], flat: str, known: str) -> frozenset[str] | None:
    """The options' letters that a pattern finds; None if one of them is negated."""
    letters = set()
    for found in pattern.finditer(flat):
        letter = found[1].upper()
        if letter not in known or (letter in "AI" and _ARTICLE.match(flat, found.end())):
            continue
        if _NEGATED.search(flat[max(0, found.start(1) - _BEFORE) : found.start(1)]):
            return None
        letters.add(letter)
    return frozenset(letters)


def mme_letter(text: str, choices: tuple[str, ...] = (), prefixes: tuple[str, ...] = _GLUED) -> str:
    """The letter that MME-RealWorld's script reads from an answer; "" if it finds none.

    Known phrases are deleted; the first capital A to E counts, wherever it stands; else the first option,
    written "(A) words", that contains the text. An empty answer is an A, and so is "Answer: D".

    >>> mme_letter(""), mme_letter("Answer: D"), mme_letter("Best answer: C"), mme_letter("a bridge")
    ('A', 'A', 'B', '')
    """
    text = text.strip()
    for prefix in prefixes:
        text = text.replace(prefix, "")
    if found := _CAPITAL.search(text):
        return found[0]
    if len(text.split()) > 10:
        return ""
    texts = choices or ("",) * 5
    options = (
        (letter, f"({letter}) {words}".strip()) for letter, words in zip(_LETTERS, texts, strict=False)
    )
    said = text.lower()
    return next((letter for letter, option in options if said in option.lower()), "")


def mme_official(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """MME-RealWorld's own script: the options' words are looked at, two of its phrases never match.

    >>> mme_official("Based on the image, D", "B")
    1.0
    """
    return _lettered(mme_letter(prediction, context.choices), gold)


def mme_lmms_eval(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The same in lmms-eval: all phrases match, the options are bare letters.

    >>> mme_lmms_eval("Best answer: C", "C")
    1.0
    """
    return _lettered(mme_letter(prediction, (), _PREFIXES), gold)


def _lettered(letter: str, gold: str) -> Outcome:
    return right(letter == gold.strip().upper()) if letter else UNPARSED


def contains_letter(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The gold letter stands anywhere in the text in lower case.

    >>> contains_letter("b. a school", "A")
    1.0
    """
    return right(trimmed(gold) in trimmed(prediction))


def vhm(prediction: str, gold: str, context: Context = NOTHING) -> Outcome:
    """The first capital A to E of the text stands in the gold answer.

    >>> vhm("Based on the image, D", "B"), vhm("b", "B")
    (1.0, 'no answer found in the text')
    """
    found = _CAPITAL.search(prediction)
    return right(found[0].lower() in trimmed(gold)) if found else UNPARSED


RULES = (
    Rule("choice/strict", strict, "one option is picked, by its letter or its words", "rsbench", ours=True),
    Rule("mme-realworld/official", mme_official, "the first capital A to E after known phrases",
         "MME-RealWorld eval_your_results.py", rewards_empty=True),
    Rule("mme-realworld/lmms-eval", mme_lmms_eval, "the same, with all phrases known",
         "lmms-eval mme_realworld", rewards_empty=True),
    Rule("rscovlm/letter", contains_letter, "the letter stands anywhere in the answer",
         "RSCoVLM large_image_bench.py"),
    Rule("vhm/choice", vhm, "the first capital A to E", "RSEvalKit eval_results_multichoice"),
)  # fmt: skip
