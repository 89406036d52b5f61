"""Sampling: the tokens that transformers' warpers keep, drawn as often as their probability says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from rsbench.harness.errors import UsageError
from rsbench.reference_model.sampling import Sampler, Sampling, drawn, likely

LOGITS = torch.randn(6, 40, generator=torch.Generator().manual_seed(1)) * 2


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
@pytest.mark.parametrize(("top_p", "top_k"), [(1.0, 0), (0.9, 0), (0.5, 0), (1.0, 7), (0.8, 7), (1e-9, 3)])
def test_what_is_kept_is_what_transformers_keeps(temperature: float, top_p: float, top_k: int) -> None:
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    for logits in LOGITS:
        scores = TemperatureLogitsWarper(temperature)(None, logits[None])
        scores = TopKLogitsWarper(top_k)(None, scores) if top_k else scores
        scores = TopPLogitsWarper(top_p)(None, scores)[0] if top_p < 1 else scores[0]
        expected = scores.softmax(-1)
        probabilities, tokens = likely(logits, Sampling(temperature, top_p, top_k))
        assert set(tokens.tolist()) == set((expected > 0).nonzero()[:, 0].tolist())
        given = (probabilities / probabilities.sum()).float()
        torch.testing.assert_close(given, expected[tokens], atol=1e-6, rtol=1e-5)


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    sampling = Sampling(1.5, 0.9)
    probabilities, tokens = likely(LOGITS[0], sampling)
    expected = np.zeros(40)
    expected[tokens.numpy()] = (probabilities / probabilities.sum()).numpy()
    draws = np.random.default_rng(0).random(4000)
    found = np.bincount([int(drawn(LOGITS[0], sampling, u)) for u in draws], minlength=40) / len(draws)
    assert np.abs(found - expected).max() < 5 * np.sqrt(0.25 / len(draws))
    assert not found[expected == 0].any()
    assert int(drawn(LOGITS[0], sampling, 0.0)) == int(LOGITS[0].argmax())
    assert int(drawn(LOGITS[0], sampling, np.nextafter(1.0, 0.0))) == int(tokens[-1])


def test_a_row_keeps_its_numbers_wherever_it_stands() -> None:
    settings = [Sampling(1.0, seed=(i,)) for i in range(5)] + [Sampling()]
    whole = Sampler(settings)
    first, second = whole(LOGITS, range(6)), whole(LOGITS[[4, 1]], [4, 1])
    for i, setting in enumerate(settings):
        alone = Sampler([setting])
        assert int(alone(LOGITS[i : i + 1], [0])) == int(first[i])
        if i in (4, 1):
            assert int(alone(LOGITS[i : i + 1], [0])) == int(second[[4, 1].index(i)])
    assert int(first[5]) == int(LOGITS[5].argmax())


def test_no_temperature_is_too_small() -> None:
    for temperature in (1e-30, 1e-310, 5e-324):
        assert int(drawn(LOGITS[2], Sampling(temperature), 0.999)) == int(LOGITS[2].argmax())
    assert len(likely(LOGITS[2], Sampling(1e30))[1]) == 40


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperature": -0.1}, "temperature is -0.1"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"temperature": float("inf")}, "temperature is inf"),
        ({"top_p": 0.0}, "top_p is 0.0"),
        ({"top_p": 1.1}, "top_p is 1.1"),
        ({"top_k": -1}, "top_k is -1"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(changes: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        replace(Sampling(), **changes)  # type: ignore[arg-type] # one field each
