"""The configurations of an EarthGPT: presets at the paper's sizes, and faults that are named."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.config import Config, ProposalConfig, from_dict, preset
from rsbench.reference_model.model import EarthGPT

PRESETS = ("7b", "sphinx_light", "nano")


@pytest.fixture(scope="module")
def paper() -> EarthGPT:
    with torch.device("meta"):
        return EarthGPT(preset("7b"))


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def test_7b_has_the_published_sizes(paper: EarthGPT) -> None:
    assert parameters(paper.language) == 6_738_415_616  # LLaMA-2-7B
    assert parameters(paper.encoders.clip.visual.trunk) == pytest.approx(196.2e6, abs=0.05e6)  # ConvNeXt-L
    assert parameters(paper.encoders.vit) == pytest.approx(304.4e6, abs=0.1e6)  # DINOv2 ViT-L/14


def test_7b_sees_the_patches_a_class_token_and_two_marks(paper: EarthGPT) -> None:
    assert paper.config.visual_tokens == 16 * 16 + 1 + 2
    projection: Any = paper.fusion.proj[0]
    assert (projection.in_features, projection.out_features) == (4 * 256 + 4 * 1024, 4096)


def test_sphinx_light_has_the_projection_of_its_checkpoints() -> None:
    with torch.device("meta"):
        model = EarthGPT(replace(preset("sphinx_light"), language=preset("nano").language))
    assert model.fusion.proj[0].in_features == 1536 + 1024
    assert parameters(model.fusion) == parameters(model.fusion.proj)
    assert model.config.visual_tokens == 259  # llama_ens_light


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
