"""Packed turns: every answer is predicted exactly as if its turn stood alone with the picture."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from rsbench.reference_model.config import Config
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.instructions import END, wrapped
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.packing import Encoded, encode, pack
from rsbench.reference_model.tokenizer import Tokenizer

TURNS = [
    [Encoded([5, 6, 7], [8, 9, 2]), Encoded([30, 31], [32, 2]), Encoded([5, 5, 5, 5], [40, 41, 42, 2])],
    [Encoded([50], [51, 2])],
]


def logits(model: EarthGPT, visual: Tensor, turns: list[list[Encoded]]) -> tuple[Tensor, Tensor]:
    packed = pack(turns, visual.shape[1], 1, 0)
    hidden = model.language.model(
        inputs_embeds=model.splice(visual, packed.ids),
        attention_mask=packed.mask,
        position_ids=packed.positions,
        use_cache=False,
    ).last_hidden_state
    return model.language.lm_head(hidden), packed.targets


@torch.no_grad()
def test_packed_turns_predict_what_each_alone_predicts(text_model: EarthGPT, tiny: Config) -> None:
    visual = text_model.see(torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))).tokens
    together, targets = logits(text_model, visual, TURNS)
    for row, turns in enumerate(TURNS):
        found = together[row][targets[row] >= 0]
        alone = []
        for turn in turns:  # no mask, no positions, no padding: the plain causal model
            ids = torch.tensor([[1, *turn.prompt, *turn.answer]])
            plain = text_model.language(inputs_embeds=text_model.splice(visual[row : row + 1], ids)).logits[0]
            alone.append(plain[-len(turn.answer) - 1 : -1])
        torch.testing.assert_close(found, torch.cat(alone), atol=1e-5, rtol=1e-5)
    assert visual.shape[1] == tiny.visual_tokens


def test_only_answers_are_learned() -> None:
    packed = pack(TURNS, 4, 1, 0)
    assert packed.targets.shape == packed.positions.shape == (2, 1 + 4 + 18)
    answers = [i for turn in TURNS[0] for i in turn.answer]
    assert packed.targets[0][packed.targets[0] >= 0].tolist() == answers
    # the place before a token predicts it
    full = torch.cat([packed.ids[0, :1], torch.full((4,), -1), packed.ids[0, 1:]])
    for place in (packed.targets[0] >= 0).nonzero().flatten().tolist():
        assert full[place + 1] == packed.targets[0, place]
    assert (packed.targets[1] >= 0).sum() == 2
    assert torch.equal(packed.weights > 0, packed.targets >= 0)
    assert packed.weights.sum(1).tolist() == pytest.approx([len(turns) for turns in TURNS])


def test_every_place_sees_itself_and_turns_see_the_picture() -> None:
    mask = pack(TURNS, 4, 1, 0).mask
    assert mask.shape == (2, 1, 23, 23) and mask.dtype == torch.bool
    assert mask.diagonal(dim1=-2, dim2=-1).all() and not mask.triu(1).any()
    assert mask[0, 0, 5:, :5].all() and not mask[0, 0, 11:, 5:11].any()


@pytest.mark.parametrize("system", ["", "Be brief."])
def test_pointers_become_tokens_and_everything_else_text(tokenizer: Tokenizer, system: str) -> None:
    turn = Turn("Where is <b1>?", "There is a ship[<b1>;<o0>]")
    encoded = encode(turn, tokenizer, system, 2)
    assert encoded.prompt == tokenizer.encode(wrapped("Where is <b1>?", system))
    assert tokenizer.id("<b1>") not in encoded.prompt
    assert (
        encoded.answer.count(tokenizer.id("<b1>") or -1)
        == encoded.answer.count(tokenizer.id("<o0>") or -1)
        == 1
    )
    assert tokenizer.decode(encoded.answer[:-1]) == f" {turn.answer}{END}" and encoded.answer[-1] == 2
    unknown = encode(Turn("?", "<b77>"), tokenizer, system, 2)
    assert tokenizer.decode(unknown.answer[:-1]) == f" <b77>{END}"
