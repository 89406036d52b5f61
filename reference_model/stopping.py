"""When an answer has ended: at EOS, or when its last tokens spell a stop string."""

from __future__ import annotations

from collections.abc import Sequence

from .tokenizer import Tokenizer


class Stop:
    """Asked after every token. Text is looked at only where the token has the last character of a stop
    string, or bytes of an unfinished character."""

    def __init__(self, tokenizer: Tokenizer, eos: int, marks: Sequence[str]) -> None:
        self._tokenizer, self._eos = tokenizer, eos
        self.marks = tuple(mark for mark in marks if mark)
        # every token has a byte at least; one more, as some decoders trim what a text begins with
        self._reach = max((len(mark.encode()) for mark in self.marks), default=0) + 1
        self._ends: dict[int, bool] = {}  # token -> whether a stop string may end in it

    def __call__(self, ids: Sequence[int]) -> bool:
        """Whether the answer is over with its last token."""
        if not ids:
            return False
        last = ids[-1]
        if last == self._eos:
            return True
        if last not in self._ends:
            text = self._tokenizer.decode([last])
            self._ends[last] = "\ufffd" in text or any(mark[-1] in text for mark in self.marks)
        if not self._ends[last]:
            return False
        text = self._tokenizer.decode(ids[-self._reach :])
        return any(mark in text for mark in self.marks)

    def cut(self, text: str) -> str:
        """A text up to the first stop string in it."""
        return text[: min((i for mark in self.marks if (i := text.find(mark)) >= 0), default=len(text))]

    def settled(self, text: str) -> int:
        """How many characters of an unfinished text no further token can take back."""
        sure = len(text)
        for mark in self.marks:
            for size in range(min(len(mark) - 1, len(text)), 0, -1):
                if text.endswith(mark[:size]):
                    sure = min(sure, len(text) - size)
                    break
        return sure
