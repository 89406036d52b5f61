"""The configurations of an EarthGPT: presets at the paper's sizes, and faults that are named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.config import (
    ClipConfig,
    Config,
    LanguageConfig,
    ProposalConfig,
    from_dict,
    preset,
)
from rsbench.reference_model.model import EarthGPT, build_language

PRESETS = ("7b", "13b", "sphinx_light", "nano")


@pytest.fixture(scope="module")
def paper() -> EarthGPT:
    with torch.device("meta"):
        return EarthGPT(preset("7b"))


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_the_language_models_have_the_published_sizes(paper: EarthGPT) -> None:
    assert parameters(paper.language) == 6_738_415_616  # LLaMA-2-7B
    with torch.device("meta"):
        assert parameters(build_language(preset("13b").language)) == 13_015_864_320  # LLaMA-2-13B


def test_the_vit_has_the_size_of_dinov2_vit_l(paper: EarthGPT) -> None:
    width, places = 1024, 1 + 37**2
    outside = (3 * 14**2 + 1) * width + places * width + 2 * width + 2 * width  # class and mask token, norm
    block = (4 * width**2 + 4 * width) + (8 * width**2 + 5 * width) + 4 * width + 2 * width  # norms, scales
    assert parameters(paper.encoders.vit) == outside + 24 * block == 304_368_640  # torch.hub's dinov2_vitl14


def test_the_cnn_has_the_size_of_convnext_l(paper: EarthGPT) -> None:
    from transformers import ConvNextConfig, ConvNextModel

    widths, depths = [192, 384, 768, 1536], [3, 3, 27, 3]
    with torch.device("meta"):
        other = ConvNextModel(ConvNextConfig(hidden_sizes=widths, depths=depths))
    assert parameters(paper.encoders.clip.visual.trunk) == parameters(other) == 196_230_336


def test_the_clip_is_open_clips_convnext_large_d_320(paper: EarthGPT) -> None:
    import open_clip
    from open_clip.model import CLIP

    given = open_clip.get_model_config("convnext_large_d_320")
    with torch.device("meta"):
        other = CLIP(given["embed_dim"], given["vision_cfg"], given["text_cfg"])
    shapes = {name: value.shape for name, value in other.state_dict().items()}
    assert shapes == {name: value.shape for name, value in paper.encoders.clip.state_dict().items()}


def test_7b_sees_the_patches_a_class_token_and_two_marks(paper: EarthGPT) -> None:
    assert paper.config.visual_tokens == 16 * 16 + 1 + 2
    projection: Any = paper.fusion.proj[0]
    assert (projection.in_features, projection.out_features) == (4 * 256 + 4 * 1024, 4096)


def test_sphinx_light_has_the_projection_of_its_checkpoints() -> None:
    alone = ClipConfig(scores=False)  # they hold no text tower
    with torch.device("meta"):
        model = EarthGPT(replace(preset("sphinx_light"), clip=alone, language=preset("nano").language))
    assert model.fusion.proj[0].in_features == 1536 + 1024
    assert parameters(model.fusion) == parameters(model.fusion.proj)
    assert model.config.visual_tokens == 259  # llama_ens_light


def test_grouped_heads_and_biases_are_those_of_a_llama() -> None:
    with torch.device("meta"):
        plain = build_language(LanguageConfig(50, 32, 3, 4, 40, 9))
        biased = build_language(LanguageConfig(50, 32, 3, 4, 40, 9, bias=True))
        grouped = build_language(LanguageConfig(50, 32, 3, 4, 40, 9, kv_heads=2))
    assert parameters(biased) - parameters(plain) == 3 * (4 * 32 + 2 * 40 + 32)
    assert parameters(plain) - parameters(grouped) == 3 * 2 * 32 * 16  # k and v of half the heads
    names = {name for name, _ in biased.named_parameters()} - {name for name, _ in plain.named_parameters()}
    assert len(names) == 3 * 7 and all(name.endswith("_proj.bias") for name in names)


def test_a_configuration_written_before_a_key_was_new_still_reads() -> None:
    raw = preset("nano").to_dict()
    for key in ("bias", "kv_heads"):
        del raw["language"][key]
    assert from_dict(raw) == preset("nano")


@pytest.mark.parametrize("name", PRESETS)
def test_only_nano_points_at_proposals(name: str) -> None:
    assert (preset(name).localisation == "text") == (name != "nano")
    assert Config(name="any").localisation == "text"


@pytest.mark.parametrize("name", PRESETS)
def test_a_configuration_survives_json(name: str) -> None:
    config = preset(name)
    assert from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_unknown_names_come_with_a_suggestion() -> None:
    with pytest.raises(UsageError, match="sphinx_light"):
        preset("sphinx-light")
    with pytest.raises(UsageError, match="image_size"):
        from_dict({"name": "a", "imagesize": 3})
    with pytest.raises(UsageError, match="section vit.*\n.*patch_size"):
        from_dict({"name": "a", "vit": {"patchsize": 3}})
    with pytest.raises(UsageError, match="proposals or text|text or proposals|There are: proposals, text"):
        from_dict({"name": "a", "localisation": "boxes"})


def test_what_cannot_be_a_configuration_is_refused() -> None:
    with pytest.raises(ModelError, match="no `name`"):
        from_dict({})
    with pytest.raises(ModelError, match="section cnn is not a mapping"):
        from_dict({"name": "a", "cnn": 3})
    with pytest.raises(ModelError, match="is missing"):
        Config(name="a", localisation="proposals")
    with pytest.raises(ModelError, match="is there"):
        Config(name="a", proposals=ProposalConfig())


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"image_size": "512"}, "`image_size` of the configuration is '512'.\nGive it as int."),
        ({"image_size": True}, "`image_size` of the configuration is True"),
        (
            {"language": {"norm_eps": "small"}},
            "`norm_eps` of the section language is 'small'.\nGive it as float",
        ),
        ({"cnn": {"channels": 2.5}}, "`channels` of the section cnn is 2.5.\nGive it as int | None"),
        ({"vit": {"layers": 24}}, "`layers` of the section vit is 24"),
        ({"vit": {"layers": [6, 25]}}, "`vit.layers` is [6, 25].\nName some of 1 to 24"),
        ({"vit": {"layers": []}}, "`vit.layers` is []"),
        ({"vit": {"layers": [12, 6]}}, "`vit.layers` is [12, 6]"),
        ({"cnn": {"stages": [0, 4]}}, "`cnn.stages` is [0, 4].\nName some of 1 to 4"),
        ({"cnn": {"stages": ["4"]}}, "`cnn.stages` is ['4']"),
    ],
)
def test_values_of_another_kind_are_named(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(ModelError) as caught:
        from_dict({"name": "a", **raw})
    assert says in str(caught.value)


def test_a_whole_number_is_a_float() -> None:
    assert from_dict({"name": "a", "language": {"rope_theta": 10000}}).language.rope_theta == 10000
