"""Answers: alone or in company the same, of a picture looked at once, cut and ended where they should be."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from rsbench.harness.errors import ModelError
from rsbench.reference_model.generate import Asked, Generated, Generator, Sight
from rsbench.reference_model.instructions import END
from rsbench.reference_model.model import EarthGPT, Seen
from rsbench.reference_model.sampling import Sampling
from rsbench.reference_model.tokenizer import Tokenizer, pointer, train

PROMPTS = ["Is there a ship?", "Is there a harbour in the image, and where 0.50? " * 2, "x"]
LIMITS = [9, 14, 3]
WARM = Sampling(1.3, 0.9, 50, (5,))


def seen_of(model: EarthGPT, count: int = 3) -> Seen:
    with torch.no_grad():
        return model.see(torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(8)))


def row(seen: Seen, place: int) -> Seen:
    return Seen(seen.tokens[place : place + 1], None)


def one(model: EarthGPT, tokenizer: Tokenizer, seen: Seen, asked: Asked) -> Generated:
    generator = Generator(model, tokenizer)
    (answer,) = generator.answer(generator.sights(seen), [asked])
    assert "".join(token.text for token in answer.tokens) == answer.text
    return answer


@torch.no_grad()
def uncached(model: EarthGPT, visual: Tensor, ids: list[int], count: int) -> tuple[list[int], list[float]]:
    """Greedy decoding by a whole forward pass of transformers' a token."""
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
        visual, ids = seen.tokens[place : place + 1], tokenizer.encode(prompt)
        chosen, logprobs = uncached(text_model, visual, ids, 12)
        answer = one(text_model, tokenizer, row(seen, place), Asked(prompt, 12))
        assert len(set(chosen)) > 3, "the toy model's answers are varied"
        assert answer.count == len(chosen) and answer.read == 1 + visual.shape[1] + len(ids)
        pieces = tokenizer.pieces([i for i in chosen if i != 2])
        assert [t.text for t in answer.tokens] == [pieces[0].lstrip(" "), *pieces[1:]]
        kept = [value for value, i in zip(logprobs, chosen, strict=True) if i != 2]
        assert [t.logprob for t in answer.tokens] == pytest.approx(kept, abs=1e-5)


@pytest.mark.parametrize("sampling", [Sampling(), WARM], ids=["greedy", "sampled"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 2, 0, 0)])
def test_an_answer_does_not_depend_on_its_neighbours(
    text_model: EarthGPT, tokenizer: Tokenizer, order: Sequence[int], sampling: Sampling
) -> None:
    """Answers of different lengths: rows leave the batch one after the other."""
    generator = Generator(text_model, tokenizer)
    seen = seen_of(text_model)
    sights = generator.sights(seen)
    asked = [Asked(p, n, sampling) for p, n in zip(PROMPTS, LIMITS, strict=True)]
    together = generator.answer([sights[i] for i in order], [asked[i] for i in order])
    for place, answer in zip(order, together, strict=True):
        alone = one(text_model, tokenizer, row(seen, place), asked[place])
        assert [t.text for t in answer.tokens] == [t.text for t in alone.tokens]
        logprobs = [t.logprob for t in answer.tokens]
        assert logprobs == pytest.approx([t.logprob for t in alone.tokens], abs=1e-5)
        assert answer.count == alone.count <= LIMITS[place]


