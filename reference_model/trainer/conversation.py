"""A conversation as tokens, and which of them are learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..data.record import Turn
from ..instructions import END, wrapped
from ..pointers import POINTER
from ..tokenizer import Tokenizer


@dataclass(slots=True)
class Spoken:
    """The tokens after BOS and the picture.

    `answer` numbers the answer a token belongs to, -1 where none: those are learned. `part` is 0 throughout
    in one conversation; with turns apart it numbers the turn, 1 for the first. `lost` turns did not fit.
    """

    ids: list[int] = field(default_factory=list)
    answer: list[int] = field(default_factory=list)
    part: list[int] = field(default_factory=list)
    lost: int = 0

    @property
    def answers(self) -> int:
        """How many answers there are to learn."""
        return self.answer[-1] + 1 if self.answer else 0


def together(turns: Sequence[Turn], tokenizer: Tokenizer, system: str, eos: int, limit: int) -> Spoken:
    """One conversation (LLaMA2-Accessory's `conv_v1_2`): an answer ends with "\\n###", EOS ends the last one.

    It is tokenised as one text, as a prompt with a history is. The first turn that takes the conversation
    over `limit` tokens and all after it are left out.
    """
    texts: list[tuple[str, bool]] = []
    for number, turn in enumerate(turns):
        prompt = wrapped(turn.question, "" if number else system)
        texts += [(prompt.removeprefix("###") if number else prompt, False), (f" {turn.answer}{END}", True)]
    ids: list[int] = []
    answer: list[int] = []
    number = -1
    ends = [0]  # how many tokens there are up to the end of each answer
    for token, learned in _tokens(texts, tokenizer):
        if learned:
            number += not (answer and answer[-1] >= 0)
            ends[number + 1 :] = [len(ids) + 1]
        ids.append(token)
        answer.append(number if learned else -1)
    kept = max(count for count, end in enumerate(ends) if end == 0 or end + 1 <= limit)
    if not kept:
        return Spoken(lost=len(turns))
    length = ends[kept]
    return Spoken([*ids[:length], eos], [*answer[:length], kept - 1], [0] * (length + 1), len(turns) - kept)


def apart(turns: Sequence[Turn], tokenizer: Tokenizer, system: str, eos: int, limit: int) -> Spoken:
    """Turns side by side, each a conversation of its own with its own EOS; one that does not fit into what
    is left of `limit` tokens is left out."""
    spoken = Spoken()
    for turn in turns:
        one = together([turn], tokenizer, system, eos, limit - len(spoken.ids))
        if not one.ids:
            spoken.lost += 1
            continue
        number = spoken.answers
        spoken.ids += one.ids
        spoken.answer += [number if a >= 0 else -1 for a in one.answer]
        spoken.part += [number + 1] * len(one.ids)
    return spoken


def _tokens(texts: Sequence[tuple[str, bool]], tokenizer: Tokenizer) -> Iterator[tuple[int, bool]]:
    """Tokens and whether they are learned: those that begin in an answer. A pointer in an answer is one token
    where the vocabulary has it; in a question it is letters."""
    run, marks = "", []  # text between pointers, and for each character whether it is an answer's
    for text, learned in texts:
        end = 0
        for match in POINTER.finditer(text) if learned else ():
            pointer = tokenizer.id(match[0])
            if pointer is not None:
                marks += [True] * (match.start() - end)
                yield from _encoded(run + text[end : match.start()], marks, tokenizer)
                yield pointer, True
                run, marks, end = "", [], match.end()
        run += text[end:]
        marks += [learned] * (len(text) - end)
    yield from _encoded(run, marks, tokenizer)


def _encoded(text: str, marks: Sequence[bool], tokenizer: Tokenizer) -> Iterator[tuple[int, bool]]:
    if text:
        ids, spans = tokenizer.spans(text)
        yield from zip(ids, (marks[min(start, len(marks) - 1)] for start, _ in spans), strict=True)
