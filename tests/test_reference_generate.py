"""Greedy answers: the same as without a cache, alone or in company, cut and ended where they should be."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from rsbench.harness.errors import ModelError
from rsbench.reference_model import generate as generation
from rsbench.reference_model.generate import Generated, generate
from rsbench.reference_model.instructions import END
from rsbench.reference_model.model import EarthGPT, Seen
from rsbench.reference_model.tokenizer import Tokenizer, pointer, train

PROMPTS = ["Is there a ship?", "Is there a harbour in the image, and where 0.50? " * 2, "x"]


def seen_of(model: EarthGPT, count: int = 3) -> Seen:
    with torch.no_grad():
        return model.see(torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(8)))


def row(seen: Seen, place: int) -> Seen:
    return Seen(seen.tokens[place : place + 1], None)


def answered(model: EarthGPT, tokenizer: Tokenizer, seen: Seen, prompt: str, limit: int) -> Generated:
    (answer,) = generate(model, tokenizer, seen, [prompt], [limit])
    assert "".join(token.text for token in answer.tokens) == answer.text
    return answer


@torch.no_grad()
def uncached(model: EarthGPT, visual: Tensor, ids: list[int], count: int) -> tuple[list[int], list[float]]:
    """Greedy decoding by a whole forward pass a token."""
    chosen: list[int] = []
    logprobs = []
    for _ in range(count):
        embedded = model.splice(visual, torch.tensor([[1, *ids, *chosen]]))
        scores = model.language(inputs_embeds=embedded, use_cache=False).logits[0, -1].log_softmax(-1)
        chosen.append(int(scores.argmax()))
        logprobs.append(float(scores.max()))
        if chosen[-1] == model.config.language.eos_id:
            break
    return chosen, logprobs


def test_the_cache_changes_nothing(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(text_model)
    for place, prompt in enumerate(PROMPTS):
        visual = seen.tokens[place : place + 1]
        chosen, logprobs = uncached(text_model, visual, tokenizer.encode(prompt), 12)
        answer = answered(text_model, tokenizer, row(seen, place), prompt, 12)
        assert len(set(chosen)) > 3, "the toy model's answers are varied"
        assert answer.count == len(chosen)
        pieces = tokenizer.pieces([i for i in chosen if i != 2])
        assert [t.text for t in answer.tokens] == [pieces[0].lstrip(" "), *pieces[1:]]
        kept = [value for value, i in zip(logprobs, chosen, strict=True) if i != 2]
        assert [t.logprob for t in answer.tokens] == pytest.approx(kept, abs=1e-4)


def test_an_answer_does_not_depend_on_its_neighbours(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen, limits = seen_of(text_model), [9, 14, 3]
    together = generate(text_model, tokenizer, seen, PROMPTS, limits)
    for place, prompt in enumerate(PROMPTS):
        alone = answered(text_model, tokenizer, row(seen, place), prompt, limits[place])
        assert [t.text for t in together[place].tokens] == [t.text for t in alone.tokens]
        logprobs = [t.logprob for t in together[place].tokens]
        assert logprobs == pytest.approx([t.logprob for t in alone.tokens], abs=1e-4)
        assert together[place].count == alone.count <= limits[place]


def test_the_picture_and_the_prompt_matter(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(text_model)
    texts = {answered(text_model, tokenizer, row(seen, place), PROMPTS[0], 10).text for place in range(3)}
    assert len(texts) == 3
    assert answered(text_model, tokenizer, row(seen, 0), PROMPTS[1], 10).text not in texts


class Script(nn.Module):
    """An output head that wants `ids` one after the other, whatever it is shown."""

    def __init__(self, ids: list[int]) -> None:
        super().__init__()
        self.ids, self.step = ids, 0

    def forward(self, hidden: Tensor) -> Tensor:
        scores = torch.zeros(*hidden.shape[:2], 400)
        scores[..., self.ids[self.step % len(self.ids)]] = 5.0
        self.step += 1
        return scores


def scripted(model: EarthGPT, ids: list[int]) -> EarthGPT:
    spoken = copy.deepcopy(model)
    spoken.language.lm_head = Script(ids)
    return spoken


def test_an_answer_ends_at_eos(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(" a ship")
    answer = answered(scripted(text_model, [*ids, 2]), tokenizer, row(seen_of(text_model), 0), "?", 50)
    assert answer.text == "a ship" and answer.count == len(ids) + 1


@pytest.mark.parametrize("words", [f" a ship{END}", f" a ship{END} Human: more", END, "##\n## 0.5"])
def test_an_answer_ends_at_the_end_mark(text_model: EarthGPT, tokenizer: Tokenizer, words: str) -> None:
    ids = tokenizer.encode(words)
    answer = answered(scripted(text_model, ids), tokenizer, row(seen_of(text_model), 0), "?", len(ids))
    assert answer.text == words.partition(END)[0].lstrip(" ")
    to_end = next((i for i in range(len(ids) + 1) if END in tokenizer.decode(ids[:i])), len(ids))
    assert answer.count == to_end


def test_a_token_that_holds_the_end_mark_is_cut(
    text_model: EarthGPT, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generation, "END", "bour")
    words = train(["harbours harbours"] * 9, 400, 6)
    ids = words.encode("in harbours")
    assert len(ids) < 6, "harbours is one token"
    answer = answered(scripted(text_model, ids), words, row(seen_of(text_model), 0), "?", 50)
    assert answer.text == "in har" and answer.tokens[-1].text.endswith("har")


def test_a_character_of_several_tokens_is_whole(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(" é🛰")
    model, seen = scripted(text_model, ids), row(seen_of(text_model), 0)
    assert answered(model, tokenizer, seen, "?", len(ids)).text == "é🛰"


def test_a_long_prompt_is_cut_at_its_beginning(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = row(seen_of(text_model), 0)
    room = 220 - 1 - text_model.config.visual_tokens - 6  # positions, BOS, picture, answer
    fits = answered(text_model, tokenizer, seen, "0.10" + "0.50" * (room - 1), 6)
    longer = "0.20" * 80 + "0.10" + "0.50" * (room - 1)
    assert answered(text_model, tokenizer, seen, longer, 6) == fits
    assert answered(text_model, tokenizer, seen, "0.20" * 80 + "0.50" * room, 6) != fits


def test_an_answer_that_leaves_no_room_is_refused(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    with pytest.raises(ModelError, match="room for 212 tokens of text; an answer may have 512"):
        generate(text_model, tokenizer, row(seen_of(text_model), 0), ["?"], [512])


def test_pointers_are_printed_as_coordinates(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(proposals_model)
    assert seen.proposals is not None and seen.proposals.valid[:, 0].all()
    marks = [tokenizer.id(mark) for mark in ("[", pointer(0, False), ";", pointer(0, True), "]")]
    model = scripted(proposals_model, [i for i in marks if i is not None])
    for place, answer in enumerate(generate(model, tokenizer, seen, PROMPTS, [5, 5, 5])):
        box = ",".join(f"{v:.2f}" for v in seen.proposals.boxes[place, 0].tolist())
        assert answer.text.startswith(f"[{box};") and answer.text.count(",") == 3 + 7
        assert "".join(token.text for token in answer.tokens) == answer.text and len(answer.tokens) == 5


def test_a_pointer_to_an_empty_slot_is_nothing(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(proposals_model, 1)
    assert seen.proposals is not None
    empty = Seen(seen.tokens, replace(seen.proposals, valid=torch.zeros_like(seen.proposals.valid)))
    number, bracket = tokenizer.id(pointer(2, False)), tokenizer.id("[")
    assert number is not None and bracket is not None
    assert answered(scripted(proposals_model, [bracket, number]), tokenizer, empty, "?", 4).text == "[["
