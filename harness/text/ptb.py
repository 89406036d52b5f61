"""Captions as the words that BLEU, METEOR, ROUGE-L, CIDEr and SPICE count: pycocoevalcap's tokens, without Java."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat

from .lexer import lexer, units

# The tokens that pycocoevalcap drops. It names the brackets in capitals, after everything was put in lower case;
# so they stay.
PUNCTUATION = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])

_LINE_END = re.compile("[\n\r\v\f\u2028\u2029]")


def tokenize(captions: Sequence[str]) -> list[str]:
    """Each caption as its words in lower case, joined by one space; '' for one without words.

    The words are those of pycocoevalcap's PTBTokenizer (Stanford CoreNLP 3.4.1 with -preserveLines -lowerCase, the
    punctuation marks removed). Like there, the captions are the lines of one text: a period at the end of a line may
    belong to an abbreviation or not depending on how the next line begins. For words that depend on nothing else,
    give one caption at a time. A line end within a caption counts as a space; pycocoevalcap does so for "\\n" only
    and assigns all later captions to wrong images after any other.
    """
    lines = [units(_LINE_END.sub(" ", caption)) for caption in captions]
    return _reread([*map(_closed, lines[:-1]), None], lines) if lines else []


def tokens_all(caption: str) -> list[str]:
    """The tokens of one caption in lower case, punctuation marks included."""
    text = units(_LINE_END.sub(" ", caption))
    return [token for token, _ in _tokens(text, 0, len(text))]


def _closed(line: str) -> str | None:
    """The words of a line that depend on nothing behind it; None if some chunk needs to see more than a space."""
    *chunks, last = line.split(" ")
    words = [*map(_words, chunks, repeat(" ")), _words(last, "\n")]
    return None if None in words else " ".join(filter(None, words))


@lru_cache(maxsize=1 << 16)
def _words(chunk: str, after: str) -> str | None:
    """The words in `chunk` where `after` follows; None if they depend on what comes after that."""
    text, words, at, read = chunk + after, [], 0, lexer().next
    while at < len(chunk):
        token, at, seen = read(text, at)
        if seen > len(text):
            return None
        if token is not None and token not in PUNCTUATION:
            words.append(token)
    return " ".join(words)


def _reread(known: Sequence[str | None], lines: Sequence[str]) -> list[str]:
    """The words of all lines, those of the unknown ones read in the whole text."""
    text = "\n".join(lines)
    results: list[str] = []
    start = at = 0
    begun: list[str] = []  # the rest, line by line, of a token that began on an earlier line
    for line, words in zip(lines, known, strict=True):
        stop = start + len(line)
        if words is None or begun or at > start:
            at = max(at, start)
            pieces, begun = begun[:1], begun[1:]
            while at < stop:
                read, at = _chunk(text, at, stop)
                pieces += read
            if at > stop:
                pieces[-1], *begun = pieces[-1].split("\n")
            words = " ".join(piece for piece in pieces if piece)
        results.append(words)
        start = stop + 1
    return results


def _chunk(text: str, at: int, stop: int) -> tuple[list[str], int]:
    """The words up to the next space in the line that ends at `stop`, and where to go on."""
    space = text.find(" ", at, stop)
    end = stop if space < 0 else space
    for after in (1, 2):
        words = _words(text[at:end], text[end : end + after])
        if words is not None:
            return [words], min(end + 1, stop)
    read = list(_tokens(text, at, end))
    return [token for token, _ in read if token not in PUNCTUATION], read[-1][1]


def _tokens(text: str, at: int, stop: int) -> Iterator[tuple[str, int]]:
    """The tokens that begin before `stop`, each with where the next one begins."""
    read = lexer().next
    while at < stop:
        token, at, _ = read(text, at)
        if token is not None:
            yield token, at
