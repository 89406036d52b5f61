"""Captions as the words that the caption metrics count: pycocoevalcap's tokens, without Java."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .lexer import lexer, units

# The tokens that pycocoevalcap drops. It also names the brackets, but in capitals, which are gone by then.
PUNCTUATION = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])

_LINE_END = re.compile("[\n\r\v\f\u2028\u2029]")


def tokenize(captions: Sequence[str]) -> list[str]:
    """Each caption as its words in lower case, joined by one space; '' for one without words.

    The words are those of pycocoevalcap's PTBTokenizer (Stanford CoreNLP 3.4.1 with -preserveLines and
    -lowerCase, punctuation marks removed). Like there, the captions are the lines of one text: whether a
    period at the end of a caption belongs to an initial ("pier a.") can depend on the next caption, and the
    end of the text differs from the end of a line ("1.jpg"). For words that depend on nothing else, give a
    caption and an empty one. Any line end within a caption counts as a space; pycocoevalcap does so for "\\n"
    only and, after any other, gives captions to the wrong images.
    """
    lines = [units(_LINE_END.sub(" ", caption)) for caption in captions]
    known = _Known()
    return _reread([*(_closed(line, known) for line in lines[:-1]), None], lines) if lines else []


def tokens_all(caption: str) -> list[str]:
    """The tokens of one caption in lower case, punctuation marks included."""
    text = units(_LINE_END.sub(" ", caption))
    return _tokens(text, 0, len(text))[0]


class _Known(dict[str, "str | None"]):
    """The words of each chunk before a space, looked up once."""

    def __missing__(self, chunk: str) -> str | None:
        self[chunk] = words = _words(chunk, " ")
        return words


def _closed(line: str, known: _Known) -> str | None:
    """The words of a line; None if those of some chunk depend on what comes after the space behind it."""
    *chunks, last = line.split(" ")
    words = [*map(known.__getitem__, chunks), _words(last, "\n")]
    if None in words:
        return None
    joined = " ".join(filter(None, words))
    return None if joined[-1:].isspace() else joined


@lru_cache(maxsize=1 << 15)
def _words(chunk: str, after: str) -> str | None:
    """`_chunk` without punctuation marks, joined by spaces."""
    tokens = _chunk(chunk, after)
    return None if tokens is None else " ".join(token for token in tokens if token not in PUNCTUATION)


@lru_cache(maxsize=1 << 15)
def _chunk(chunk: str, after: str) -> tuple[str, ...] | None:
    """The tokens of `chunk` before `after`; None if they reach into that or depend on what comes then."""
    text, tokens, at, read, with_at = chunk + after, [], 0, lexer().next, "@" in chunk
    while at < len(chunk):
        token, at, seen = read(text, at, with_at)
        if seen > len(text):
            return None
        if token is not None:
            tokens.append(token)
    return tuple(tokens) if at == len(chunk) else None


def _reread(known: Sequence[str | None], lines: Sequence[str]) -> list[str]:
    """The words of all lines; those not known yet are read in the whole text."""
    text = "\n".join(lines)
    results: list[str] = []
    start = at = 0
    begun: list[str] = []  # what a token that began on an earlier line leaves to this and the next ones
    for line, words in zip(lines, known, strict=True):
        stop = start + len(line)
        if words is None or begun:
            tokens, at = _tokens(text, max(at, start), stop)
            written, *rest = " ".join(begun[:1] + tokens).split("\n")
            begun = begun[1:] + rest
            # This is how pycocoevalcap takes a line apart.
            words = " ".join(word for word in written.rstrip().split(" ") if word not in PUNCTUATION)
        results.append(words)
        start = stop + 1
    return results


def _tokens(text: str, at: int, stop: int) -> tuple[list[str], int]:
    """The tokens that begin before `stop` and where the next one begins."""
    tokens: list[str] = []
    read = lexer().next
    while at < stop:
        space = text.find(" ", at, stop)
        end = stop if space < 0 else space
        known = _chunk(text[at:end], text[end : end + 2])
        if known is None:
            with_at = text.find("@", at, end) >= 0
            while at < end:
                token, at, _ = read(text, at, with_at)
                if token is not None:
                    tokens.append(token)
        else:
            tokens += known
            at = end
        if at == space:
            at += 1
    return tokens, at
