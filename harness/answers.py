"""Class names found in free text: the cls/strict rule for one choice, a wider one for labels of boxes."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_ENDS = string.punctuation + string.whitespace + "\u2018\u2019\u201c\u201d\u00ab\u00bb\u2026\u3002\u2022"
_WORD = re.compile(r"[^\W_]+")
_NEGATIONS = frozenset("not no non nor never neither without cannot".split())
_FILLERS = frozenset("a an the any be really".split())  # may stand between a negation and a name
_PLACES = frozenset("in on at near by beside behind along next inside".split())
_COUNTS = frozenset(
    "a an the some several many few no one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty dozen".split()
)
_SYNONYMS = (("airplane", "plane", "aircraft", "aeroplane"),)  # of common nouns, for labels of boxes
_LONGEST_LABEL = 400  # characters of a label that are looked at

Pairs = tuple[tuple[str, str], ...]


def normalise(text: str) -> str:
    """The form in which the cls/strict rule compares whole answers.

    Unicode NFKC, lower case, `_` and `-` to a space, spaces collapsed, punctuation trimmed from both ends.

    >>> normalise(" Dense_Residential. ")
    'dense residential'
    """
    folded = unicodedata.normalize("NFKC", text).lower().replace("_", " ").replace("-", " ")
    return " ".join(folded.split()).strip(_ENDS)


def match_label(text: str, choices: tuple[str, ...], aliases: Pairs = ()) -> str | None:
    """The choice that an answer names by the cls/strict rule, or None: unparsable.

    The whole answer is a choice or an alias (spaces, case, `_` and `-` aside), or it contains exactly one
    choice as whole words, the longer of two overlapping names counting, without a negation before it (an
    article may stand between). Source of the rule: `protocols.md` section 1, cls/strict.

    >>> match_label("The image shows a dense residential area", ("residential", "DenseResidential"))
    'DenseResidential'
    >>> match_label("not an airport", ("airport", "port")) is None
    True
    """
    whole, index = _choice_index(tuple(choices), tuple(aliases))
    if (found := whole.get(normalise(text)) or whole.get(_key(text))) is not None:
        return found
    words = _words(text)
    mentions = index.mentions(words)
    if len({name for name, _, _ in mentions}) != 1:
        return None
    if any(_before(words, start, _FILLERS) in _NEGATIONS for _, start, _ in mentions):
        return None
    return mentions[0][0]


def match_class(text: str, classes: tuple[str, ...], parent: str | None = None, aliases: Pairs = ()) -> str:
    """The class that the label of a box names; else the parent; else the words as they are, normalised.

    Singular and plural are one, counts before the name do not matter, and airplane, plane, aircraft and
    aeroplane are one unless the classes tell them apart. Of several classes the last one counts that does
    not merely say where (`ships in the harbor`).

    >>> match_class("13 A7 airplanes", ("A1", "A7"), "airplane")
    'A7'
    >>> match_class("two planes", ("A1", "A7"), "airplane"), match_class("2 Clouds", ("ship",))
    ('airplane', 'clouds')
    """
    if text in classes:
        return text
    words = _words(text[-_LONGEST_LABEL:])
    of_classes, of_parent = _label_indexes(tuple(classes), parent, tuple(aliases))
    for index in (of_classes, of_parent):
        if mentions := index.mentions([_stem(word) for word in words]):
            named = [m for m in mentions if _before(words, m[1], _FILLERS) not in _PLACES]
            return (named or mentions)[-1][0]
    kept = normalise(text[-_LONGEST_LABEL:]).split(" ")
    while len(kept) > 1 and (kept[0] in _COUNTS or kept[0].isdigit()):
        kept = kept[1:]
    return " ".join(kept)


def mentioned(text: str, classes: tuple[str, ...]) -> frozenset[str]:
    """The classes whose names stand in a text as whole words, singular and plural being one.

    Case, `_`, `-` and spaces make no difference; of two overlapping names the longer counts.

    >>> sorted(mentioned("2 small vehicles beside a ship", ("ship", "vehicle", "small_vehicle")))
    ['ship', 'small_vehicle']
    """
    index = _name_index(tuple(classes))
    return frozenset(name for name, _, _ in index.mentions([_stem(word) for word in _words(text)]))


class _Index:
    """Names by their first word, to be found as runs of words in a text."""

    def __init__(self, pairs: Iterable[tuple[tuple[str, ...], str]]) -> None:
        self._names: dict[str, dict[tuple[str, ...], str]] = {}
        for words, name in pairs:
            if words:
                self._names.setdefault(words[0], {}).setdefault(words, name)

    def mentions(self, words: list[str]) -> list[tuple[str, int, int]]:
        """(name, first word, word after the last) of every mention; the longer of two that overlap."""
        found = [
            (name, start, start + len(run))
            for start, word in enumerate(words)
            for run, name in self._names.get(word, {}).items()
            if tuple(words[start : start + len(run)]) == run
        ]
        taken: set[int] = set()
        kept = []
        for mention in sorted(found, key=lambda m: (m[1] - m[2], m[1])):
            span = range(mention[1], mention[2])
            if taken.isdisjoint(span):
                taken.update(span)
                kept.append(mention)
        return sorted(kept, key=lambda m: m[1])


@lru_cache(maxsize=64)
def _choice_index(choices: tuple[str, ...], aliases: Pairs) -> tuple[dict[str, str], _Index]:
    spellings = [*((c, c) for c in choices), *(pair for pair in aliases if pair[1] in choices)]
    whole: dict[str, str] = {}
    for form in (normalise, _key):  # the form closest to the spelling is entered first
        for spelling, choice in spellings:
            whole.setdefault(form(spelling), choice)
    whole.pop("", None)
    runs = [(run, choice) for spelling, choice in spellings for run in _runs(spelling)]
    return whole, _Index(runs)


@lru_cache(maxsize=64)
def _label_indexes(classes: tuple[str, ...], parent: str | None, aliases: Pairs) -> tuple[_Index, _Index]:
    def index(names: tuple[str, ...]) -> _Index:
        spellings = [*((n, n) for n in names), *(pair for pair in aliases if pair[1] in names)]
        spellings += [(other, n) for n in names for group in _SYNONYMS if n in group for other in group]
        return _Index((tuple(map(_stem, run)), n) for spelling, n in spellings for run in _runs(spelling))

    return index(classes), index((parent,) if parent else ())


@lru_cache(maxsize=64)
def _name_index(classes: tuple[str, ...]) -> _Index:
    return _Index((tuple(map(_stem, run)), name) for name in classes for run in _runs(name))


def _runs(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A name as its words, and as one word."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(_words(spaced)), tuple(_words(_key(name)))


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'").replace("n't", " not")
    return _WORD.findall(folded)


def _key(text: str) -> str:
    """Letters and digits alone: what names have in common that differ by spaces only."""
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def _before(words: list[str], start: int, skipped: frozenset[str]) -> str | None:
    """The nearest word before a place that is not skipped."""
    while start > 0 and words[start - 1] in skipped:
        start -= 1
    return words[start - 1] if start > 0 else None


def _stem(word: str) -> str:
    """What singular and plural of a noun have in common.

    >>> [_stem(w) for w in ("ships", "buses", "bus", "ferries", "houses", "house", "glass")]
    ['ship', 'bus', 'bus', 'ferry', 'hous', 'hous', 'glass']
    """
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ie"):
        return word[:-2] + "y"
    return word[:-1] if word.endswith(("se", "xe", "ze", "che", "she")) else word
