"""Equation 8: where the picture stands among the words, and what a model is made of."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from rsbench.reference_model.config import Config, LanguageConfig
from rsbench.reference_model.model import EarthGPT, build_language, checkpointed_activations
from rsbench.reference_model.preprocess import normalised, square_pixels
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


@torch.no_grad()
def test_pictures_of_several_shapes_and_texts_of_several_lengths_make_one_batch(text_model: EarthGPT) -> None:
    rng = np.random.default_rng(2)
    shapes = ((90, 30), (25, 64), (40, 40))  # pixels: width, height
    pictures = [Image.fromarray(rng.integers(0, 256, (h, w, 3), dtype=np.uint8)) for w, h in shapes]
    texts = ([1, 5], [1, 6, 7, 8, 9], [1, 7, 8])
    squares = normalised([square_pixels(picture, 64) for picture in pictures])
    ids = torch.tensor([text + [0] * (5 - len(text)) for text in texts])
    together = text_model.splice(text_model.see(squares).tokens, ids)
    logits = text_model.language(inputs_embeds=together).logits
    for row, text in enumerate(texts):
        one = text_model.see(normalised([square_pixels(pictures[row], 64)])).tokens
        alone = text_model.language(inputs_embeds=text_model.splice(one, torch.tensor([text]))).logits[0]
        torch.testing.assert_close(logits[row, : len(alone)], alone, atol=1e-3, rtol=1e-4)


def test_a_projection_learns_in_float32_between_frozen_parts_in_bfloat16(text_model: EarthGPT) -> None:
    model = EarthGPT(text_model.config)
    for part in (model.encoders, model.language):
        part.requires_grad_(False)
        for weight in part.parameters():
            weight.data = weight.data.bfloat16()
    model.train()
    assert not model.encoders.training and model.fusion.training
    embedded = model.splice(model.see(pixels().bfloat16()).tokens, torch.tensor([[1, 7], [1, 8]]))
    assert embedded.dtype == torch.bfloat16
    logits = model.language(inputs_embeds=embedded).logits
    assert logits.dtype == torch.bfloat16
    torch.autograd.backward(logits.float().logsumexp(-1).sum())
    for weight in (model.start_img, model.end_img, *model.fusion.parameters()):
        assert weight.grad is not None and weight.grad.dtype == torch.float32 and weight.grad.any()


def test_checkpointed_activations_give_the_projection_the_same_gradients(text_model: EarthGPT) -> None:
    gradients = []
    for less_memory in (False, True):
        model = EarthGPT(text_model.config)
        model.load_state_dict(text_model.state_dict())
        model.language.requires_grad_(False)
        if less_memory:
            checkpointed_activations(model.train().language)
        embedded = model.splice(model.see(pixels()).tokens, torch.tensor([[1, 7], [1, 8]]))
        torch.autograd.backward(model.language(inputs_embeds=embedded).logits.logsumexp(-1).sum())
        gradients.append([p.grad for p in (model.start_img, *model.fusion.parameters())])
    for plain, again in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, again)
        assert plain is not None and plain.any()


def test_half_precision_leaves_the_rotary_frequencies_exact(text_model: EarthGPT) -> None:
    exact = 10000.0 ** -(np.arange(0, 8, 2) / 8)
    for dtype in (torch.bfloat16, torch.float16):
        model = EarthGPT(text_model.config).to(dtype)
        assert model.language.lm_head.weight.dtype == dtype
        found = model.float().language.model.rotary_emb.inv_freq
        np.testing.assert_allclose(found.numpy(), exact, rtol=1e-6)
    assert EarthGPT(text_model.config).to("meta").language.model.rotary_emb.inv_freq.is_meta


def test_the_language_model_is_the_configured_llama() -> None:
    config = LanguageConfig(50, 16, 2, 4, 24, 99, norm_eps=3e-5, rope_theta=500.0, tied=True)
    language = build_language(config)
    assert language.config.rms_norm_eps == 3e-5 and language.config.max_position_embeddings == 99
    assert language.lm_head.weight is language.model.embed_tokens.weight
    inverse = language.model.rotary_emb.inv_freq
    torch.testing.assert_close(inverse, 500.0 ** -torch.tensor([0.0, 0.5]))
