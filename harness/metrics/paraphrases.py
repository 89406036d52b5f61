"""METEOR's paraphrase table cut down to the words of some texts: it then loads in a fraction of the time.

A paraphrase can only match where all of its words occur, so that the others change nothing. What is kept is
more than that, never less: a word of the table counts as there if each of its runs of letters and digits is a
run of the texts, whatever METEOR's own normaliser makes of apostrophes, hyphens and other scripts.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

CHUNK = 1 << 24  # bytes of the table held at a time

_RUN = re.compile("[a-z0-9]+")


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The runs of letters (a to z) and digits in lower case.

    >>> sorted(words_of(["It's 3.5 KM", "km"]))
    ['3', '5', 'it', 'km', 's']
    """
    return frozenset(_RUN.findall("\n".join(texts).lower()))


def shorten(table: Path, words: frozenset[str], target: Path) -> None:
    """Write the entries of a gzipped table that consist of `words` alone, in their order, to `target`.

    An entry is three lines: a probability, a phrase, and a phrase that says the same.
    """
    from .paraphrases_kernel import keep, learn

    known = np.zeros(max(1 << (2 * len(words)).bit_length(), 2), np.uint64)
    learn(np.frombuffer(" ".join(words).encode("ascii"), np.uint8), known)
    rest = b""
    with gzip.open(table) as source, gzip.open(target, "wb", compresslevel=1) as short:
        while chunk := source.read(CHUNK):
            data = np.frombuffer(rest + chunk, np.uint8)
            kept = np.empty(len(data), np.uint8)
            written, used = keep(data, known, kept)
            short.write(kept[:written].tobytes())
            rest = data[used:].tobytes()
