"""Sources: MMRS-1M files through their reader and guard, and functions by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rsbench.harness.errors import DataError, UsageError
from rsbench.reference_model.config import Config
from rsbench.reference_model.data.guard import Guard, guard
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.preprocess import square_pixels
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.trainer.example import Context, Example
from rsbench.reference_model.trainer.recipe import Data
from rsbench.reference_model.trainer.sources import build

RNG = np.random.default_rng(0)
TALK = [{"from": "human", "value": "a?"}, {"from": "gpt", "value": "b"}]


class Two:
    """A source for the tests below."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def example(self, index: int, rng: np.random.Generator) -> Example:
        raise NotImplementedError


def two(context: Context, count: int = 2) -> Two:
    """What a recipe names."""
    return Two(count)


@pytest.fixture
def context(text_model: EarthGPT, tokenizer: Tokenizer, tiny: Config, tmp_path: Path) -> Context:
    return Context(text_model, tokenizer, tiny, tmp_path, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    Image.fromarray(RNG.integers(0, 256, (40, 90, 3), dtype=np.uint8)).save(tmp_path / "a" / "1.png")
    (tmp_path / "a" / "2.png").write_bytes(b"no picture")
    items: list[Any] = [{"image": f"data/a/{n}.png", "conversations": TALK} for n in (1, 2, 3)]
    items.append({"conversations": [*TALK, {"from": "human", "value": "odd"}]})
    items.append({"conversations": TALK[:1] + [{"from": "gpt", "value": "text alone"}]})
    (tmp_path / "some.json").write_text(json.dumps(items), encoding="utf-8")
    return tmp_path


def test_records_of_a_file(folder: Path, context: Context, tiny: Config) -> None:
    source: Any = build(Data(mmrs=str(folder / "some.json"), images=str(folder)), context, guard())
    assert len(source) == 3  # one picture is missing, one conversation is odd
    assert any("missing" in line and "3.png" in line for line in source.problems)
    assert any("odd" in line for line in source.problems)
    first = source.example(0, RNG)
    with Image.open(folder / "a" / "1.png") as picture:
        assert np.array_equal(first.picture(), square_pixels(picture, tiny.image_size))
    with pytest.raises(DataError, match=r"2\.png"):
        source.example(1, RNG).picture()
    assert source.example(2, RNG).picture is None


def test_pictures_kept_for_evaluation_are_left_out(folder: Path, context: Context) -> None:
    (folder / "unseen").mkdir()
    (folder / "unseen" / "copy.png").write_bytes((folder / "a" / "1.png").read_bytes())
    watch: Guard = guard(against=[folder / "unseen"])
    source: Any = build(Data(mmrs=str(folder / "some.json"), images=str(folder)), context, watch)
    assert len(source) == 2 and any("kept for evaluation" in line for line in source.problems)


def test_functions(context: Context) -> None:
    assert len(build(Data(module=f"{__name__}:two", arguments={"count": 3}), context, Guard())) == 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (Data(module="nowhere.at.all:x"), "There is no source 'nowhere.at.all:x'"),
        (Data(module=f"{__name__}:three"), "There is no source"),
        (Data(module="json"), "Write it as package.module:function."),
        (Data(module=f"{__name__}:two", arguments={"cuont": 3}), "'cuont'"),
        (Data(module=f"{__name__}:two", arguments={"count": 0}), "The source two has no examples"),
    ],
)
def test_functions_that_are_none(data: Data, said: str, context: Context) -> None:
    with pytest.raises(UsageError, match=said):
        build(data, context, Guard())
