"""The shipped weights, where they are there: small, loadable, answering in the paper's notation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Boxes, Decoding, Image, Label, Request, Runtime, Wants
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini import OBJECTS, draw_scene
from rsbench.harness.datasets.mini.plan import TEST_SEED
from rsbench.harness.datasets.names import ClassNames
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.reference_model.adapter import EarthGPTAdapter
from rsbench.reference_model.checkpoint import SHIPPED, WEIGHTS
from rsbench.reference_model.clip import load

__test__ = (SHIPPED / WEIGHTS).is_file()  # nothing is collected without them
SCENES = ("airport", "beach", "farmland", "forest", "meadow", "park") + (
    "playground",
    "port",
    "river",
    "runway",
    "stadium",
    "storage tank",
)
DRAWN = {"farmland": "rectangular farmland"}  # what the renderer calls a class of CLRS
NUMBER = r"(?:0\.\d\d|1\.00)"


@pytest.fixture(scope="module")
def adapter() -> EarthGPTAdapter:
    return EarthGPTAdapter({}, Runtime())


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Image]:
    folder = tmp_path_factory.mktemp("rendered")
    for index, name in enumerate(SCENES):
        scene = draw_scene(DRAWN.get(name, name), seed=TEST_SEED, index=index, size=256, look="optical")
        Pictures.fromarray(scene.image).save(folder / f"{index:02d}.png")
    return [Image(path.name, str(path)) for path in sorted(folder.iterdir())]


def asked(pictures: list[Image], wants: Wants) -> list[Request]:
    dialect, decoding = EarthGPT(), Decoding(max_new_tokens=400)
    bare = [Request(image.name, image.name, (image,), wants, decoding=decoding) for image in pictures]
    return [Request(r.key, r.key, r.images, wants, dialect.render(r), decoding) for r in bare]


def test_all_files_together_are_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*") if path.is_file()) <= 25e6


@pytest.mark.parametrize("oriented", [False, True])
def test_most_answers_are_written_in_the_papers_notation(
    adapter: EarthGPTAdapter, pictures: list[Image], oriented: bool
) -> None:
    wants = Boxes(OBJECTS, oriented)
    box = rf"{NUMBER}(?:,{NUMBER}){{{7 if oriented else 3}}}"
    group = rf"<p>[^<>]+</p>\[{box}(?:;{box})*\]"
    sentence = rf"There (?:are no objects|(?:is|are) {group}(?:, {group})*(?: and {group})?) in the image\."
    found = formed = 0
    for answer in adapter.generate(asked(pictures, wants)):
        assert answer.error is None and answer.text is not None
        assert "".join(token.text for token in answer.tokens) == answer.text
        parsed = EarthGPT().parse(answer.text, wants, answer.frame)
        formed += re.fullmatch(sentence, answer.text) is not None and parsed.unparsable is None
        found += len(parsed.regions)
    assert formed >= 10 and found >= 5  # of 12 pictures


def test_classes_are_named_far_above_chance(adapter: EarthGPTAdapter, pictures: list[Image]) -> None:
    wants = Label(ClassNames(read_card("clrs")).classes)  # 25 of them: chance is half a picture
    said = [
        EarthGPT().parse(a.text or "", wants, a.frame).label for a in adapter.generate(asked(pictures, wants))
    ]
    assert sum(label is not None for label in said) >= 11
    assert sum(label == name for label, name in zip(said, SCENES, strict=True)) >= 9


def test_the_clip_in_them_is_the_same_checkpoint(adapter: EarthGPTAdapter, pictures: list[Image]) -> None:
    clip = load()
    assert clip.digest == adapter.checkpoint
    with Pictures.open(Path(pictures[0].path)) as picture:
        rows = clip.probabilities([picture.convert("RGB")], ["a satellite photo of a ship", "background"])
    assert rows.sum() == pytest.approx(1)
