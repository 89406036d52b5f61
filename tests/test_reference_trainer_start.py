"""Where a training starts: bases and overlays, what is random, what learns in which precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.trainer.recipe import Recipe, parse
from rsbench.reference_model.trainer.start import begin, described, fingerprints


def recipe(start: Any, **changes: Any) -> Recipe:
    base = {"stage": "align", "data": [{"mmrs": "a.json"}], "batch": 8, "steps": 5}
    return parse(base | ({"start": start} if start else {}) | changes, "r.yaml")


def parts(source: Path, folder: Path, keep: str) -> Path:
    """A folder with some of the tensors only."""
    folder.mkdir()
    tensors = load_file(source / "model.safetensors")
    save_file({k: v for k, v in tensors.items() if k.startswith(keep)}, folder / "model.safetensors")
    return folder


def test_a_checkpoint_is_loaded_and_frozen(text_folder: Path) -> None:
    start = begin(recipe(str(text_folder)))
    given = load_file(text_folder / "model.safetensors")
    for name, tensor in start.model.state_dict().items():
        assert torch.equal(tensor, given[name].float()), name
    parameters = dict(start.model.named_parameters())
    assert set(start.trained) == {n for n, p in parameters.items() if p.requires_grad}
    assert "language.model.layers.0.self_attn.q_proj.weight" in start.trained
    assert not start.fresh and not any(n.startswith(("encoders", "language.lm_head")) for n in start.trained)


def test_tuning_adds_and_freezes(text_folder: Path) -> None:
    start = begin(recipe(str(text_folder), stage="tune", tuning={"variant": "scale_bias", "std": 0.1}))
    assert {name.rsplit(".", 1)[1] for name in start.trained} == {"alpha", "beta"}
    again = begin(recipe(str(text_folder), stage="tune", tuning={"variant": "scale_bias", "std": 0.1}))
    other = begin(recipe(str(text_folder), stage="tune", tuning={"std": 0.1}, seed=1))
    name = next(n for n in start.trained if n.endswith("alpha"))
    first, same, different = (dict(s.model.named_parameters())[name] for s in (start, again, other))
    assert torch.equal(first, same) and not torch.equal(first, different)
    norms = begin(recipe(str(text_folder), stage="tune", tuning={"variant": "bias", "norms": True}))
    assert {name.rsplit(".", 1)[1] for name in norms.trained} == {"beta", "weight"}


def test_overlays_and_new_projections(text_folder: Path, tmp_path: Path) -> None:
    language = parts(text_folder, tmp_path / "language", "language.")
    encoders = parts(text_folder, tmp_path / "encoders", "encoders.")
    for file in ("config.json", "tokenizer.json"):
        (language / file).write_bytes((text_folder / file).read_bytes())
    start = begin(recipe([str(language), str(encoders)]))
    new = {n for n in start.model.state_dict() if not n.startswith(("language.", "encoders."))}
    assert set(start.fresh) == new
    weight = dict(start.model.named_parameters())["fusion.proj.0.weight"]
    bound = weight.shape[1] ** -0.5  # nn.Linear draws uniformly below one over the root of its inputs
    assert 0.5 * bound < weight.abs().max() <= bound and (weight != 0).float().mean() > 0.99
    assert 0 <= start.model.start_img.min() and start.model.start_img.max() <= 1
    again = begin(recipe([str(language), str(encoders)]))
    assert torch.equal(dict(again.model.named_parameters())["fusion.proj.0.weight"], weight)
    with pytest.raises(ModelError, match="end_img is missing"):  # frozen: nothing may be random
        begin(recipe([str(language), str(encoders)], trainable=["attention"]))
    with pytest.raises(ModelError, match="encoders.* is missing"):
        begin(recipe(str(language)))


def test_bf16_keeps_what_learns_exact(text_folder: Path) -> None:
    start = begin(recipe(str(text_folder), precision="bf16"))
    given = load_file(text_folder / "model.safetensors")
    for name, parameter in start.model.named_parameters():
        if name in start.trained:
            assert parameter.dtype == torch.float32 and torch.equal(parameter, given[name].float())
        else:
            assert parameter.dtype == torch.bfloat16
    rotary = "language.model.rotary_emb.inv_freq"  # positions of hundreds times a rounded frequency are noise
    exact = dict(begin(recipe(str(text_folder))).model.named_buffers())[rotary]
    assert torch.equal(dict(start.model.named_buffers())[rotary], exact)


def test_without_a_start_weights_are_drawn_from_the_seed(text_folder: Path) -> None:
    config = described(recipe(str(text_folder))).to_dict()
    changes = {"preset": "7b", "model": config, "tokenizer": str(text_folder)}
    weights = [begin(recipe(None, **changes, seed=s)).model.language.lm_head.weight for s in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1]) and not torch.equal(weights[0], weights[2])


def test_the_configuration_can_be_changed(text_folder: Path) -> None:
    made = described(recipe(str(text_folder), model={"language": {"positions": 500}}))
    assert made.language.positions == 500 and made.language.width == 32
    with pytest.raises(UsageError, match="positoins"):
        described(recipe(str(text_folder), model={"language": {"positoins": 500}}))
    with pytest.raises(UsageError, match="7bb"):
        described(recipe(None, preset="7bb"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": {"language": {"width": 64}}}, "is .*, not "),
        ({"model": {"language": {"layers": 1}}}, "is not known"),
        ({"tokenizer": "nowhere"}, "There is no tokenizer.json in nowhere"),
        ({"model": {"language": {"vocab_size": 100}}}, "The tokenizer in .* has .* tokens, the model 100"),
        ({"start": "nowhere"}, "Neither `preset` nor `start`"),
        ({"start": "nowhere", "preset": "7b"}, "There is no tokenizer.json in nowhere"),
    ],
)
def test_starts_that_do_not_fit(changes: dict[str, Any], said: str, text_folder: Path) -> None:
    with pytest.raises(ModelError, match=said):
        begin(recipe(**({"start": str(text_folder)} | changes)))


def test_fingerprints_tell_weights_apart(text_folder: Path, tmp_path: Path) -> None:
    part = parts(text_folder, tmp_path / "part", "language.")
    found = fingerprints(recipe([str(text_folder), str(part)]))
    assert len(set(found.values())) == 2 and fingerprints(recipe(str(part))) == {str(part): found[str(part)]}


@pytest.mark.parametrize("group", ["encoders", "proposals"])
def test_what_sees_stays_frozen(group: str, text_folder: Path) -> None:
    with pytest.raises(UsageError, match=f"{group} cannot be trained here"):
        begin(recipe(str(text_folder), trainable=["attention", group]))
