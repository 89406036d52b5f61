"""How the PTB tokenizer writes a token: quotes as in LaTeX, brackets by name, fractions in ASCII."""

from __future__ import annotations

import re
from collections.abc import Callable

Spelling = Callable[[str], str]

_FRACTIONS = str.maketrans(
    {"\u00bc": "1/4", "\u00bd": "1/2", "\u00be": "3/4", "\u2153": "1/3", "\u2154": "2/3"}
)
_CURRENCIES = str.maketrans(
    {"\u00a2": "cents", "\u00a3": "#"} | dict.fromkeys("\u0080\u00a4\u20a0\u20ac", "$")
)
_BRACKETS = str.maketrans({"(": "-LRB-", ")": "-RRB-"})
_QUOTES = str.maketrans(
    dict.fromkeys("\u0091\u2018\u201b\u2039", "`")
    | dict.fromkeys("\u0092\u2019\u203a", "'")
    | dict.fromkeys("\u0093\u201c\u00ab", "``")
    | dict.fromkeys("\u0094\u201d\u00bb", "''")
)


def as_is(text: str) -> str:
    """The token as it stands."""
    return text


def joined(text: str) -> str:
    """Without the hyphens that only mark where a line may break; never empty."""
    return text.replace("\u00ad", "") or "-"


def opening_quote(text: str) -> str:
    """A quotation mark, or a word with one, with the undirected ones turned to the left."""
    return _quotes(text, "`", "``")


def closing_quote(text: str) -> str:
    """A quotation mark, or a word with one, with the undirected ones turned to the right."""
    return _quotes(text, "'", "''")


def _quotes(text: str, single: str, double: str) -> str:
    text = text.replace("&apos;", "'").replace("'", single)
    return text.replace('"', double).replace("&quot;", double).translate(_QUOTES)


def dashes(text: str) -> str:
    """Three or four hyphens are a dash."""
    return "--" if len(text) in (3, 4) else text


def fraction(text: str) -> str:
    """The usual fractions in digits."""
    return text.translate(_FRACTIONS)


def currency(text: str) -> str:
    """Cents, pounds and dollars; the others stay."""
    return text.translate(_CURRENCIES)


def ampersand(text: str) -> str:
    """The entity as the character."""
    return re.sub("&amp;", "&", text, flags=re.IGNORECASE)


def unbroken(text: str) -> str:
    """Spaces inside the token as no-break spaces."""
    return text.replace(" ", "\u00a0")


def brackets(text: str) -> str:
    """Round brackets by their names."""
    return text.translate(_BRACKETS)


def telephone(text: str) -> str:
    """Spaces as no-break spaces, brackets by name."""
    return brackets(unbroken(text))


def fixed(spelling: str) -> Spelling:
    """Always this spelling."""
    return lambda text: spelling