def test_a_prefix_is_as_good_as_new(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    """Many questions of one sight, asked in one batch and one after the other."""
    generator = Generator(text_model, tokenizer)
    (sight,) = generator.sights(row(seen_of(text_model), 1))
    kept = sight.prefix.clone()
    asked = [Asked(prompt, 6) for prompt in PROMPTS]
    together = generator.answer([sight] * 3, asked)
    for question, answer in zip(asked, together, strict=True):
        fresh = one(text_model, tokenizer, row(seen_of(text_model), 1), question)
        (again,) = generator.answer([sight], [question])
        assert fresh.text == again.text == answer.text
        for other in (again, answer):
            expected = [t.logprob for t in fresh.tokens]
            assert [t.logprob for t in other.tokens] == pytest.approx(expected, abs=1e-5)
    assert torch.equal(sight.prefix, kept), "an answer leaves the sight as it was"


def test_the_picture_and_the_prompt_matter(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(text_model)
    texts = {one(text_model, tokenizer, row(seen, i), Asked(PROMPTS[0], 10)).text for i in range(3)}
    assert len(texts) == 3
    assert one(text_model, tokenizer, row(seen, 0), Asked(PROMPTS[1], 10)).text not in texts


def test_a_seed_makes_a_sampled_answer(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = row(seen_of(text_model), 0)

    def said(sampling: Sampling) -> str:
        return one(text_model, tokenizer, seen, Asked(PROMPTS[0], 10, sampling)).text

    texts = {said(replace(WARM, seed=(seed,))) for seed in range(6)}
    assert len(texts) > 3 and said(WARM) == said(WARM) in texts
    greedy = said(Sampling())
    assert said(Sampling(1e-9, seed=(1,))) == greedy and said(Sampling(5.0, top_k=1, seed=(1,))) == greedy
    assert said(Sampling(5.0, top_p=1e-9, seed=(1,))) == greedy


def test_log_probabilities_of_a_sampled_answer_are_the_models(
    text_model: EarthGPT, tokenizer: Tokenizer
) -> None:
    seen = row(seen_of(text_model), 0)
    answer = one(text_model, tokenizer, seen, Asked("x", 1, Sampling(3.0, 0.9, seed=(2,))))
    embedded = text_model.splice(seen.tokens, torch.tensor([[1, *tokenizer.encode("x")]]))
    with torch.no_grad():
        scores = text_model.language(inputs_embeds=embedded).logits[0, -1].log_softmax(-1)
    near = [i for i, v in enumerate(scores.tolist()) if abs(v - answer.tokens[0].logprob) < 1e-5]
    assert tokenizer.decode(near).lstrip(" ") == answer.text != tokenizer.decode([int(scores.argmax())])


class Script(nn.Module):
    """An output head that wants `ids` one after the other, whatever it is shown."""

    def __init__(self, ids: list[int]) -> None:
        super().__init__()
        self.ids, self.step = ids, 0

    def forward(self, hidden: Tensor) -> Tensor:
        scores = torch.zeros(len(hidden), 400)
        scores[:, self.ids[self.step % len(self.ids)]] = 5.0
        self.step += 1
        return scores


def scripted(model: EarthGPT, ids: list[int]) -> EarthGPT:
    spoken = copy.deepcopy(model)
    spoken.language.lm_head = Script(ids)
    return spoken


def says(model: EarthGPT, tokenizer: Tokenizer, ids: list[int], limit: int) -> Generated:
    return one(scripted(model, ids), tokenizer, row(seen_of(model), 0), Asked("?", limit))


def test_an_answer_ends_at_eos(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(" a ship")
    answer = says(text_model, tokenizer, [*ids, 2], 50)
    assert answer.text == "a ship" and answer.count == len(ids) + 1


def test_an_empty_answer_and_one_of_one_token(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    empty = says(text_model, tokenizer, [2], 50)
    assert (empty.text, empty.tokens, empty.count) == ("", (), 1)
    ids = tokenizer.encode(" a ship")
    short = says(text_model, tokenizer, ids, 1)
    assert short.text == tokenizer.decode(ids[:1]).lstrip(" ") and short.count == 1


@pytest.mark.parametrize("words", [f" a ship{END}", f" a ship{END} Human: more", END, "##\n## 0.5"])
def test_an_answer_ends_at_the_end_mark(text_model: EarthGPT, tokenizer: Tokenizer, words: str) -> None:
    ids = tokenizer.encode(words)
    answer = says(text_model, tokenizer, ids, len(ids))
    assert answer.text == words.partition(END)[0].lstrip(" ")
    to_end = next((i for i in range(len(ids) + 1) if END in tokenizer.decode(ids[:i])), len(ids))
    assert answer.count == to_end


def test_a_token_that_holds_the_end_mark_is_cut(text_model: EarthGPT) -> None:
    words = train(["harbours harbours"] * 9, 400, 6)
    ids = words.encode("in harbours")
    assert len(ids) < 6, "harbours is one token"
    generator = Generator(scripted(text_model, ids), words, marks=("bour",))
    (answer,) = generator.answer(generator.sights(row(seen_of(text_model), 0)), [Asked("?", 50)])
    assert answer.text == "in har" and answer.tokens[-1].text.endswith("har")


def test_a_character_of_several_tokens_is_whole(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(" é🛰")
    assert says(text_model, tokenizer, ids, len(ids)).text == "é🛰"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (f" two ships\n## 0.5{END}", None),
        (" é🛰 ship", None),
        (END, []),
        (f" 0.10{END} Human", ["0.10"]),
    ],
)
def test_a_stream_shows_the_answer_and_nothing_else(
    text_model: EarthGPT, tokenizer: Tokenizer, words: str, parts: list[str] | None
) -> None:
    ids = tokenizer.encode(words)
    generator = Generator(scripted(text_model, [*ids, 2]), tokenizer)
    (sight,) = generator.sights(row(seen_of(text_model), 0))
    shown: list[str] = []
    answer = generator.stream(sight, Asked("?", 40), shown.append)
    assert "".join(shown) == answer.text == words.partition(END)[0].removeprefix(" ")
    assert "\ufffd" not in answer.text and all(shown)
    assert shown == parts if parts is not None else len(shown) > 2


def test_a_stream_is_the_answer(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    generator = Generator(text_model, tokenizer)
    (sight,) = generator.sights(row(seen_of(text_model), 2))
    for sampling in (Sampling(), WARM):
        shown: list[str] = []
        answer = generator.stream(sight, Asked(PROMPTS[0], 12, sampling), shown.append)
        assert [answer] == generator.answer([sight], [Asked(PROMPTS[0], 12, sampling)])
        assert "".join(shown) == answer.text


def test_a_long_prompt_is_cut_at_its_beginning(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = row(seen_of(text_model), 0)
    room = 220 - 1 - text_model.config.visual_tokens - 6  # positions, BOS, picture, answer
    fits = one(text_model, tokenizer, seen, Asked("0.10" + "0.50" * (room - 1), 6))
    assert fits.read == 220 - 6
    longer = "0.20" * 80 + "0.10" + "0.50" * (room - 1)
    assert one(text_model, tokenizer, seen, Asked(longer, 6)) == fits
    assert one(text_model, tokenizer, seen, Asked("0.20" * 80 + "0.50" * room, 6)) != fits


def test_an_answer_that_leaves_no_room_is_refused(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    generator = Generator(text_model, tokenizer)
    sights = generator.sights(seen_of(text_model))
    with pytest.raises(ModelError, match="room for 212 tokens of text; an answer may have 512"):
        generator.answer(sights, [Asked("?", 5), Asked("?", 512), Asked("?", 5)])
    with pytest.raises(ModelError, match="an answer may have 212"):
        generator.stream(sights[0], Asked("?", 212), print)
    (answer,) = generator.answer(sights[:1], [Asked("a longer prompt than one token", 211)])
    assert answer.read == 220 - 211 and answer.count <= 211, "one token of the prompt is left"


def test_nothing_asked_is_nothing_answered(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    assert Generator(text_model, tokenizer).answer([], []) == []


def test_pointers_are_printed_as_coordinates(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(proposals_model)
    assert seen.proposals is not None and seen.proposals.valid[:, 0].all()
    marks = [tokenizer.id(mark) for mark in ("[", pointer(0, False), ";", pointer(0, True), "]")]
    model = scripted(proposals_model, [i for i in marks if i is not None])
    generator = Generator(model, tokenizer)
    answers = generator.answer(generator.sights(seen), [Asked(prompt, 5) for prompt in PROMPTS])
    for place, answer in enumerate(answers):
        box = ",".join(f"{v:.2f}" for v in seen.proposals.boxes[place, 0].tolist())
        assert answer.text.startswith(f"[{box};") and answer.text.count(",") == 3 + 7
        assert "".join(token.text for token in answer.tokens) == answer.text and len(answer.tokens) == 5


def test_a_pointer_to_an_empty_slot_is_nothing(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = seen_of(proposals_model, 1)
    assert seen.proposals is not None
    empty = Seen(seen.tokens, replace(seen.proposals, valid=torch.zeros_like(seen.proposals.valid)))
    number, bracket = tokenizer.id(pointer(2, False)), tokenizer.id("[")
    assert number is not None and bracket is not None
    answer = one(scripted(proposals_model, [bracket, number]), tokenizer, empty, Asked("?", 4))
    assert answer.text == "[["


def test_pixels_become_sights(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    pixels = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(8))
    sights = Generator(proposals_model, tokenizer).see(pixels)
    length = 1 + proposals_model.config.visual_tokens
    assert all(isinstance(s, Sight) and s.prefix.shape == (2, 2, 4, length, 8) for s in sights)
    assert all(s.slots is not None and s.slots.boxes for s in sights)
