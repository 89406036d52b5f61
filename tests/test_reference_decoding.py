"""The decoder beside transformers' own forward and `generate`: the same logits, the same greedy tokens."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from rsbench.harness.errors import ModelError
from rsbench.reference_model import decoding
from rsbench.reference_model.decoding import Cache, Decoder

VISUAL, EOS = 5, 2
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "tied": {"tie_word_embeddings": True},
    "biases": {"attention_bias": True, "mlp_bias": True},
    "grouped": {"num_key_value_heads": 2},
    "wide heads": {"head_dim": 16},
    "theta": {"rope_theta": 500.0, "hidden_act": "gelu", "rms_norm_eps": 1e-3},
    "linear": {"rope_scaling": {"rope_type": "linear", "factor": 4.0}},
    "llama3": {
        "rope_scaling": {
            "rope_type": "llama3",
            "factor": 8.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        }
    },
    "yarn": {"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}},
}


def llama(**changes: Any) -> Any:
    """A random LLaMA of toy size whose answers are varied."""
    from transformers import LlamaConfig, LlamaForCausalLM

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        sizes = {
            "vocab_size": 90,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "max_position_embeddings": 400,
        }
        special = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": EOS}
        model: Any = LlamaForCausalLM(LlamaConfig(**(sizes | special | changes)))
        model.eval()
        with torch.no_grad():
            for weight in model.parameters():
                if weight.ndim > 1:
                    weight.normal_(0, 0.3)
                else:
                    weight.add_(torch.randn(weight.shape) * 0.2)  # gains are not one, biases not zero
    return model


def asked() -> tuple[Tensor, list[list[int]]]:
    """A prefix for each of four rows, and texts of different lengths."""
    rng = torch.Generator().manual_seed(4)
    return torch.randn(4, VISUAL, 32, generator=rng), [[7, 8, 9, 10, 11, 12], [5], [40, 41, 42], [60] * 6]


@torch.no_grad()
def theirs(language: Any, prefix: Tensor, ids: list[list[int]], count: int) -> list[list[int]]:
    """Greedy tokens of transformers' `generate`, left padded, up to EOS."""
    width = max(map(len, ids))
    words = language.get_input_embeddings()
    rows, masks = [], []
    for row, numbers in enumerate(ids):
        gap = width - len(numbers)
        text = words(torch.tensor(numbers))
        rows.append(torch.cat([torch.zeros(gap, prefix.shape[2]), prefix[row], text]))
        masks.append([0] * gap + [1] * (prefix.shape[1] + len(numbers)))
    out = language.generate(
        inputs_embeds=torch.stack(rows),
        attention_mask=torch.tensor(masks),
        max_new_tokens=count,
        do_sample=False,
    )
    found = []
    for numbers in out.tolist():
        found.append(numbers[: numbers.index(EOS) + 1] if EOS in numbers else numbers)
    return found


@torch.inference_mode()
def ours(decoder: Decoder, prefix: Tensor, ids: list[list[int]], count: int) -> list[list[int]]:
    """The same through the decoder; a row that is done is dropped."""
    cache, logits = decoder.start(decoder.prefixes(prefix), ids)
    positions = torch.tensor([prefix.shape[1] + len(n) for n in ids])
    order, given = list(range(len(ids))), [[] for _ in ids]  # type: list[int], list[list[int]]
    while order:
        chosen = logits.argmax(-1)
        for row in reversed(range(len(order))):
            given[order[row]].append(int(chosen[row]))
            if chosen[row] == EOS or len(given[order[row]]) == count:
                last = cache.drop(row)
                order[row], chosen[row], positions[row] = order[last], chosen[last], positions[last]
                order.pop()
        if order:
            logits = decoder.step(cache, chosen[: len(order)], positions[: len(order)])
            positions = positions[: len(order)] + 1
    return given


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_tokens_are_those_of_transformers(kind: str) -> None:
    language = llama(**KINDS[kind])
    prefix, ids = asked()
    expected = theirs(language, prefix, ids, 30)
    assert any(len(set(row)) > 5 for row in expected), "the toy model's answers are varied"
    assert ours(Decoder(language), prefix, ids, 30) == expected


