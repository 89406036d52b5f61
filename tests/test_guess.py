"""What stands behind --model may be a place: its files say which adapter it is for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

from rsbench.harness.contract import Runtime
from rsbench.harness.errors import ModelError, UsageError
from rsbench.harness.guess import guess, is_place
from rsbench.harness.plan import build_adapter
from rsbench.harness.registry import names
from rsbench.reference_model.checkpoint import SHIPPED


def folder(path: Path, **files: Any) -> str:
    """A folder of files; names have __ for the dot."""
    path.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("config", "adapter", "dialect"),
    [
        ({"model_type": "llava"}, "hf", "llava"),
        ({"model_type": "qwen2_vl"}, "hf", "qwen,generation=2"),
        ({"model_type": "qwen2_5_vl"}, "hf", "qwen,generation=2.5"),
        ({"model_type": "internvl"}, "hf", "internvl"),
        ({"model_type": "paligemma"}, "hf", "paligemma"),
        ({"model_type": "smolvlm"}, "hf", "plain"),
        ({"model_type": "grounding-dino"}, "grounding_dino", None),
        ({"model_type": "mm-grounding-dino"}, "grounding_dino", None),
    ],
)
def test_a_folder_is_told_by_its_config(
    tmp_path: Path, config: dict[str, Any], adapter: str, dialect: str | None
) -> None:
    place = folder(tmp_path / "m", config__json=config)
    found = guess(place, {"bits": "4"})
    assert (found.adapter, found.dialect) == (adapter, dialect) and adapter in names("adapters")
    assert found.options == {"checkpoint": place, "bits": "4"}
    assert f"--model {adapter},checkpoint={place},bits=4" in str(found) and "\n" not in str(found)


def test_a_fine_tuned_model_is_told_by_where_it_came_from(tmp_path: Path) -> None:
    config = {"model_type": "qwen2_5_vl", "_name_or_path": "Qingyun/RSCoVLM-7B-2512"}
    found = guess(folder(tmp_path / "m", config__json=config), {"min_pixels": "784"})
    assert found.dialect == "rscovlm"
    assert (found.options["min_pixels"], found.options["max_pixels"]) == ("784", "1016064")


def test_other_models_are_told_by_their_files(tmp_path: Path) -> None:
    assert guess(str(SHIPPED), {}).adapter == "earthgpt"
    clip = folder(
        tmp_path / "clip", open_clip_config__json={"model_cfg": {}}, config__json={"model_type": "clip"}
    )
    assert guess(clip, {}).adapter == "open_clip"
    pair = folder(tmp_path / "detector", s2anet__py="model = {}", s2anet__pth="")
    settings, checkpoint = (str(Path(pair) / f"s2anet.{end}") for end in ("py", "pth"))
    both = {"config": settings, "checkpoint": checkpoint}
    for place in (pair, settings, checkpoint):
        found = guess(place, {"threshold": "0.1"})
        assert found.adapter == "mmrotate" and found.options == {**both, "threshold": "0.1"}
    named = {"checkpoint": "other.pth"}
    assert guess(settings, named).options == {"config": settings, **named}
    answers = Path(folder(tmp_path / "answers", mine__jsonl='{"id": "1", "text": "a"}')) / "mine.jsonl"
    assert guess(str(answers), {"dialect": "plain"}).options == {"answers": str(answers), "dialect": "plain"}
    bare = Path(folder(tmp_path / "bare", **{"RemoteCLIP-ViT-B-32__pt": ""})) / "RemoteCLIP-ViT-B-32.pt"
    assert guess(str(bare), {}).adapter == "open_clip"
    served = guess("http://localhost:8000/v1", {"name": "mine"})
    assert served.adapter == "openai"
    assert served.options == {"url": "http://localhost:8000/v1", "name": "mine"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "it holds nothing"),
        ({"readme__md": "hello"}, "it holds readme.md"),
        ({"config__json": {"hidden_size": 3}}, "no model that rsbench knows"),
        ({"config__json": "{"}, "cannot be read"),
        ({"config__json": "[]"}, "holds no JSON object"),
        ({"a__py": "", "b__py": "", "c__pth": ""}, "2 configurations and 1 checkpoints"),
    ],
)
def test_a_folder_that_cannot_be_placed_says_what_was_looked_for(
    tmp_path: Path, files: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        guess(folder(tmp_path / "m", **files), {})
    assert caught.value.hint


def test_what_is_not_there_and_what_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no"):
        guess(str(tmp_path / "none" / "here"), {})
    strange = Path(folder(tmp_path / "m", notes__md="")) / "notes.md"
    with pytest.raises(ModelError, match="no file that rsbench knows"):
        guess(str(strange), {})
    alone = Path(folder(tmp_path / "alone", model__py="")) / "model.py"
    with pytest.raises(ModelError, match="beside its .pth"):
        guess(str(alone), {})


class _Hub:
    """Stands in for the hub: a few JSON files by name."""

    def __init__(self, files: dict[str, Path], away: bool = False) -> None:
        self.files, self.away = files, away

    def __call__(self, name: str, file: str, revision: str | None = None) -> str:
        if self.away:
            raise LocalEntryNotFoundError("the network is away")
        if file not in self.files:
            raise EntryNotFoundError(f"no {file} in {name}")
        return str(self.files[file])


def test_a_hub_id_is_told_by_its_config_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(folder(tmp_path / "m", vlm__json={"model_type": "qwen2_5_vl"}, clip__json={"a": 1}))
    vlm, clip = place / "vlm.json", place / "clip.json"
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", _Hub({"config.json": vlm}))
    found = guess("Qingyun/RSCoVLM-7B-2512", {"revision": "main"})
    assert (found.adapter, found.dialect) == ("hf", "rscovlm")
    bounds = {"min_pixels": "50176", "max_pixels": "1016064"}
    assert found.options == {"checkpoint": "Qingyun/RSCoVLM-7B-2512", "revision": "main", **bounds}
    assert guess("Qingyun/RSCoVLM-7B-2512", {"max_pixels": "3136"}).options["max_pixels"] == "3136"
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", _Hub({"open_clip_config.json": clip}))
    assert guess("some/clip", {}).options == {"checkpoint": "hf-hub:some/clip"}
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", _Hub({}))
    with pytest.raises(ModelError, match="on the hub is no model"):
        guess("some/dataset", {})
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", _Hub({}, away=True))
    with pytest.raises(ModelError, match="the network is away"):
        guess("some/model", {})


def test_a_name_is_no_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not is_place("earthgpt") and not is_place("earthgbt")
    assert is_place("a/b") and is_place("./a") and is_place("https://host/v1")
    (tmp_path / "earthgpt").mkdir()
    (tmp_path / "mine.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    assert is_place("mine.jsonl")
    with pytest.raises(UsageError, match="earthgpt"):
        build_adapter("earthgbt", Runtime())


def test_run_says_what_it_took_a_place_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "mine.jsonl"
    answers.write_text('{"id": "1", "text": "a"}\n', encoding="utf-8")
    adapter, options = build_adapter(f"{answers},dialect=plain", Runtime())
    assert adapter.name == "replay" and options == {"answers": str(answers), "dialect": "plain"}
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert f"--model replay,answers={answers},dialect=plain" in said.err
    (tmp_path / "blank").mkdir()
    monkeypatch.chdir(tmp_path)  # a registered name stays one, whatever lies around
    assert build_adapter("blank", Runtime())[0].name == "blank"
    assert capsys.readouterr().err == ""
