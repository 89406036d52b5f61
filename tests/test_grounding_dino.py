"""GroundingDINO behind the door: scores per class, phrases, prompts in parts; on a tiny random model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.adapters.grounding_dino import GroundingDino, _prompts
from rsbench.harness.cli import main
from rsbench.harness.contract import Boxes, Image, Request, Runtime, Text
from rsbench.harness.errors import ModelError, UsageError

from . import tiny_models

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.grounding_dino(tmp_path_factory.mktemp("models") / "dino")


@pytest.fixture(scope="module")
def adapter(folder: Path) -> GroundingDino:
    return GroundingDino({"checkpoint": str(folder)}, Runtime())


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Image:
    from PIL import Image as Pillow

    path = tmp_path_factory.mktemp("pictures") / "a.png"
    Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)).save(path)
    return Image("a.png", str(path))


def asked(wants: Any, image: Image, key: str = "k") -> Request:
    return Request(key, "1", (image,), wants)


def test_scores_are_the_means_of_a_classs_tokens(adapter: GroundingDino, picture: Image) -> None:
    """Against the model's own output, read without our code."""
    from PIL import Image as Pillow

    classes = ("Ship", "storage tank")
    (answer,) = adapter.generate([asked(Boxes(classes), picture)])
    with Pillow.open(picture.path) as opened:
        inputs = adapter._processor(images=opened, text="ship. storage tank.", return_tensors="pt")
    with torch.inference_mode():
        output = adapter._model(**inputs)
    words = adapter._processor.tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    dots = [i for i, word in enumerate(words) if word == "."]
    sigmoids = output.logits[0].double().sigmoid()
    scores = [sigmoids[:, 1 : dots[0]].mean(1), sigmoids[:, dots[0] + 1 : dots[1]].mean(1)]
    assert answer.regions is not None and len(answer.regions) == 2 * len(scores[0])
    for name, of_class in zip(classes, scores, strict=True):
        found = [region for region in answer.regions if region.label == name]
        assert [r.score for r in found] == pytest.approx(sorted(of_class.tolist(), reverse=True))
        best = output.pred_boxes[0][int(of_class.argmax())].double().tolist()
        cx, cy, w, h = (v * side for v, side in zip(best, (90, 60, 90, 60), strict=True))
        x1, y1, x2, y2 = cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2
        assert found[0].points == pytest.approx((max(x1, 0), max(y1, 0), min(x2, 90), min(y2, 60)))


def test_a_noun_stands_for_its_types_and_a_phrase_has_one_box(adapter: GroundingDino, picture: Image) -> None:
    (types,) = adapter.generate([asked(Boxes(("A1", "A2"), parent="airplane"), picture)])
    assert types.regions is not None and {region.label for region in types.regions} == {"airplane"}
    (one,) = adapter.generate([asked(Boxes((), phrase="The ship. On the left."), picture)])
    assert one.regions is not None and len(one.regions) == 1


def test_boxes_are_limited_by_number_and_score(folder: Path, picture: Image) -> None:
    few = GroundingDino({"checkpoint": str(folder), "most": "3"}, Runtime())
    none = GroundingDino({"checkpoint": str(folder), "threshold": "1.1"}, Runtime())
    wants = Boxes(("ship", "bridge"))
    (three,), (empty,) = (list(a.generate([asked(wants, picture)])) for a in (few, none))
    assert three.regions is not None and len(three.regions) == 3 and empty.regions == ()
    scores = [region.score or 0.0 for region in three.regions]
    assert scores == sorted(scores, reverse=True)


def test_many_classes_are_asked_in_several_prompts(adapter: GroundingDino) -> None:
    tokenizer = adapter._processor.tokenizer
    names = [f"class number {i}" for i in range(60)]
    prompts = list(_prompts(names, tokenizer, whole=False))
    assert len(prompts) > 1 and [name for _, phrases in prompts for name, _ in phrases] == names
    for prompt, phrases in prompts:
        ids = tokenizer(prompt)["input_ids"]
        assert len(ids) <= 256
        for name, places in phrases:
            read = "".join(tokenizer.convert_ids_to_tokens([ids[i] for i in places])).replace("##", "")
            assert read == name.replace(" ", "")
    with pytest.raises(UsageError, match="too long"):
        list(_prompts(["ship " * 100], tokenizer, whole=True))


def test_a_broken_picture_and_another_question_are_errors_of_their_own(
    adapter: GroundingDino, picture: Image
) -> None:
    requests = [
        asked(Boxes(("ship",)), Image("gone.png", "gone.png"), "a"),
        asked(Text("How many?"), picture, "b"),
        asked(Boxes(("ship",)), picture, "c"),
    ]
    adapter.ahead(requests)
    answers = {answer.key: answer for answer in adapter.generate(requests)}
    assert "missing" in str(answers["a"].error) and "detector" in str(answers["b"].error)
    assert answers["c"].regions and answers["c"].error is None


def test_what_is_no_detector_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs weights"):
        GroundingDino({}, Runtime())
    with pytest.raises(UsageError, match="no number"):
        GroundingDino({"checkpoint": "x", "most": "many"}, Runtime())
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llava"}))
    with pytest.raises(ModelError, match="cannot be loaded"):
        GroundingDino({"checkpoint": str(tmp_path)}, Runtime())


@pytest.mark.parametrize("task", ["mar20", "grounding"])
def test_a_run_from_end_to_end(task: str, folder: Path, tmp_path: Path) -> None:
    model = f"grounding_dino,checkpoint={folder}"
    run = ["run", "--model", model, "--tasks", task, "--data", "mini", "--limit", "8"]
    main([*run, "--output", str(tmp_path)])
    (ledger,) = tmp_path.glob(f"{task}-grounding_dino-*")
    report = json.loads((ledger / "report.json").read_text())
    assert (report["samples"], report["failed"], report["unparsable"]) == (8, 0, 0)
    assert task != "mar20" or report["headline"]["name"].endswith("/given")
