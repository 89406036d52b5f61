"""EarthGPT behind the harness's door, and its CLIP: one broken picture is one broken answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from rsbench.harness.contract import Boxes, Image, Label, Mask, Request, Runtime, Turn, Wants
from rsbench.harness.errors import ModelError, UsageError
from rsbench.reference_model import checkpoint, clip
from rsbench.reference_model.adapter import EarthGPTAdapter
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.tokenizer import Tokenizer


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, proposals_model: EarthGPT, tokenizer: Tokenizer
) -> Iterator[Path]:
    """A toy checkpoint and some pictures."""
    folder = tmp_path_factory.mktemp("checkpoint")
    checkpoint.save(folder, proposals_model, tokenizer)
    rng = np.random.default_rng(0)
    Pillow.fromarray(rng.integers(0, 255, (40, 60, 3), np.uint8)).save(folder / "rgb.png")
    Pillow.fromarray(rng.integers(0, 60000, (30, 30), np.uint16)).save(folder / "deep.tif")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 not a picture")
    yield folder


def request(folder: Path, name: str, wants: Wants | None = None, turns: tuple[Turn, ...] = ()) -> Request:
    wants = wants or Label(("beach", "forest"))
    return Request(name, name, (Image(name, str(folder / name)),), wants, prompt="Which?", turns=turns)


def adapter(folder: Path) -> EarthGPTAdapter:
    return EarthGPTAdapter({"checkpoint": str(folder)}, Runtime())


def test_a_broken_picture_is_an_error_of_its_own(folder: Path) -> None:
    asked = [request(folder, name) for name in ("rgb.png", "broken.jpg", "deep.tif", "missing.png")]
    responses = adapter(folder).generate(asked)
    assert [r.key for r in responses] == [r.key for r in asked]
    assert [r.error is None for r in responses] == [True, False, True, False]
    good = responses[0]
    assert good.text == "".join(token.text for token in good.tokens)
    assert good.frame is not None and (good.frame.width, good.frame.height) == (60, 40)


def test_what_the_family_cannot_do_is_an_error_not_a_crash(folder: Path) -> None:
    (response,) = adapter(folder).generate([request(folder, "rgb.png", Mask("the ship"))])
    assert response.error is not None and "mask" in response.error


def test_earlier_turns_are_part_of_the_conversation(folder: Path) -> None:
    asked = [
        request(folder, "rgb.png", Boxes(("ship",))),
        request(folder, "rgb.png", Boxes(("ship",)), (Turn("How many?", "Two."),)),
    ]
    first, second = adapter(folder).generate(asked)
    assert second.tokens_in > first.tokens_in


def test_the_note_says_how_boxes_are_found(folder: Path) -> None:
    note = adapter(folder).note
    assert note is not None and "proposals" in note


def test_mistakes_are_named(folder: Path) -> None:
    with pytest.raises(UsageError, match="checkpoint"):
        EarthGPTAdapter({"chekpoint": str(folder)}, Runtime())
    with pytest.raises(ModelError, match="no checkpoint folder"):
        EarthGPTAdapter({"checkpoint": str(folder / "nowhere")}, Runtime())


def test_clip_probabilities_sum_to_one_and_do_not_depend_on_the_company(folder: Path) -> None:
    model = clip.load(str(folder))
    rng = np.random.default_rng(1)
    crops = [Pillow.fromarray(rng.integers(0, 255, (h, 20, 3), np.uint8)) for h in range(10, 50)]
    prompts = ["a satellite photo of a ship", "a satellite photo of a background", "é ship 船"]
    together = model.probabilities(crops, prompts)
    assert together.shape == (40, 3)
    assert together.sum(1) == pytest.approx(np.ones(40))
    alone = np.concatenate([model.probabilities([crop], prompts) for crop in crops[30:34]])
    assert alone == pytest.approx(together[30:34], abs=1e-6)
    assert model.probabilities([], prompts).shape == (0, 3)
    assert model.digest == checkpoint.digest(folder)
