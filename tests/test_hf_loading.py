"""Checkpoints that cannot be run: each is refused before it does harm, with what to do."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.adapters.hf import HuggingFace
from rsbench.harness.contract import Runtime
from rsbench.harness.errors import ModelError, UsageError

from . import tiny_models
from .tiny_models import hf


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.llava(tmp_path_factory.mktemp("checkpoints") / "llava")


@pytest.fixture
def copied(llava: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(llava, tmp_path / "copied"))


def load(folder: Path, **options: str) -> HuggingFace:
    return HuggingFace({"checkpoint": str(folder), **options}, Runtime())


def change(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"chekpoint": "x"}, "checkpoint"),
        ({}, "needs a checkpoint"),
        ({"checkpoint": "x", "bits": "3"}, "bits=3"),
        ({"checkpoint": "x", "bits": "four"}, "bits=four"),
        ({"checkpoint": "x", "max_pixels": "0"}, "max_pixels=0"),
        ({"checkpoint": "x", "attention": "flash"}, "attention"),
        ({"checkpoint": "x", "remote_code": "maybe"}, "remote_code=maybe"),
    ],
)
def test_options_are_checked_first(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        HuggingFace(options, Runtime())


def test_a_checkpoint_without_a_chat_template_says_what_to_do(copied: Path, tmp_path: Path) -> None:
    (copied / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template") as caught:
        load(copied)
    assert "template=FILE" in str(caught.value.hint) and "paligemma" in str(caught.value.hint)
    template = tmp_path / "mine.jinja"
    template.write_text(tiny_models.VICUNA)
    one = load(copied, template=str(template))
    template.write_text(tiny_models.VICUNA + " ")
    assert load(copied, template=str(template)).checkpoint != one.checkpoint
    with pytest.raises(ModelError, match="none.jinja cannot be read"):
        load(copied, template=str(tmp_path / "none.jinja"))


def test_a_template_may_stand_with_the_tokenizer(copied: Path) -> None:
    """Where some trainers leave it, as one text or by name."""
    (copied / "chat_template.jinja").unlink()
    settings = copied / "tokenizer_config.json"
    for template in (tiny_models.VICUNA, [{"name": "default", "template": tiny_models.VICUNA}]):
        change(settings, partial(dict.update, chat_template=template))
        assert load(copied)._template.end() == "</s>"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{% for m in messages %}{{ m['content'][-1]['text'] }}{% endfor %}", "no place for a picture"),
        ("{{ raise_exception('no system here') }}", "no system here"),
        ("{% for m in messages %}{{ m['content'] + '' }}{% endfor %}", "cannot write this conversation"),
        ("{% for m in %}", "cannot write this conversation"),
    ],
)
def test_a_template_that_does_not_fit_is_named(
    copied: Path, tmp_path: Path, template: str, said: str
) -> None:
    from rsbench.harness.contract import Image, Request, Text

    file = tmp_path / "t.jinja"
    file.write_text(template)
    import PIL.Image

    PIL.Image.new("RGB", (30, 30)).save(tmp_path / "a.png")
    asked = Request("k", "s", (Image("a.png", str(tmp_path / "a.png")),), Text("a"), "a")
    with pytest.raises(ModelError, match=said):
        load(copied, template=str(file)).generate([asked])


def test_code_of_the_checkpoint_runs_only_where_it_is_allowed(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = copied / "ran"
    (copied / "configuration_mine.py").write_text(
        "import transformers\n"
        f"open({str(ran)!r}, 'w').close()\n"
        "class Mine(transformers.LlavaConfig):\n    model_type = 'mine'\n"
    )
    mapped = {"AutoConfig": "configuration_mine.Mine", "AutoModelForCausalLM": "modeling_mine.Mine"}
    change(copied / "config.json", lambda config: config.update(model_type="mine", auto_map=mapped))
    with pytest.raises(
        ModelError, match="code of its own: configuration_mine.py, modeling_mine.py"
    ) as caught:
        load(copied)
    assert "remote_code=yes" in str(caught.value.hint) and not ran.exists()
    with pytest.raises(ModelError):  # allowed, it runs; there is no modeling_mine.py
        load(copied, remote_code="yes")
    assert ran.exists()


def test_code_beside_a_known_kind_is_left_alone(copied: Path) -> None:
    change(copied / "config.json", lambda c: c.update(auto_map={"AutoConfig": "mine.Mine"}))
    (copied / "mine.py").write_text("raise SystemExit\n")
    assert load(copied).dialect == "llava"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"model_type": "llava9"}, "does not know models of the type 'llava9'"),
        ({"architectures": ["LlavaLlamaForCausalLM"]}, "layout of another program"),
        (
            {"model_type": "llama", "architectures": ["LlamaForCausalLM"]},
            "no model that answers about pictures",
        ),
        ({"model_type": "clip", "architectures": ["CLIPModel"]}, "no model that answers about"),
        ({"model_type": None}, "no config.json that says what model"),
    ],
)
def test_other_models_are_named(copied: Path, edit: dict[str, Any], said: str) -> None:
    change(copied / "config.json", lambda config: config.update(edit))
    with pytest.raises(ModelError, match=said) as caught:
        load(copied)
    assert caught.value.hint


def test_a_lora_adapter_alone_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelError, match="LoRA adapter") as caught:
        load(tmp_path)
    assert "merge_and_unload" in str(caught.value.hint)


def test_weights_that_are_missing_are_not_made_up(copied: Path) -> None:
    from safetensors.torch import load_file, save_file

    file = copied / "model.safetensors"
    tensors = load_file(file)
    gone = sorted(name for name in tensors if "multi_modal_projector" in name)
    save_file({k: v for k, v in tensors.items() if k not in gone}, file, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=f"lacks {len(gone)} of its weights: .*multi_modal_projector"):
        load(copied)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(copied)
    file.unlink()
    with pytest.raises(ModelError, match="holds no weights"):
        load(copied)


@pytest.mark.parametrize("missing", ["tokenizer.json", "processor_config.json"])
def test_a_missing_processor_is_named(copied: Path, missing: str) -> None:
    (copied / missing).unlink()
    if missing == "tokenizer.json":
        (copied / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match="processor") as caught:
        load(copied)
    assert "preprocessor_config.json" in str(caught.value.hint)


def test_what_is_not_installed_is_named(llava: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rsbench.harness.adapters.hugging_face.loading.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="bitsandbytes") as caught:
        load(llava, bits="4")
    assert "pip install bitsandbytes" in str(caught.value.hint)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelError, match="transformers is not installed") as caught:
        load(llava)
    assert "pip install 'rsbench[models]'" in str(caught.value.hint)


def test_a_device_that_is_not_there_is_named(llava: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded on cuda:77") as caught:
        HuggingFace({"checkpoint": str(llava)}, Runtime(device="cuda:77"))
    assert "--device cpu" in str(caught.value.hint)


def test_old_folders_of_llava_get_what_they_do_not_say(copied: Path, llava: Path) -> None:
    change(copied / "processor_config.json", lambda c: [c.pop(k) for k in (
        "patch_size", "vision_feature_select_strategy", "num_additional_image_tokens")])  # fmt: skip
    old, new = load(copied)._processor, load(llava)._processor
    for name in ("patch_size", "vision_feature_select_strategy", "num_additional_image_tokens"):
        assert getattr(old, name) == getattr(new, name)


def test_a_tokenizer_without_a_pad_pads_with_its_end(copied: Path) -> None:
    change(copied / "tokenizer_config.json", lambda c: c.pop("pad_token"))
    processor = load(copied)._processor
    assert processor.tokenizer.pad_token == "</s>" and processor.tokenizer.padding_side == "left"


def test_the_library_speaks_again_afterwards(llava: Path) -> None:
    before = hf.utils.logging.get_verbosity()
    load(llava)
    assert hf.utils.logging.get_verbosity() == before and hf.utils.logging.is_progress_bar_enabled()
