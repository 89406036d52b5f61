"""The forms in which texts are compared: EvalAI's normaliser, trimmed lower case, number words."""

from __future__ import annotations

import re

ARTICLES = frozenset(("a", "an", "the"))
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten".split())
} | {"none": "0"}
_PUNCTUATION = tuple(';/[]"{}()=+\\_-><@`,?!')
_PERIOD = re.compile(r"\.(?!\d)")
_PERIODS = 32  # re.UNICODE stands where the count belongs in the script: that many periods go, no more

_ENDINGS = {
    "n't": "ai are ca could did does do had has have is might must need ought sha should was were wo would",
    "n't've": "could had might should would",
    "'ve": "could I might must not should they we what where who would you",
    "'d": "he how it someone something there they where who you",
    "'d've": "he I it she somebody someone something there they we who you",
    "'ll": "how it somebody someone something they what who why you",
    "'s": "he how somebody someone that there what when where who why",
    "'re": "there they what why you",
}
_OTHERS = ("I'm", "ma'am", "o'clock", "'twas", "y'all", "y'all'll", "y'all'd've", "'ow's'at")


def _contractions() -> dict[str, str]:
    """Every spelling of a contraction that lacks apostrophes to the one that has them all.

    One apostrophe may be left of two, two of three. The keys with a capital never meet a text, which is in
    lower case by then; `somebody'd` loses its apostrophe, as in the script.
    """
    full = [stem + ending for ending, stems in _ENDINGS.items() for stem in stems.split()]
    table = {"somebody'd": "somebodyd"}
    for word in (*full, *_OTHERS):
        pieces = word.split("'")
        for gap in range(1, len(pieces)):  # one apostrophe is missing
            short = "'".join((*pieces[: gap - 1], pieces[gap - 1] + pieces[gap], *pieces[gap + 1 :]))
            table[short] = word
    return table


CONTRACTIONS = _contractions()


def evalai(text: str) -> str:
    """The form in which EvalAI's VQA and TextVQA servers compare answers, its slips included.

    Lower case; `,` and `?` deleted; `'s` set apart; a punctuation mark deleted where a space stands beside it
    anywhere in the text, else made a space; periods deleted unless a digit follows (the first 32 of them);
    none and zero to ten as digits; a, an, the deleted; apostrophes restored.

    Source: `EvalAIAnswerProcessor` of MMF's evaluator for M4C, which LHRS-Bot and others carry.

    >>> evalai("The two Trees, isnt it?"), evalai("Semi-urban."), evalai("a")
    ("2 trees isn't it", 'semi urban', '')
    """
    text = text.lower().replace(",", "").replace("?", "").replace("'s", " 's").strip()
    text = without_punctuation(text.replace("\n", " ").replace("\t", " ").strip())
    words = (_NUMBERS.get(word, word) for word in text.lower().split())
    return " ".join(CONTRACTIONS.get(word, word) for word in words if word not in ARTICLES)


def without_punctuation(text: str) -> str:
    """The punctuation step of EvalAI's normaliser."""
    cleaned = text
    for mark in _PUNCTUATION:
        if mark in text:
            beside_a_space = f"{mark} " in text or f" {mark}" in text
            cleaned = cleaned.replace(mark, "" if beside_a_space else " ")
    return _PERIOD.sub("", cleaned, count=_PERIODS)


def trimmed(text: str) -> str:
    """Lower case without white space, then without full stops at the ends.

    >>> trimmed(" Airport. ")
    'airport'
    """
    return text.lower().strip().strip(".")


def unspaced(text: str) -> str:
    """Lower case without spaces.

    >>> unspaced("Dense Residential")
    'denseresidential'
    """
    return text.replace(" ", "").lower()


def number_word(words: list[str]) -> str | None:
    """The number below 100 that words start with, as digits.

    The ones may be a digit: `evalai` makes "twenty 1" of "twenty-one".

    >>> number_word(["twenty", "one", "ships"]), number_word(["twelve"]), number_word(["ships"])
    ('21', '12', None)
    """
    if not words or (first := _BELOW_100.get(words[0])) is None:
        return None
    ones = _ONES.get(words[1], 0) if len(words) > 1 and first >= 20 else 0
    return str(first + ones)


def hyphenated_number(word: str) -> int | None:
    """A number below 100 in the spelling that has a hyphen: twenty-one.

    >>> hyphenated_number("twenty-one"), hyphenated_number("none")
    (21, None)
    """
    tens, hyphen, ones = word.partition("-")
    found = number_word([tens, ones] if hyphen else [tens])
    if found is None or (hyphen and (ones not in _BELOW_100 or int(found) == _BELOW_100[tens])):
        return None
    return int(found)


def _below_100() -> dict[str, int]:
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    words = f"{ones} sixteen seventeen eighteen nineteen".split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    return {w: i for i, w in enumerate(words)} | {w: 10 * i for i, w in enumerate(tens, 2)}


_BELOW_100 = _below_100()
_ONES = {word: n for word, n in _BELOW_100.items() if 1 <= n <= 9} | {str(n): n for n in range(1, 10)}
