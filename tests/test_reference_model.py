"""Equation 8: where the picture stands among the words, and what a model is made of."""

from __future__ import annotations

import torch

from rsbench.reference_model.config import Config, LanguageConfig
from rsbench.reference_model.model import EarthGPT, build_language
from rsbench.reference_model.vision import on_grid


def pixels(count: int = 2) -> torch.Tensor:
    return torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(4))


@torch.no_grad()
def test_the_picture_stands_between_bos_and_the_text(text_model: EarthGPT, tiny: Config) -> None:
    seen = text_model.see(pixels())
    ids = torch.tensor([[1, 7, 9], [1, 8, 8]])
    spliced = text_model.splice(seen.tokens, ids)
    words = text_model.language.model.embed_tokens.weight
    features = text_model.encoders(pixels())
    visual = text_model.fusion(features.vit, on_grid(features.stages, tiny.vit.grid))
    for row in range(2):
        expected = [words[1], text_model.start_img[0, 0], *visual[row], text_model.end_img[0, 0]]
        expected += [words[i] for i in ids[row, 1:].tolist()]
        torch.testing.assert_close(spliced[row], torch.stack(expected))
    assert seen.tokens.shape[1] == tiny.visual_tokens and seen.proposals is None


@torch.no_grad()
def test_proposals_stand_before_the_end(proposals_model: EarthGPT, tiny_proposals: Config) -> None:
    model = proposals_model
    seen = model.see(pixels())
    assert seen.proposals is not None and model.region is not None
    assert seen.tokens.shape[1] == tiny_proposals.visual_tokens == 2 + 5 + 6
    torch.testing.assert_close(seen.tokens[:, 6:12], model.region(seen.proposals.inputs))
    torch.testing.assert_close(seen.tokens[:, -1], model.end_img[:, 0].expand(2, -1))
    assert seen.proposals.valid.any()


@torch.no_grad()
def test_a_picture_is_seen_alike_in_any_company(proposals_model: EarthGPT) -> None:
    together = proposals_model.see(pixels(3)).tokens
    for row in range(3):
        alone = proposals_model.see(pixels(3)[row : row + 1]).tokens
        torch.testing.assert_close(alone[0], together[row], atol=1e-4, rtol=0)


@torch.no_grad()
def test_a_model_in_half_precision_sees_nearly_the_same(
    proposals_model: EarthGPT, text_model: EarthGPT
) -> None:
    for model in (proposals_model, text_model):
        copy = EarthGPT(model.config).eval()
        copy.load_state_dict(model.state_dict())
        tokens = copy.to(torch.bfloat16).see(pixels().bfloat16()).tokens
        assert tokens.dtype == torch.bfloat16 and torch.isfinite(tokens).all()
        visual = slice(0, 6)
        torch.testing.assert_close(
            tokens[:, visual].float(), model.see(pixels()).tokens[:, visual], atol=0.2, rtol=0
        )


def test_the_language_model_is_the_configured_llama() -> None:
    config = LanguageConfig(50, 16, 2, 4, 24, 99, norm_eps=3e-5, rope_theta=500.0, tied=True)
    language = build_language(config)
    assert language.config.rms_norm_eps == 3e-5 and language.config.max_position_embeddings == 99
    assert language.lm_head.weight is language.model.embed_tokens.weight
    inverse = language.model.rotary_emb.inv_freq
    torch.testing.assert_close(inverse, 500.0 ** -torch.tensor([0.0, 0.5]))
