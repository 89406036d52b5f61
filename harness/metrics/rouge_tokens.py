"""Words as the ROUGE scripts compare them: lower case, letters and digits of ASCII, Porter's stems."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nltk.stem.porter import PorterStemmer

_OTHER = re.compile("[^a-z0-9]+")


def rouge_tokens(text: str) -> list[str]:
    """The stems of the words of a text; words of up to three letters stay as they are.

    As rouge-score 0.1.2 with use_stemmer=True, which follows ROUGE 1.5.5: everything but a to z and 0 to 9
    separates words, so that text in another script has none.

    >>> rouge_tokens("Two planes, parked!")
    ['two', 'plane', 'park']
    """
    return [_stem(word) for word in _OTHER.split(text.lower()) if word]


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    return str(_stemmer().stem(word)) if len(word) > 3 else word


@lru_cache(maxsize=1)
def _stemmer() -> PorterStemmer:
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer()
