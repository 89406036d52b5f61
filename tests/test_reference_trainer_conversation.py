"""Conversations as tokens: the text is LLaMA2-Accessory's, answers and their end marks are learned."""

from __future__ import annotations

import re

import pytest

from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.instructions import END, wrapped
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.trainer.conversation import Spoken, apart, together

EOS = 2
TURNS = [Turn("Is there a ship?", "yes"), Turn("Where?", "in the image [0.10,0.25]"), Turn("Why?", "no")]
SPOKEN = (
    "Be brief.\n\n### Human: Is there a ship?\n### Assistant: yes\n### Human: Where?\n### Assistant:"
    " in the image [0.10,0.25]\n### Human: Why?\n### Assistant: no\n###"
)


def alone(turn: Turn, tokenizer: Tokenizer, system: str = "") -> tuple[list[int], list[int]]:
    """Prompt and answer of one turn, each tokenised by itself; the vocabulary here never joins them."""
    answer: list[int] = []
    for part in re.split(r"(<[bo]\d+>)", f" {turn.answer}{END}"):
        number = tokenizer.id(part) if part.startswith("<") else None
        answer += tokenizer.encode(part) if number is None else [number]
    return tokenizer.encode(wrapped(turn.question, system)), [*answer, EOS]


def learned(spoken: Spoken, tokenizer: Tokenizer) -> list[str]:
    found: dict[int, list[int]] = {}
    for token, answer in zip(spoken.ids, spoken.answer, strict=True):
        found.setdefault(answer, []).append(token)
    return [tokenizer.decode([t for t in found[n] if t != EOS]) for n in range(spoken.answers)]


def test_one_conversation_is_one_text(tokenizer: Tokenizer) -> None:
    spoken = together(TURNS, tokenizer, "Be brief.", EOS, 500)
    assert spoken.ids == [*tokenizer.encode(SPOKEN), EOS]
    assert learned(spoken, tokenizer) == [" yes\n###", " in the image [0.10,0.25]\n###", " no\n###"]
    assert spoken.ids.count(EOS) == 1 and spoken.answer[-1] == 2
    assert set(spoken.part) == {0} and spoken.lost == 0 and spoken.answers == 3


def test_turns_apart_are_as_each_alone(tokenizer: Tokenizer) -> None:
    spoken = apart(TURNS, tokenizer, "Be brief.", EOS, 500)
    ones = [alone(turn, tokenizer, "Be brief.") for turn in TURNS]
    assert spoken.ids == [i for prompt, answer in ones for i in (*prompt, *answer)]
    assert [a for a in spoken.answer if a >= 0] == [n for n, (_, answer) in enumerate(ones) for _ in answer]
    assert spoken.part == [n for n, one in enumerate(ones, 1) for part in one for _ in part]


@pytest.mark.parametrize("speak", [together, apart])
def test_pointers_are_tokens_in_answers_only(speak: object, tokenizer: Tokenizer) -> None:
    turn = Turn("Where is <b1>?", "a ship[<b1>;<o0>] or <b77>")
    spoken = (together if speak is together else apart)([turn], tokenizer, "", EOS, 500)
    assert spoken.ids == [i for part in alone(turn, tokenizer) for i in part]
    pointers = [tokenizer.id("<b1>"), tokenizer.id("<o0>")]
    assert [t for t in spoken.ids if t in pointers] == pointers
    assert all(a == 0 for t, a in zip(spoken.ids, spoken.answer, strict=True) if t in pointers)


def test_the_steps_of_a_walk_are_tokens_in_answers_only(tokenizer: Tokenizer) -> None:
    spoken = together([Turn("Is <b> it?", "[<-><b>]")], tokenizer, "", EOS, 500)
    walk = [tokenizer.id("<->"), tokenizer.id("<b>")]
    found = [(t, a) for t, a in zip(spoken.ids, spoken.answer, strict=True) if t in walk]
    assert found == [(walk[0], 0), (walk[1], 0)]


def test_turns_that_do_not_fit_are_left_out_and_counted(tokenizer: Tokenizer) -> None:
    whole = together(TURNS, tokenizer, "", EOS, 500)
    for kept in (3, 2, 1):
        exact = len(together(TURNS[:kept], tokenizer, "", EOS, 500).ids)
        cut = together(TURNS, tokenizer, "", EOS, exact)
        assert cut == Spoken(
            [*whole.ids[: exact - 1], EOS], [*whole.answer[: exact - 1], kept - 1], [0] * exact, 3 - kept
        )
        assert together(TURNS, tokenizer, "", EOS, exact - 1).lost == 4 - kept
    assert together(TURNS, tokenizer, "", EOS, 5) == Spoken(lost=3)
    assert together([], tokenizer, "", EOS, 500) == Spoken()


def test_a_long_turn_apart_does_not_crowd_out_the_short(tokenizer: Tokenizer) -> None:
    short, long = Turn("Is there a ship?", "no"), Turn("Is there a ship?", "no " * 99)
    size = len(apart([short], tokenizer, "", EOS, 500).ids)
    spoken = apart([short, long, short], tokenizer, "", EOS, 2 * size)
    assert (spoken.lost, spoken.answers, len(spoken.ids), set(spoken.part)) == (1, 2, 2 * size, {1, 2})


def test_a_vocabulary_that_joins_words_is_cut_where_answers_begin() -> None:
    """LLaMA's tokenizer puts a mark before the text and has no pre-tokenizer: offsets decide, not pieces."""
    from tokenizers import Tokenizer as Inner
    from tokenizers import decoders, models, normalizers

    text = together_text("yes").replace(" ", "▁")
    letters = {c: n for n, c in enumerate(sorted({"▁", *text}))}
    merges = [("▁", "y"), ("▁y", "e"), ("▁ye", "s"), ("#", "#"), ("##", "#"), ("▁", "H")]
    vocabulary = letters | {a + b: len(letters) + n for n, (a, b) in enumerate(merges)}
    inner = Inner(models.BPE(vocab=vocabulary, merges=merges))
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    inner.decoder = decoders.Replace("▁", " ")
    tokenizer = Tokenizer(inner)
    spoken = together([Turn("a?", "yes"), Turn("b?", "yes")], tokenizer, "", 999, 500)
    taught = [i for i, a in zip(spoken.ids, spoken.answer, strict=True) if a == 0]
    assert taught[0] == vocabulary["▁yes"] and taught[-1] == vocabulary["###"]
    assert spoken.ids[0] == vocabulary["▁"]  # the mark before the text, once
    assert spoken.ids[:-1] == tokenizer.encode(together_text("yes"))


def together_text(answer: str) -> str:
    turns = f"Human: a?\n### Assistant: {answer}\n### Human: b?\n### Assistant: {answer}\n###"
    return f"### {turns}"
