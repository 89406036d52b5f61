"""The loop that looks at every word of METEOR's paraphrase table; words are known by a 64-bit hash."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled

Bytes = NDArray[np.uint8]
Hashes = NDArray[np.uint64]

START, PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)  # FNV-1a, 64 bits
NONE = np.uint64(0)


@compiled
def learn(text: Bytes, known: Hashes) -> None:
    """Enter the words of `text` into `known`, an open hash table of a power of two, at most half full."""
    mask = np.uint64(len(known) - 1)
    code = NONE
    for i in range(len(text) + 1):
        c = text[i] if i < len(text) else np.uint8(32)
        if (97 <= c <= 122) or (48 <= c <= 57):
            code = ((START if code == NONE else code) ^ np.uint64(c)) * PRIME
        elif code != NONE:
            place = code & mask
            while known[place] != NONE and known[place] != code:
                place = (place + np.uint64(1)) & mask
            known[place] = code
            code = NONE


@compiled
def keep(data: Bytes, known: Hashes, kept: Bytes) -> Any:
    """Copy the entries (three lines each) of known words; bytes written, bytes of whole entries."""
    mask = np.uint64(len(known) - 1)
    written, begun, lines = 0, 0, 0
    wanted, code = True, NONE
    for i in range(len(data)):
        c = data[i]
        if 65 <= c <= 90:
            c += np.uint8(32)
        if (97 <= c <= 122) or (48 <= c <= 57):
            if wanted and lines:  # the first line is a probability
                code = ((START if code == NONE else code) ^ np.uint64(c)) * PRIME
            continue
        if code != NONE:
            place = code & mask
            while known[place] != NONE and known[place] != code:
                place = (place + np.uint64(1)) & mask
            wanted = known[place] == code
            code = NONE
        if c == 10:
            lines += 1
            if lines == 3:
                if wanted:
                    size = i + 1 - begun
                    kept[written : written + size] = data[begun : i + 1]
                    written += size
                begun, lines, wanted = i + 1, 0, True
    return written, begun
