"""ConvNeXt's names: timm and Hugging Face see the same at every stage; a CLIP is told by its tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import timm
import torch
from timm.models.convnext import ConvNeXt

from rsbench.harness.errors import ModelError
from rsbench.reference_model.config import ClipConfig, Config
from rsbench.reference_model.convert.convnext import clip, read_clip, timm_name, to_hugging_face, to_timm
from rsbench.reference_model.lazy import Lazy, lazy, prefixed
from rsbench.reference_model.model import EarthGPT


def trunk() -> Any:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(2)
        model = ConvNeXt(depths=(1, 2, 1, 1), dims=(8, 16, 24, 32), num_classes=0).eval()
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.2)  # layer scales and biases begin as constants
    return model


def lazily(model: Any) -> dict[str, Lazy]:
    return {name: lazy(tensor) for name, tensor in model.state_dict().items()}


def test_all_four_stages_are_equal() -> None:
    from transformers import ConvNextConfig, ConvNextModel

    theirs = trunk()
    config = ConvNextConfig(
        hidden_sizes=[f["num_chs"] for f in theirs.feature_info],
        depths=[len(stage.blocks) for stage in theirs.stages],
        layer_norm_eps=1e-6,
    )
    ours: Any = ConvNextModel(config)
    ours.eval()
    ours.load_state_dict({n: t.read() for n, t in to_hugging_face(lazily(theirs)).items()}, strict=True)
    pixels = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        out = ours(pixels, output_hidden_states=True)
        stages = theirs.forward_intermediates(pixels, intermediates_only=True)
        for stage, hidden in zip(stages, out.hidden_states[1:], strict=True):
            torch.testing.assert_close(hidden, stage, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(out.pooler_output, theirs(pixels), atol=1e-5, rtol=1e-5)


def test_every_name_comes_back() -> None:
    state = lazily(trunk())
    back = to_timm(to_hugging_face(state))
    assert back.keys() == state.keys() and all(back[name] is state[name] for name in state)
    with pytest.raises(ModelError, match="stem.2.weight has no name in Hugging Face"):
        to_hugging_face({"stem.2.weight": lazy(torch.ones(1))})
    with pytest.raises(ModelError, match="stem.0.weight has no name in timm"):
        to_timm(state)


def test_a_clip_of_open_clip_is_ours(text_model: EarthGPT, tiny: Config) -> None:
    state = lazily(text_model.encoders.clip)
    stored = dict(state) | {"attn_mask": lazy(torch.ones(1))}
    assert clip(stored) == state
    assert read_clip(clip(stored), tiny.clip) == tiny.clip
    apart = {n if n.startswith(("visual", "logit")) else f"text.{n}": t for n, t in state.items()}
    assert clip(apart) == state  # open_clip's class with a text tower of its own
    of_shapes = read_clip(state, ClipConfig())
    kept = {"image_size": 320, "eos_id": None, "heads": 1}
    assert of_shapes == replace(tiny.clip, **kept)  # type: ignore[arg-type]  # what shapes cannot say


def test_a_trunk_alone_sees_and_does_not_score() -> None:
    state = lazily(trunk())
    expected = prefixed("visual.trunk.", state)
    head = {"head.fc.weight": lazy(torch.ones(5, 32)), "head.fc.bias": lazy(torch.ones(5))}
    assert clip(state | head) == expected
    outside = to_hugging_face(state)
    classifier = prefixed("convnext.", outside) | {"classifier.weight": lazy(torch.ones(2, 64))}
    assert clip(outside) == clip(classifier) == expected
    assert not read_clip(expected, ClipConfig()).scores
    with pytest.raises(ModelError, match="not the tensors of a CLIP with a ConvNeXt"):
        clip({"visual.conv1.weight": lazy(torch.ones(1))})


@pytest.mark.parametrize(
    "name", ["test_convnext", "convnext_zepto_rms", "convnext_large", "convnext_xxlarge"]
)
def test_the_model_is_told_by_its_shapes(name: str) -> None:
    with torch.device("meta"):
        state = lazily(timm.create_model(name, num_classes=0))
    assert timm_name(prefixed("visual.trunk.", state)) == name


def test_shapes_of_no_model_are_refused() -> None:
    with pytest.raises(ModelError, match="No ConvNeXt that is known begins with 1 channels"):
        timm_name({"visual.trunk.stem.0.weight": lazy(torch.ones(1))})
