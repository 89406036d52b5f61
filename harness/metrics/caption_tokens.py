"""How caption scripts cut text into tokens, by name: the choice moves CIDEr by a third."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import unknown


def _ptb(captions: Sequence[str]) -> list[str]:
    from ..text.ptb import tokenize as ptb

    return ptb(captions)


def _none(captions: Sequence[str]) -> list[str]:
    return list(captions)


def _lower(captions: Sequence[str]) -> list[str]:
    return [caption.lower() for caption in captions]


def _lower_unstopped(captions: Sequence[str]) -> list[str]:
    return [caption.lower().rstrip(".") for caption in captions]


TOKENIZERS: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "ptb": _ptb,  # pycocoevalcap, VRSBench: Penn Treebank tokens, lower case, without punctuation
    "lower": _lower,  # RSCoVLM: lower case, split at white space; punctuation sticks to words
    "lower-unstopped": _lower_unstopped,  # the same, less full stops at the end
    "none": _none,  # Falcon and other scripts that skip the tokeniser: split at white space
}


def check_tokenizer(name: str) -> str:
    """The name, if there is such a tokenizer.

    Raises:
        UsageError: there is none; with the nearest names.
    """
    if name not in TOKENIZERS:
        raise unknown("caption tokenizer", name, TOKENIZERS)
    return name


def tokenize(captions: Sequence[str], name: str) -> list[str]:
    """Tokens of each caption, joined by blanks; "" for a caption without words.

    Only "ptb" joins them by single blanks. The others leave white space as it is: pycocoevalcap's ROUGE-L
    counts the empty strings between two blanks as tokens, and published figures have them in.

    >>> tokenize(["Two planes.", ""], "lower")
    ['two planes.', '']
    """
    return TOKENIZERS[check_tokenizer(name)](captions)
