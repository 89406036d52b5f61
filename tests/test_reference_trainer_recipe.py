"""Recipes: files, overrides, defaults of the paper, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model.trainer.encoder_recipe import parse as parse_encoders
from rsbench.reference_model.trainer.recipe import parse, read_yaml

LEAST: dict[str, Any] = {"stage": "align", "data": [{"mmrs": "a/total.json"}], "batch": 8, "steps": 5}
SHIPPED = sorted((Path(__file__).parents[1] / "reference_model" / "recipes").glob("*.yaml"))


def test_defaults_are_those_of_the_paper_and_its_ancestor() -> None:
    recipe = parse(LEAST, "r.yaml")
    adam = recipe.optimiser
    assert (adam.betas, adam.learning_rate) == ((0.9, 0.95), 2e-5)
    assert (adam.warm_up, adam.weight_decay, adam.clip) == (0.03, 0.0, 8.0)
    assert (recipe.turns, recipe.weigh, recipe.pack, recipe.max_tokens) == ("together", "tokens", 0, 512)
    assert recipe.data[0].called == "total" and recipe.groups == "align"


def test_what_leaves_the_curve_alone_leaves_the_digest_alone() -> None:
    plain = parse(LEAST, "r.yaml").digest()
    same = {"workers": 3, "accumulate": 2, "save_every": 7, "keep": 9, "tensorboard": False}
    assert parse(LEAST | same | {"trainer": {"use_cpu": True}}, "r.yaml").digest() == plain
    for changed in ({"steps": 6}, {"seed": 1}, {"optimiser": {"clip": 1}}, {"turns": "apart"}):
        assert parse(LEAST | changed, "r.yaml").digest() != plain


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stpes": 4}, "Did you mean steps"),
        ({"steps": None}, "steps or epochs, one of them"),
        ({"epochs": 1}, "steps or epochs, one of them"),
        ({"steps": 0}, "steps of r.yaml is 0; it must be above 0"),
        ({"batch": 0}, "batch of r.yaml is 0; it must be at least 1"),
        ({"turns": "togehter"}, "There is no turns in r.yaml 'togehter'.\nDid you mean together"),
        ({"precision": "fp16"}, "There is no precision in r.yaml 'fp16'"),
        ({"data": []}, "has no data"),
        ({"data": [{}]}, "data.0 of r.yaml must have mmrs or module"),
        ({"data": [{"mmrs": "a", "module": "b:c"}]}, "one of them"),
        ({"data": [{"mmrs": "a", "weight": 0}]}, "data.0.weight"),
        ({"data": [{"mmrs": "a/x.json"}, {"mmrs": "b/x.json"}]}, "called 'x'"),
        ({"turns": "apart", "attention": "flash_attention_2"}, "turns apart need a mask"),
    ],
)
def test_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(LEAST | change, "r.yaml")
    assert said in str(caught.value)


def test_overrides_lead_into_sections_and_lists(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("stage: align\nbatch: 8\nsteps: 5\ndata: [{mmrs: a.json}]\n", encoding="utf-8")
    overrides = ["optimiser.learning_rate=1e-3", "data.0.weight=2", "start=[x, y]", "model.language.layers=2"]
    recipe = parse(read_yaml(path, overrides), "r.yaml")
    assert recipe.optimiser.learning_rate == 1e-3 and recipe.data[0].weight == 2.0
    assert recipe.folders == (Path("x"), Path("y")) and recipe.model == {"language": {"layers": 2}}
    for text, said in (("steps", "not key=value"), ("data.3.weight=1", "leads nowhere"), ("a=[", "not YAML")):
        with pytest.raises(UsageError, match=said):
            read_yaml(path, [text])


@pytest.mark.parametrize("text", ["- 1\n", "a: [\n", None])
def test_files_that_are_no_recipes(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=r"r\.yaml"):
        read_yaml(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_recipes_are_recipes(path: Path) -> None:
    raw = read_yaml(path)
    if "recipes" in raw:
        assert all(path.with_name(f"{name}.yaml") in SHIPPED for name in raw["recipes"])
        return
    assert raw["stage"] in path.stem
    if raw["stage"] == "encoders":
        assert parse_encoders(raw, path.name).steps > 0
    else:
        assert parse(raw, path.name).optimiser.betas == (0.9, 0.95)
