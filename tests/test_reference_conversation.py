"""The text of a conversation, against the form that LLaMA2-Accessory's library prints."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rsbench.harness.contract import Turn
from rsbench.reference_model.config import SYSTEM_PROMPT
from rsbench.reference_model.conversation import conversation
from rsbench.reference_model.data.record import Turn as Taught


def conv_v1_2(system: str, turns: Sequence[tuple[str, str | None]]) -> str:
    """Section 3 of the specification, rule by rule: seps and roles; an open turn ends with its role."""
    text = system + "\n\n" + "###"
    for question, answer in turns:
        text += f" Human: {question}\n###"
        text += " Assistant:" if answer is None else f" Assistant: {answer}\n###"
    return text


@pytest.mark.parametrize("count", [0, 1, 3])
def test_it_reads_as_conv_v1_2(count: int) -> None:
    said = [(f"question {i}?", f"answer\n{i}") for i in range(count)]
    for kind in (Turn, Taught):
        text = conversation(SYSTEM_PROMPT, [kind(q, a) for q, a in said], "And now?")
        assert text == conv_v1_2(SYSTEM_PROMPT, [*said, ("And now?", None)])


def test_a_model_without_a_system_prompt_begins_with_the_question() -> None:
    text = conversation("", [Turn("Where?", "Here.")], "Sure?")
    assert "\n\n" + text == conv_v1_2("", [("Where?", "Here."), ("Sure?", None)])
