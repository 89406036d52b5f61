"""Generation: greedy by the whole forward, the same alone and in a batch, ended and cut as told."""

from __future__ import annotations

import pytest
import torch

from rsbench.reference_model.generate import Generated, generate
from rsbench.reference_model.instructions import wrapped
from rsbench.reference_model.model import EarthGPT, Seen
from rsbench.reference_model.packing import Encoded, pack
from rsbench.reference_model.tokenizer import Tokenizer

PROMPTS = [wrapped("Is there a ship?"), wrapped("Where?"), wrapped("There is a harbour in the image, is it?")]


def pictures(model: EarthGPT, count: int) -> Seen:
    size = model.config.image_size
    with torch.no_grad():
        return model.see(torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(3)))


def row(seen: Seen, index: int) -> Seen:
    return Seen(seen.tokens[index : index + 1], None)


def answers(model: EarthGPT, tokenizer: Tokenizer, longest: int = 8) -> tuple[Seen, list[Generated]]:
    seen = pictures(model, len(PROMPTS))
    return seen, generate(model, tokenizer, seen, PROMPTS, longest)


def test_tokens_and_logprobs_equal_a_forward_without_cache(
    text_model: EarthGPT, tokenizer: Tokenizer
) -> None:
    seen, made = answers(text_model, tokenizer)
    config = text_model.config.language
    for index, (prompt, answer) in enumerate(zip(PROMPTS, made, strict=True)):
        ids = [config.bos_id, *tokenizer.encode(prompt)]
        expected = []
        for _ in range(answer.count):
            with torch.no_grad():
                spliced = text_model.splice(seen.tokens[index : index + 1], torch.tensor([ids]))
                scores = text_model.language(inputs_embeds=spliced).logits[0, -1].log_softmax(-1)
            ids.append(int(scores.argmax()))
            expected.append(float(scores.max()))
        found = [token.logprob for token in answer.tokens]
        assert found == pytest.approx(expected[: len(found)], abs=1e-4)
        written = "".join(token.text for token in answer.tokens)
        assert written == answer.text


def test_an_answer_does_not_depend_on_its_neighbours(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen, together = answers(text_model, tokenizer)
    for index, prompt in enumerate(PROMPTS):
        (alone,) = generate(text_model, tokenizer, row(seen, index), [prompt], 8)
        assert alone.text == together[index].text
        logprobs = [[t.logprob for t in g.tokens] for g in (alone, together[index])]
        assert logprobs[0] == pytest.approx(logprobs[1], abs=1e-4)


def test_a_prompt_too_long_is_cut_at_its_beginning(text_model: EarthGPT, tokenizer: Tokenizer) -> None:
    seen = pictures(text_model, 1)
    long = "harbour " * 400 + PROMPTS[0]
    (cut,) = generate(text_model, tokenizer, seen, [long], 4)
    (longer,) = generate(text_model, tokenizer, seen, ["sea " * 100 + long], 4)
    assert cut.text == longer.text


def test_proposals_are_printed_as_coordinates(proposals_model: EarthGPT, tokenizer: Tokenizer) -> None:
    _, made = answers(proposals_model, tokenizer, 24)
    assert not any(f"<{kind}{i}>" in answer.text for answer in made for kind in "bo" for i in range(6))


def test_packed_turns_are_blind_to_each_other(text_model: EarthGPT) -> None:
    config = text_model.config
    seen = pictures(text_model, 1)
    turns = [Encoded([20, 21, 22], [30, 31, 2]), Encoded([40, 41], [50, 2]), Encoded([60], [61, 62, 63, 2])]

    def logits(some: list[Encoded]) -> list[torch.Tensor]:
        packed = pack([some], config.visual_tokens, config.language.bos_id, config.language.pad_id)
        with torch.no_grad():
            out = text_model.language(
                inputs_embeds=text_model.splice(seen.tokens, packed.ids),
                attention_mask=packed.mask,
                position_ids=packed.positions,
            ).logits[packed.targets >= 0]
        return list(out.split([len(turn.answer) for turn in some]))

    together = logits(turns)
    for turn, expected in zip(turns, together, strict=True):
        (alone,) = logits([turn])
        assert torch.allclose(alone, expected, atol=1e-4)
