"""Bias tuning: equations 15 and 16, its ancestors' variants, and folding into a plain LLaMA."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import checkpoint
from rsbench.reference_model.bias_tuning import (
    LINEARS,
    VARIANTS,
    ScaleBiasLinear,
    Tuning,
    apply,
    fold,
    fold_model,
    is_tuned,
    read_tuning,
)
from rsbench.reference_model.config import LanguageConfig, preset
from rsbench.reference_model.model import EarthGPT, build_language, checkpointed_activations
from rsbench.reference_model.tokenizer import Tokenizer

SMALL = LanguageConfig(60, 32, 2, 4, 48, 64)
KINDS = [
    SMALL,
    replace(SMALL, tied=True, bias=True, kv_heads=2),
]


def language(config: LanguageConfig = SMALL) -> Any:
    """A LLaMA in evaluation mode whose gains and biases, if any, are random, too."""
    torch.manual_seed(0)
    built = build_language(config).eval()
    with torch.no_grad():
        for name, weight in built.named_parameters():
            if weight.ndim == 1:
                weight.normal_(float(name.endswith("norm.weight")), 0.1)
    return built


def shaken(model: nn.Module) -> None:
    """What was added, at random: as after a long training."""
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith((".alpha", ".scale")):
                weight.normal_(1, 0.3)
            elif name.endswith(".beta"):
                weight.normal_(0, 0.3)
            elif "lora_" in name:
                weight.normal_(0, 0.1)


def logits(model: Any) -> Tensor:
    ids = torch.arange(24).view(2, 12)
    with torch.no_grad():
        found: Tensor = model(input_ids=ids).logits
    return found


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("parts", [(), ("alpha",), ("scale",), ("alpha", "scale")])
def test_a_layer_is_equation_15(parts: tuple[str, ...], biased: bool) -> None:
    rng = np.random.default_rng(len(parts))
    plain = nn.Linear(5, 3, bias=biased)
    alpha, beta, scale, x = (
        rng.normal(size=3),
        rng.normal(size=3),
        rng.normal(size=5),
        rng.normal(size=(7, 5)),
    )
    layer = ScaleBiasLinear(
        plain,
        torch.from_numpy(alpha) if "alpha" in parts else None,
        torch.from_numpy(scale) if "scale" in parts else None,
    )
    assert not layer.beta.any()  # equation 16
    layer.beta.data.copy_(torch.from_numpy(beta))
    weight = plain.weight.detach().numpy()
    bias = plain.bias.detach().numpy() if biased else np.zeros(3)
    inner = (x * scale if "scale" in parts else x) @ weight.T + bias
    expected = (alpha if "alpha" in parts else 1) * (inner + beta)
    given = torch.from_numpy(x).float()
    np.testing.assert_allclose(layer(given).detach().numpy(), expected, atol=1e-5)
    folded = functional.linear(given, *layer.folded())
    np.testing.assert_allclose(folded.numpy(), expected, atol=1e-5)
    assert layer.weight is plain.weight and not layer.weight.requires_grad
    assert sorted(n for n, p in layer.named_parameters() if p.requires_grad) == sorted([*parts, "beta"])


def test_low_rank_matrices_are_added_as_they_are() -> None:
    """LLaMA2-Accessory's form, without peft's factor; A is drawn with a deviation of 0.02."""
    model = language()
    apply(model, Tuning("lora", rank=6), 0)
    layer = model.model.layers[1].mlp.down_proj
    down, up = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    assert down.shape == (6, 48) and up.shape == (32, 6) and not up.any()
    assert float(down.detach().std()) == pytest.approx(0.02, rel=0.2)
    shaken(model)
    x = np.random.default_rng(1).normal(size=(3, 48))
    weight, a, b = (w.detach().double().numpy() for w in (layer.base_layer.weight, down, up))
    found = layer(torch.from_numpy(x).float()).detach().numpy()
    np.testing.assert_allclose(found, x @ weight.T + x @ a.T @ b.T, atol=1e-5)


def test_alpha_is_drawn_from_the_normal_distribution_asked_for() -> None:
    tuned, again, other = (language() for _ in range(3))
    for model, seed in ((tuned, 3), (again, 3), (other, 4)):
        apply(model, Tuning(mean=0.9, std=0.05), seed)
    drawn = [p.detach() for n, p in tuned.named_parameters() if n.endswith("alpha")]
    every = torch.cat(drawn)
    assert len(every) == 2 * (4 * 32 + 2 * 48 + 32)
    assert float(every.mean()) == pytest.approx(0.9, abs=4 * 0.05 / len(every) ** 0.5)
    assert float(every.std()) == pytest.approx(0.05, rel=0.15)
    assert not torch.equal(drawn[0], drawn[1])
    assert all(torch.equal(a, b) for a, b in zip(tuned.parameters(), again.parameters(), strict=True))
    assert not torch.equal(drawn[0], other.model.layers[0].self_attn.q_proj.alpha)


@pytest.mark.parametrize("config", KINDS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_untrained_tuning_changes_nothing(variant: str, config: LanguageConfig) -> None:
    model = language(config)
    before = logits(model)
    apply(model, Tuning(variant, std=0.0), 0)
    torch.testing.assert_close(logits(model), before, atol=1e-6, rtol=0)
    shaken(model)
    assert (logits(model) - before).abs().max() > 1e-2


def test_the_linear_layers_of_the_decoder_are_wrapped_and_no_other() -> None:
    model = language()
    before = dict(model.state_dict())
    apply(model, Tuning(), 0)
    wrapped = [name for name, m in model.named_modules() if isinstance(m, ScaleBiasLinear)]
    blocks = {"self_attn": LINEARS[:4], "mlp": LINEARS[4:]}
    assert wrapped == [
        f"model.layers.{i}.{b}.{n}" for i in (0, 1) for b, names in blocks.items() for n in names
    ]
    assert type(model.lm_head) is nn.Linear
    after = model.state_dict()
    assert after.keys() - before.keys() == {f"{n}.{p}" for n in wrapped for p in ("alpha", "beta")}
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_llama_2_7b_gains_2_72_million_parameters() -> None:
    with torch.device("meta"):
        model = build_language(preset("7b").language)
    plain = sum(p.numel() for p in model.parameters())
    apply(model, Tuning(), 0)
    assert plain == 6_738_415_616
    assert sum(p.numel() for p in model.parameters()) - plain == 2 * 42_496 * 32 == 2_719_744


@pytest.mark.parametrize("config", KINDS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_folding_gives_a_plain_llama_with_equal_answers(variant: str, config: LanguageConfig) -> None:
    from transformers import LlamaConfig, LlamaForCausalLM

    tuned = language(config)
    apply(tuned, Tuning(variant, rank=3), 1)
    shaken(tuned)
    trained(tuned, steps=3)
    kept = {name: value.clone() for name, value in tuned.state_dict().items()}
    folded = fold(tuned)
    assert type(folded) is LlamaForCausalLM and not is_tuned(folded) and is_tuned(tuned)
    torch.testing.assert_close(logits(folded), logits(tuned), atol=1e-6, rtol=0)
    biased = variant != "lora" or config.bias
    assert folded.config.attention_bias is folded.config.mlp_bias is biased
    assert (folded.lm_head.weight is folded.model.embed_tokens.weight) is config.tied
    fresh: Any = LlamaForCausalLM(LlamaConfig.from_dict(folded.config.to_dict()))
    fresh.load_state_dict(folded.state_dict())  # strict: no name more, none less
    torch.testing.assert_close(logits(fresh), logits(folded), atol=1e-6, rtol=0)
    with torch.no_grad():
        for weight in folded.parameters():
            weight.zero_()
    assert all(torch.equal(value, tuned.state_dict()[name]) for name, value in kept.items())


def trained(model: Any, steps: int) -> None:
    """A few steps on random tokens; only what was added learns."""
    for name, weight in model.named_parameters():
        weight.requires_grad_(name.endswith((".alpha", ".beta", ".scale")) or "lora_" in name)
    adam = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    ids = torch.randint(60, (2, 12), generator=torch.Generator().manual_seed(5))
    for _ in range(steps):
        adam.zero_grad()
        torch.autograd.backward(model(input_ids=ids, labels=ids).loss)
        adam.step()


def test_an_untuned_model_folds_into_itself() -> None:
    model = language()
    folded = fold(model)
    assert folded.config.mlp_bias is False
    torch.testing.assert_close(logits(folded), logits(model), atol=0, rtol=0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_beside_bfloat16_weights_the_new_parameters_are_float32(variant: str) -> None:
    model = language()
    for weight in model.parameters():
        weight.data = weight.data.bfloat16()
    apply(model, Tuning(variant), 0)
    shaken(model)
    added = [
        p for n, p in model.named_parameters() if n.endswith((".alpha", ".beta", ".scale")) or "lora_" in n
    ]
    assert added and {p.dtype for p in added} == {torch.float32}
    found = logits(model)
    assert found.dtype == torch.bfloat16 and torch.isfinite(found).all()
    folded = fold(model)
    assert {p.dtype for p in folded.parameters()} == {torch.bfloat16}
    torch.testing.assert_close(logits(folded).float(), found.float(), atol=0.02, rtol=0)


def test_checkpointed_activations_give_the_same_gradients() -> None:
    gradients = []
    for less_memory in (False, True):
        model = language().train()
        apply(model, Tuning(), 0)
        if less_memory:
            checkpointed_activations(model)
        trained(model, steps=1)
        gradients.append([p.grad for p in model.parameters() if p.requires_grad])
    assert len(gradients[0]) == 2 * 7 * 2
    for plain, again in zip(*gradients, strict=True):
        torch.testing.assert_close(plain, again)
        assert plain is not None and plain.any()


def test_a_folded_model_survives_the_disk(text_model: EarthGPT, tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = EarthGPT(text_model.config).eval()
    model.load_state_dict(text_model.state_dict())
    apply(model, Tuning(), 0)
    shaken(model)
    fold_model(model)
    assert model.config.language == replace(text_model.config.language, bias=True)
    checkpoint.save(tmp_path, model, tokenizer)
    read = checkpoint.load(tmp_path).model
    assert read.config == model.config
    rounded = model.half().float()
    torch.testing.assert_close(logits(read.language), logits(rounded.language), atol=1e-5, rtol=0)
    assert read.language.model.layers[0].mlp.down_proj.bias.any()


def test_a_model_is_tuned_once(text_model: EarthGPT) -> None:
    for variant in ("scale_bias", "lora"):
        model = language()
        apply(model, Tuning(variant), 0)
        with pytest.raises(ModelError, match="tuned already.*\n.*Fold"):
            apply(model, Tuning(), 0)
        apply(fold(model), Tuning(), 0)
    assert not is_tuned(text_model)


def test_without_peft_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModelError, match=r"peft is not installed.\n.*pip install 'rsbench\[train\]'"):
        apply(language(), Tuning("lora"), 0)


def test_a_recipe_says_which() -> None:
    assert read_tuning({}) == Tuning("scale_bias", 1.0, 0.02)
    assert read_tuning({"std": 0, "norms": True}) == Tuning(std=0, norms=True)
    assert read_tuning({"variant": "lora", "rank": 4}) == Tuning("lora", rank=4)
    assert Tuning().groups == ("tuning",) and Tuning(norms=True).groups == ("tuning", "norms")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"variant": "scale-bias"}, "no variant of tuning 'scale-bias'.\nDid you mean scale_bias"),
        ({"stdev": 0.1}, "no key of tuning 'scale_bias' 'stdev'.\nDid you mean std"),
        ({"variant": "bias", "std": 0.1}, "no key of tuning 'bias' 'std'"),
        ({"variant": "lora", "rank": 1.5}, "`rank` of the tuning is 1.5.\nGive a value like 16"),
        ({"norms": 1}, "`norms` of the tuning is 1.\nGive a value like False"),
        ({"std": True}, "`std` of the tuning is True"),
        ({"std": -1.0}, "`std` of a tuning is -1.0"),
        ({"std": float("nan")}, "`std` of a tuning is nan"),
        ({"variant": "lora", "rank": 0}, "`rank` of a tuning is 0"),
    ],
)
def test_what_a_recipe_may_not_say(raw: Mapping[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_tuning(raw)
    assert says in str(caught.value)
