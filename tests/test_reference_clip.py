"""The CLIP in a checkpoint: probabilities over prompts that do not depend on what else is asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from rsbench.harness.errors import ModelError
from rsbench.reference_model.checkpoint import digest
from rsbench.reference_model.clip import BATCH, ImageTextModel, load
from rsbench.reference_model.clip_texts import tokenised
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.preprocess import normalised, square_pixels
from rsbench.reference_model.tokenizer import Tokenizer

PROMPTS = ("a satellite photo of a ship", "background", "harbour")


@pytest.fixture(scope="module")
def clip(text_folder: Path) -> ImageTextModel:
    return load(str(text_folder))


def crops(count: int) -> list[Image.Image]:
    rng = np.random.default_rng(0)
    pictures = [Image.fromarray(rng.integers(0, 255, (60, 60, 3), dtype=np.uint8)) for _ in range(40)]
    sizes = np.random.default_rng(1).integers(5, 60, (40, 2))
    return [p.crop((0, 0, int(w), int(h))) for p, (w, h) in zip(pictures, sizes, strict=True)][:count]


def test_probabilities_are_the_softmax_of_scaled_cosines(
    clip: ImageTextModel, text_model: EarthGPT, tokenizer: Tokenizer
) -> None:
    found = clip.probabilities(crops(3), PROMPTS)
    assert found.shape == (3, 3) and found.dtype == np.float64
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-12)
    tower = text_model.encoders.clip
    with torch.no_grad():
        images = tower.encode_image(normalised([square_pixels(c, 32) for c in crops(3)])).numpy()
        texts = tower.encode_text(tokenised(PROMPTS, tokenizer, 12)).numpy()
        scale = float(tower.logit_scale.exp())
    cosines = images @ texts.T / np.linalg.norm(images, axis=1)[:, None] / np.linalg.norm(texts, axis=1)
    expected = np.exp(scale * cosines)
    np.testing.assert_allclose(
        found, expected / expected.sum(1, keepdims=True), atol=0.01
    )  # weights are float16
    assert np.ptp(found, axis=0).max() > 0


@pytest.mark.parametrize("count", [1, 7, BATCH, 40])
def test_a_crop_scores_the_same_in_any_company(clip: ImageTextModel, count: int) -> None:
    everything = clip.probabilities(crops(40), PROMPTS)
    np.testing.assert_array_equal(clip.probabilities(crops(count), PROMPTS), everything[:count])


def test_the_order_of_prompts_is_the_order_of_columns(clip: ImageTextModel) -> None:
    forth, back = clip.probabilities(crops(4), PROMPTS), clip.probabilities(crops(4), PROMPTS[::-1])
    np.testing.assert_allclose(forth, back[:, ::-1], atol=1e-6)


def test_nothing_asked_is_nothing_answered(clip: ImageTextModel) -> None:
    assert clip.probabilities([], PROMPTS).shape == (0, 3)


def test_the_digest_names_the_weights(clip: ImageTextModel, text_folder: Path, tmp_path: Path) -> None:
    assert clip.digest == digest(text_folder)
    with pytest.raises(ModelError, match="no config.json"):
        load(str(tmp_path))
