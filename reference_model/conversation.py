"""The text of a conversation, as LLaMA2-Accessory's `conv_v1_2` has it (section 3 of its `lib.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .instructions import wrapped


class Said(Protocol):
    """An earlier question and its answer: the harness's Turn and the training data's alike."""

    @property
    def question(self) -> str: ...

    @property
    def answer(self) -> str: ...


def conversation(system: str, turns: Iterable[Said], question: str) -> str:
    """Everything the model reads after the picture: the system's sentence, earlier turns, the open question.

    >>> from .data.record import Turn
    >>> print(conversation("Be brief.", [Turn("Where?", "Here.")], "Sure?"))
    Be brief.
    <BLANKLINE>
    ### Human: Where?
    ### Assistant: Here.
    ### Human: Sure?
    ### Assistant:
    """
    earlier = ""
    for turn in turns:
        earlier += f"{wrapped(turn.question, system)} {turn.answer}\n"
        system = ""
    return earlier + wrapped(question, system)
