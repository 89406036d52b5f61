"""What learns in each stage: literal names, and trainings that leave all else as it was to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.bias_tuning import VARIANTS, Tuning, apply
from rsbench.reference_model.config import Config, preset
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.trainable import (
    GROUPS,
    STAGES,
    freeze,
    group_of,
    groups_of,
    names_of,
    trainable_state,
)

LAYER = "language.model.layers.{}."
ATTENTION = [f"self_attn.{n}_proj.weight" for n in "qkvo"]
FORWARD = [f"mlp.{n}_proj.weight" for n in ("gate", "up", "down")]
NORMS = ["input_layernorm.weight", "post_attention_layernorm.weight"]
FUSION = [
    "fusion.stages.0.weight",
    "fusion.stages.0.bias",
    "fusion.stages.1.weight",
    "fusion.stages.1.bias",
    "fusion.stages.2.weight",
    "fusion.stages.2.bias",
    "fusion.proj.0.weight",
    "fusion.proj.0.bias",
    "fusion.proj.1.weight",
    "fusion.proj.1.bias",
]
DELIMITERS = ["start_img", "end_img"]


def layers(names: Sequence[str]) -> list[str]:
    return [LAYER.format(i) + name for i in (0, 1) for name in names]


ALIGN = {*DELIMITERS, *FUSION, *layers(ATTENTION), *layers(NORMS), "language.model.norm.weight"}
FULL = {*ALIGN, *layers(FORWARD), "language.model.embed_tokens.weight", "language.lm_head.weight"}


@pytest.fixture
def model(text_model: EarthGPT) -> EarthGPT:
    """A copy of the toy model: two decoder layers."""
    copy = EarthGPT(text_model.config)
    copy.load_state_dict(text_model.state_dict())
    return copy


def trained(model: EarthGPT, steps: int = 3) -> dict[str, Tensor]:
    """Steps of AdamW on random pictures and words; the parameters that are not as they were, by name."""
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    adam = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    draw = torch.Generator().manual_seed(6)
    pixels = torch.randn(2, 3, 64, 64, generator=draw)
    ids = torch.randint(3, 400, (2, 9), generator=draw)
    for _ in range(steps):
        embedded = model.splice(model.see(pixels).tokens, ids)
        logits = model.language(inputs_embeds=embedded).logits[:, -9:-1]
        adam.zero_grad()
        torch.autograd.backward(functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()))
        adam.step()
    return {n: p.detach() for n, p in model.named_parameters() if not torch.equal(p.detach(), before[n])}


def test_align_trains_attention_norms_projection_and_delimiters(model: EarthGPT) -> None:
    assert set(freeze(model, "align")) == ALIGN
    assert trained(model).keys() == ALIGN


def test_tune_trains_the_scales_and_biases_only(model: EarthGPT) -> None:
    apply(model, Tuning(), 0)
    linears = [name.removesuffix("weight") for name in ATTENTION + FORWARD]
    expected = set(layers([f"{linear}{part}" for linear in linears for part in ("alpha", "beta")]))
    assert len(expected) == 2 * 7 * 2 and set(freeze(model, "tune")) == expected
    assert trained(model).keys() == expected


def test_full_trains_all_but_the_encoders(model: EarthGPT) -> None:
    assert set(freeze(model, "full")) == FULL
    frozen = {name for name, _ in model.named_parameters()} - FULL
    assert frozen and all(name.startswith("encoders.") for name in frozen)
    assert trained(model).keys() == FULL


def test_projection_trains_the_projection_only(model: EarthGPT) -> None:
    assert set(freeze(model, "projection")) == set(FUSION)
    assert trained(model).keys() == set(FUSION)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_leaves_what_was_there_as_it_was(model: EarthGPT, variant: str) -> None:
    tuning = Tuning(variant, norms=True, rank=2)
    apply(model, tuning, 0)
    names = freeze(model, tuning.groups)
    norms = {*layers(NORMS), "language.model.norm.weight"}
    ends = (".alpha", ".beta", ".scale", "lora_A.default.weight", "lora_B.default.weight")
    assert norms < set(names)
    assert all(name.endswith(ends) for name in set(names) - norms)
    assert len(names) == len(norms) + 2 * 7 * (1 if variant == "bias" else 2)
    assert trained(model).keys() == set(names)


def test_what_is_frozen_stays_in_evaluation_mode(model: EarthGPT, proposals_model: EarthGPT) -> None:
    freeze(model.train(), "align")
    assert model.language.training and model.fusion.training and not model.encoders.training
    model.eval().train()
    assert model.language.training and not any(m.training for m in model.encoders.modules())
    freeze(model, ["encoders"])
    assert all(m.training for m in model.encoders.modules())

    pointing = EarthGPT(proposals_model.config)
    freeze(pointing, "full")
    assert pointing.head is not None and not pointing.head.training and pointing.region is not None
    assert pointing.region.training and not any(p.requires_grad for p in pointing.head.parameters())
    assert all(p.requires_grad for p in pointing.region.parameters())
    freeze(pointing, "proposals")
    assert pointing.head.training and all(p.requires_grad for p in pointing.head.parameters())


def test_every_parameter_has_one_group(model: EarthGPT, tiny_proposals: Config) -> None:
    with torch.device("meta"):
        pointing = EarthGPT(tiny_proposals)
        sphinx = preset("sphinx_light")
        alone = replace(sphinx.clip, scores=False)  # as its checkpoints store it
        shaped = EarthGPT(replace(sphinx, clip=alone, language=tiny_proposals.language))
        biased = EarthGPT(replace(model.config, language=replace(model.config.language, bias=True)))
    found = {group_of(name) for each in (model, pointing) for name, _ in each.named_parameters()}
    assert found == set(GROUPS) - {"tuning"}
    assert all(group_of(name) in GROUPS for name, _ in shaped.named_parameters())
    biases = {name for name, _ in biased.named_parameters()} - {name for name, _ in model.named_parameters()}
    # equations 9 to 11 train b_q, b_k and b_v with their weights
    assert names_of(biases, ["attention"]) and {group_of(n) for n in biases} == {"attention", "feed_forward"}
    for variant in VARIANTS:
        tuned = EarthGPT(model.config)
        apply(tuned, Tuning(variant), 0)
        assert {group_of(name) for name, _ in tuned.named_parameters()} == found - {"proposals"} | {"tuning"}


def test_groups_and_stages_compose() -> None:
    assert groups_of(["delimiters", "norms", "attention"]) == ("attention", "norms", "delimiters")
    assert groups_of(["tune", "norms"]) == ("tuning", "norms")
    assert groups_of("encoders") == ("encoders",)
    assert set(groups_of(["full", "tune", "encoders", "proposals"])) == set(GROUPS)
    assert all(set(groups) <= set(GROUPS) for groups in STAGES.values())
    assert names_of(["end_img", "head.a", "fusion.b"], ("projection", "delimiters")) == [
        "end_img",
        "fusion.b",
    ]


def test_a_tied_head_is_the_embeddings(tiny_proposals: Config) -> None:
    model = EarthGPT(tiny_proposals)
    assert freeze(model, "head") == ["language.model.embed_tokens.weight"]
    assert model.language.lm_head.weight.requires_grad
    assert "language.model.embed_tokens.weight" not in freeze(model, "align")
    assert not model.language.lm_head.weight.requires_grad


def test_the_trainable_part_is_what_a_small_checkpoint_holds(model: EarthGPT) -> None:
    apply(model, Tuning(), 0)
    freeze(model, "tune")
    part = trainable_state(model)
    assert {name.rsplit(".", 1)[1] for name in part} == {"alpha", "beta"}
    fresh = EarthGPT(model.config)
    fresh.load_state_dict({n: t for n, t in model.state_dict().items() if n not in part}, strict=True)
    apply(fresh, Tuning(), 1)
    assert fresh.load_state_dict(part, strict=False).unexpected_keys == []
    assert all(torch.equal(a, b) for a, b in zip(fresh.parameters(), model.parameters(), strict=True))


def test_faults_are_named(model: EarthGPT) -> None:
    with pytest.raises(UsageError, match="no group of parameters 'atention'.\n.*attention"):
        freeze(model, ["norms", "atention"])
    with pytest.raises(ModelError, match="no parameters of the group 'tuning'.\nApply a tuning"):
        freeze(model, "tune")
    with pytest.raises(ModelError, match="no parameters of the group 'proposals'.\nLeave it out"):
        freeze(model, ["norms", "proposals"])
    with pytest.raises(ModelError, match="'language.model.layers.0.extra' belongs to no group"):
        group_of("language.model.layers.0.extra")
    assert all(p.requires_grad for p in model.parameters())  # nothing was changed by a refusal
