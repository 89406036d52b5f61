"""Generated token ids to an answer's text, and to the pieces of it that each token wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

# special tokens by which families mark boxes and names: part of the answer, unlike the end of a turn
_MARKS = re.compile(
    r"<\|(?:box|quad|object_ref|point)_(?:start|end)\|>|</?(?:box|quad|ref|poly|point|delim|det|p)>"
    r"|<\|/?(?:ref|det|grounding)\|>|<(?:loc|seg)\d+>"
)


class Words:
    """The text of one tokenizer's tokens."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder
        special = {id_ for id_, token in added.items() if token.special} | set(tokenizer.all_special_ids)
        marks = {id_ for id_, token in added.items() if _MARKS.fullmatch(str(token))}
        self.specials = frozenset(special)
        self._silent = self.specials - marks

    def written(self, ids: Sequence[int]) -> list[int]:
        """Places of the tokens that are part of the text."""
        return [place for place, id_ in enumerate(ids) if id_ not in self._silent]

    def text(self, ids: Sequence[int]) -> str:
        """What tokens write, without special ones other than marks of boxes and names."""
        seen = [id_ for id_ in ids if id_ not in self._silent]
        text: str = self._tokenizer.decode(
            seen, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return text

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The part of the text that each token settled; joined, they are the text.

        A token that only begins a character has an empty piece, the one that completes it the character.
        `ids` are tokens that are part of the text.
        """
        text = self.text(ids)
        settled = [0]
        for end in range(1, len(ids)):
            so_far = self.text(ids[:end])
            settled.append(max(settled[-1], _shared(so_far, text, settled[-1])))
        if ids:
            settled.append(len(text))
        return [text[start:end] for start, end in pairwise(settled)]


def _shared(one: str, other: str, start: int) -> int:
    """Length of the common beginning of two texts that share the first `start` characters."""
    place, end = start, min(len(one), len(other))
    while place < end and one[place] == other[place]:
        place += 1
    return place