@pytest.mark.parametrize("kind", ["plain", "biases", "grouped"])
def test_projections_apart_are_the_same(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    language = llama(**KINDS[kind])
    prefix, ids = asked()
    joined = ours(Decoder(language), prefix, ids, 20)
    monkeypatch.setattr(decoding, "_JOINED_BYTES", 0)
    assert ours(Decoder(language), prefix, ids, 20) == joined == theirs(language, prefix, ids, 20)


def test_a_projection_of_another_kind_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubled(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * super().forward(x)

    language = llama()
    old = language.model.layers[1].self_attn.k_proj
    doubled = Doubled(32, 32, bias=False)
    doubled.load_state_dict(old.state_dict())
    prefix, ids = asked()
    plain = ours(Decoder(language), prefix, ids, 20)
    language.model.layers[1].self_attn.k_proj = doubled
    assert ours(Decoder(language), prefix, ids, 20) == theirs(language, prefix, ids, 20) != plain


@torch.inference_mode()
def test_logits_are_those_of_one_whole_pass() -> None:
    language = llama(attention_bias=True)
    decoder = Decoder(language)
    prefix, ids = asked()
    cache, logits = decoder.start(decoder.prefixes(prefix), ids)
    words = language.get_input_embeddings()
    more = torch.tensor([3, 4, 5, 6])
    positions = torch.tensor([VISUAL + len(n) for n in ids])
    after = decoder.step(cache, more, positions)
    for row, numbers in enumerate(ids):
        whole = torch.cat([prefix[row], words(torch.tensor([*numbers, int(more[row])]))])[None]
        expected = language(inputs_embeds=whole).logits[0]
        torch.testing.assert_close(logits[row], expected[-2], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(after[row], expected[-1], atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_a_prefix_read_in_company_is_the_one_read_alone() -> None:
    decoder = Decoder(llama())
    prefix, _ = asked()
    for row, own in enumerate(decoder.prefixes(prefix)):
        (alone,) = decoder.prefixes(prefix[row : row + 1])
        assert own.shape == (2, 2, 4, VISUAL, 8) and own.is_contiguous()
        assert own.untyped_storage().nbytes() == own.nbytes, "it keeps no other row's memory"
        torch.testing.assert_close(own, alone, atol=1e-6, rtol=1e-6)


@torch.inference_mode()
def test_a_cache_grows_and_keeps_what_it_has() -> None:
    language = llama()
    decoder = Decoder(language)
    prefix, ids = asked()
    cache, _ = decoder.start(decoder.prefixes(prefix), ids)
    columns = cache.store.shape[4]
    before, length = cache.store[..., : cache.length, :].clone(), cache.length
    assert cache.gaps is not None and cache.gaps.shape[-1] == columns
    cache.drop(1)
    cache.room(columns)
    assert cache.store.shape[4] >= length + columns and cache.store.shape[2] == 3
    torch.testing.assert_close(cache.store[..., :length, :], before[:, :, [0, 3, 2]], atol=0, rtol=0)
    assert cache.gaps.shape == (3, 1, 1, cache.store.shape[4])
    assert torch.isinf(cache.gaps[1]).sum() == 0 and torch.isinf(cache.gaps[2]).sum() == 3
    assert not torch.isinf(cache.gaps[..., length:]).any()


def test_a_long_answer_outgrows_the_first_cache() -> None:
    language = llama()
    with torch.no_grad():
        language.lm_head.weight[EOS] = 0.0  # never the likeliest
    prefix, ids = asked()
    assert ours(Decoder(language), prefix, ids, 200) == theirs(language, prefix, ids, 200)
    assert decoding._COLUMNS < 200


def test_frequencies_that_follow_the_length_are_refused() -> None:
    language = llama(rope_scaling={"rope_type": "dynamic", "factor": 2.0})
    with pytest.raises(ModelError, match="'dynamic' depends on the length"):
        Decoder(language)


@torch.inference_mode()
def test_half_precision_follows_transformers() -> None:
    language = copy.deepcopy(llama()).to(torch.bfloat16)
    decoder = Decoder(language)
    prefix, ids = asked()
    cache, logits = decoder.start(decoder.prefixes(prefix.bfloat16()), ids)
    assert cache.store.dtype == torch.bfloat16 and logits.dtype == torch.float32
    words = language.get_input_embeddings()
    for row, numbers in enumerate(ids):
        whole = torch.cat([prefix[row].bfloat16(), words(torch.tensor(numbers))])[None]
        expected = language(inputs_embeds=whole).logits[0, -1].float()
        assert float((logits[row] - expected).abs().max()) < 0.02 * float(expected.abs().max())


def test_rows_without_a_gap_have_no_mask() -> None:
    decoder = Decoder(llama())
    with torch.inference_mode():
        prefix, ids = asked()
        cache, _ = decoder.start(decoder.prefixes(prefix[:2]), [ids[0], ids[3]])
    assert isinstance(cache, Cache) and cache.gaps is None
