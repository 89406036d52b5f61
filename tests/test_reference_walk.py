"""The steps of a walk show proposals and how they fit: alike in training, in answers, and by hand."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.generate import Asked, Generator
from rsbench.reference_model.model import EarthGPT, Seen
from rsbench.reference_model.pointers import steps
from rsbench.reference_model.preprocess import normalised
from rsbench.reference_model.tokenizer import Tokenizer, train
from rsbench.reference_model.trainer.collate import collate
from rsbench.reference_model.trainer.conversation import apart, together
from rsbench.reference_model.trainer.forward import Learner
from rsbench.reference_model.trainer.pack import Block
from rsbench.reference_model.walking import Chosen, decided

RNG = np.random.default_rng(3)
PICTURES = [RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(2)]
ANSWER = "in [<-><-><b><o><-><-><b><->]"  # two steps more than there are proposals


def by_hand(model: EarthGPT, tokenizer: Tokenizer, seen: Seen, ids: list[int], answer: list[int]) -> Tensor:
    """Logits after every text token: transformers' own pass over embeddings put together token by token.
    `answer` numbers the answer a token belongs to, -1 in questions."""
    assert model.region is not None
    text = torch.tensor([[1, *ids]])
    words = model.language.get_input_embeddings()(text[0, 1:])
    embedded = model.splice(seen.tokens, text).clone()
    shown = seen.tokens[0, -7:-1]  # 6 proposals, before the end of the picture
    counts: Counter[int] = Counter()
    for place, (token, number) in enumerate(zip(ids, answer, strict=True)):
        if number >= 0 and token in steps(tokenizer):
            if counts[number] < 6:
                question = words[: answer.index(number)].mean(0)
                added = model.region.step(shown[None, counts[number]], question[None])
                embedded[0, 1 + seen.tokens.shape[1] + place] += added[0]
            counts[number] += 1
    logits: Tensor = model.language(inputs_embeds=embedded).logits[0, seen.tokens.shape[1] :]
    return logits


def test_the_tokens_of_a_walk(tokenizer: Tokenizer) -> None:
    tallies = [f"<+{count}>" for count in range(7)]
    assert [tokenizer.token(number) for number in steps(tokenizer)] == ["<->", "<b>", "<o>", *tallies]
    assert steps(train(["a ship"] * 9, 300, 0)) == []


@pytest.mark.parametrize("speak", [together, apart])
@torch.no_grad()
def test_the_loss_in_company_is_that_by_hand(
    speak: type, proposals_model: EarthGPT, tokenizer: Tokenizer
) -> None:
    config, losses, blocks = proposals_model.config, [], []
    walk = steps(tokenizer)
    for number, answer in enumerate(["no", ANSWER]):
        turns = [Turn("Where?", answer), Turn("Is?", f"There is {answer}.")]
        spoken = speak(turns, tokenizer, config.system_prompt, 2, 200)
        blocks.append(Block(spoken, config.visual_tokens, number))
        seen = proposals_model.see(normalised([PICTURES[number]]))
        for part in sorted(set(spoken.part)):
            own = [n for n, p in enumerate(spoken.part) if p == part]
            ids = [spoken.ids[n] for n in own]
            answers = [spoken.answer[n] for n in own]
            logits = by_hand(proposals_model, tokenizer, seen, ids, answers)
            learned = [i for i, a in enumerate(answers) if a >= 0]
            wanted = torch.tensor([ids[i] for i in learned])
            losses.append(functional.cross_entropy(logits[learned], wanted, reduction="sum"))
    pictures = dict(enumerate(PICTURES))
    for rows in ([blocks], [[blocks[1]], [blocks[0]]]):
        batch = collate(rows, pictures, 1, 0, "tokens", walk)
        assert float(Learner(proposals_model)(**batch)) == pytest.approx(float(sum(losses)), rel=1e-5)
    without = collate([blocks], pictures, 1, 0, "tokens")
    assert float(Learner(proposals_model)(**without)) != pytest.approx(float(sum(losses)), rel=1e-4)


@torch.no_grad()
def test_answers_are_written_as_they_are_learned(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = proposals_model.see(normalised(PICTURES))
    model = copy.deepcopy(proposals_model)
    model.language.get_output_embeddings().weight = nn.Parameter(model.language.lm_head.weight.clone())
    for token in steps(tokenizer)[:3]:  # so that answers are walks
        model.language.lm_head.weight[token] *= 10
    generator = Generator(model, tokenizer)
    prompts = ["Where?", "Is there a ship?"]
    answers = generator.answer(generator.sights(seen), [Asked(prompt, 12) for prompt in prompts])
    stepping = []
    for place, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        alone = Seen(seen.tokens[place : place + 1], None)
        asked = tokenizer.encode(prompt)
        ids, numbers = [*asked, *answer.ids], [-1] * len(asked) + [0] * len(answer.ids)
        logits = by_hand(model, tokenizer, alone, ids, numbers)[len(asked) : -1].log_softmax(-1)
        assert logits.argmax(-1).tolist() == list(answer.ids)
        kept = [v for v, i in zip(logits.max(-1).values.tolist(), answer.ids, strict=True) if i != 2]
        shown = [token.logprob for token in answer.tokens]  # up to the last that prints
        assert shown and shown == pytest.approx(kept[: len(shown)], abs=1e-5)
        stepping += [i for i in answer.ids if i in steps(tokenizer)]
    assert len(stepping) > 12 and len(set(stepping)) > 1


def test_a_walk_that_took_nothing_takes_the_likeliest() -> None:
    walk = [10, 11, 12, 20, 21]  # onward, two that take, tallies
    chances = {10: -0.1, 11: -0.2, 12: -0.3}

    def answer(*tokens: int) -> list[Chosen]:
        return [Chosen(n, chances.get(n, 0), (11, -float(3 + (k - 4) ** 2))) for k, n in enumerate(tokens)]

    def tokens(*given: int, used: int = 9) -> list[int]:
        return [one.token for one in decided(answer(*given), walk, used)]

    assert tokens(7, 10, 10, 10, 10, 10, 8) == [7, 10, 10, 10, 11, 10, 8]
    taken = decided(answer(7, 10, 10, 10, 10, 10, 8), walk, 9)[4]
    assert (taken.token, taken.logprob) == taken.instead == (11, -3.0)
    assert tokens(7, 10, 10, 10, 10, 10, 8, used=2) == [7, 10, 10, 11, 10, 10, 8]
    for same in (
        (7, 10, 10, 12, 10, 8),  # something was taken
        (7, 10, 10, 10),  # the walk goes on
        (7, 10, 8),  # no proposals
        (20, 20, 21, 8),  # a count
        (7, 8),
        (),
    ):
        assert tokens(*same) == list(same)
