"""CLIP through open_clip: what a folder, a bare file and an ensemble give, beside arithmetic by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.adapters.open_clip import TEMPLATES, OpenClip
from rsbench.harness.adapters.open_clip_model import load
from rsbench.harness.cli import main
from rsbench.harness.confidence import ClipScore
from rsbench.harness.contract import Image, Label, Request, Runtime, Text
from rsbench.harness.errors import ModelError, UsageError

torch = pytest.importorskip("torch")
open_clip = pytest.importorskip("open_clip")
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "patch_size": 8, "head_width": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as open_clip pushes it to the hub."""
    place = tmp_path_factory.mktemp("clip")
    torch.manual_seed(0)
    model = open_clip.CLIP(**CONFIG)
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    config = {"model_cfg": CONFIG, "preprocess_cfg": preprocess}
    (place / "open_clip_config.json").write_text(json.dumps(config))
    torch.save(model.state_dict(), place / "open_clip_pytorch_model.bin")
    return place


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Image:
    from PIL import Image as Pillow

    path = tmp_path_factory.mktemp("pictures") / "a.png"
    pixels = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    Pillow.fromarray(pixels).save(path)
    return Image("a.png", str(path))


def request(wants: Any, image: Image, key: str = "k") -> Request:
    return Request(key, "1", (image,), wants)


def test_the_label_is_that_of_the_mean_of_all_wordings(folder: Path, picture: Image) -> None:
    """Against open_clip's own classifier, and a picture encoded alone."""
    choices = ("beach", "harbour", "airport")
    adapter = OpenClip({"checkpoint": str(folder)}, Runtime())
    (answer,) = adapter.generate([request(Label(choices), picture)])
    model, _, transform = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    from PIL import Image as Pillow

    wordings = [lambda name, t=t: t.format(name) for t in TEMPLATES]
    with torch.inference_mode(), Pillow.open(picture.path) as opened:
        weights = open_clip.build_zero_shot_classifier(model.eval(), tokenizer, choices, wordings)
        image = model.encode_image(transform(opened.convert("RGB"))[None], normalize=True)
        expected = (image @ weights)[0].numpy()
    found = adapter._model.similarities(
        [adapter._model.pixels(opened_rgb(picture))], adapter._model.ensemble(choices, TEMPLATES)
    )
    assert found[0] == pytest.approx(expected, abs=1e-6)
    assert answer.label == choices[int(expected.argmax())] and answer.error is None


def opened_rgb(picture: Image) -> Any:
    from PIL import Image as Pillow

    with Pillow.open(picture.path) as opened:
        return opened.convert("RGB")


def test_a_broken_picture_and_another_question_cost_no_other_its_answer(folder: Path, picture: Image) -> None:
    adapter = OpenClip({"checkpoint": str(folder)}, Runtime())
    wants = Label(("beach", "harbour"))
    asked = [
        request(wants, picture, "a"),
        request(wants, Image("gone.png", "gone.png"), "b"),
        request(Text("Is there a ship?"), picture, "c"),
    ]
    adapter.ahead(asked)
    answers = {answer.key: answer for answer in adapter.generate(asked)}
    assert answers["a"].label in wants.choices
    assert "missing" in str(answers["b"].error) and "picks one" in str(answers["c"].error)


def test_a_bare_file_needs_to_say_what_it_is(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "RemoteCLIP.pt"
    file.write_bytes((folder / "open_clip_pytorch_model.bin").read_bytes())
    with pytest.raises(UsageError, match="does not say which CLIP"):
        load(str(file))
    with pytest.raises(ModelError, match="cannot load"):
        load(str(file), "RN50")
    with pytest.raises(UsageError, match="needs weights"):
        load()
    with pytest.raises(ModelError, match="no checkpoint"):
        load(str(tmp_path / "gone"))
    torch.save({"state_dict": {"module.a": print}}, tmp_path / "ViT-B-32.pt")
    with pytest.raises(ModelError, match="more than weights"):
        load(str(tmp_path / "ViT-B-32.pt"))


def test_a_bare_file_is_what_its_name_says(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RemoteCLIP's and GeoRSCLIP's form: a state_dict named by its architecture, perhaps of several GPUs."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "ViT-T-8.json").write_text(json.dumps(CONFIG))
    before = dict(open_clip.factory._MODEL_CONFIGS)
    monkeypatch.setattr(open_clip.factory, "_MODEL_CONFIGS", before)
    open_clip.add_model_config(tmp_path / "configs")
    weights = torch.load(folder / "open_clip_pytorch_model.bin", weights_only=True)
    torch.save({"state_dict": {f"module.{k}": v for k, v in weights.items()}}, tmp_path / "RS-ViT-T-8.pt")
    assert load(str(tmp_path / "RS-ViT-T-8.pt")).digest == load(str(folder)).digest


def test_templates_come_from_a_file(folder: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("a picture of {}\n\nthe {}\n")
    bad.write_text("a picture\n")
    OpenClip({"checkpoint": str(folder), "templates": str(good)}, Runtime())
    for file in (bad, tmp_path / "gone.txt"):
        with pytest.raises(UsageError):
            OpenClip({"checkpoint": str(folder), "templates": str(file)}, Runtime())


def test_it_rates_boxes(folder: Path) -> None:
    from PIL import Image as Pillow

    model = load(str(folder))
    crops = [Pillow.new("RGB", (50, 30), colour) for colour in ("red", "blue")]
    prompts = ("a ship", "background", "a plane")
    found = model.probabilities(crops, prompts)
    assert found.sum(axis=1) == pytest.approx(1) and found.shape == (2, 3)
    assert model.probabilities([], prompts).shape == (0, 3)
    cosines = model.similarities([model.pixels(crop) for crop in crops], model.texts(prompts))
    exp = np.exp(cosines / 0.07)
    assert found == pytest.approx(exp / exp.sum(axis=1, keepdims=True), abs=1e-6)
    assert ClipScore(Runtime(), "open_clip", str(folder)).digest == model.digest
    with pytest.raises(UsageError, match="architecture"):
        ClipScore(Runtime(), "nano", None, "ViT-B-32")


def test_a_run_from_end_to_end(folder: Path, tmp_path: Path) -> None:
    model = f"open_clip,checkpoint={folder}"
    run = ["run", "--model", model, "--tasks", "clrs", "--data", "mini", "--limit", "30"]
    main([*run, "--output", str(tmp_path)])
    (ledger,) = tmp_path.glob("clrs-open_clip-*")
    report = json.loads((ledger / "report.json").read_text())
    assert (report["samples"], report["failed"], report["unparsable"]) == (30, 0, 0)
