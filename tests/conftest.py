"""What tests share: where the development data lies, if it is there, and a reference model of toy size."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rsbench.reference_model import config as configs

from .board_runs import official as official
from .chromium import chromium as chromium
from .chromium import open_page as open_page

if TYPE_CHECKING:
    from rsbench.reference_model.model import EarthGPT
    from rsbench.reference_model.tokenizer import Tokenizer

SHARED = Path(os.environ.get("RSBENCH_SHARED", Path(__file__).parents[2] / "shared"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that ask for `shared` are collected only where that folder exists."""
    if not SHARED.is_dir():
        items[:] = [item for item in items if "shared" not in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data and golden files."""
    return SHARED


@pytest.fixture(scope="session")
def tiny() -> configs.Config:
    """A configuration with every part of the paper's, coordinates as text, of toy size."""
    return configs.Config(
        name="tiny",
        image_size=64,
        vit=configs.ViTConfig(28, 14, 16, 3, 2, (1, 3), 28),
        cnn=configs.CNNConfig("test_convnext", (2, 3, 4), 8),
        clip=configs.ClipConfig(16, "linear", 32, 12, 400, 16, 2, 1, eos_id=2),
        language=configs.LanguageConfig(400, 32, 2, 4, 48, 220),
        system_prompt="Be brief.",
    )


@pytest.fixture(scope="session")
def tiny_proposals(tiny: configs.Config) -> configs.Config:
    """The same with `localisation: proposals`, what the renderer draws, and a tied output head."""
    from rsbench.harness.datasets.mini import AIRCRAFT, OBJECTS

    head = configs.ProposalConfig(8, 6, threshold=0.01, names=OBJECTS, types=AIRCRAFT)
    language = replace(tiny.language, tied=True, positions=600)
    return replace(
        tiny,
        localisation="proposals",
        proposals=head,
        language=language,
        cnn=replace(tiny.cnn, stages=(1, 2, 3, 4)),
    )


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    """A vocabulary for the toy models: 6 proposals, bytes, coordinates and a few words."""
    from rsbench.reference_model import tokenizer as tokenizers

    return tokenizers.train(["There is a ship in the image. Is there a harbour?"] * 9, 400, 6)


@pytest.fixture(scope="session")
def text_model(tiny: configs.Config) -> EarthGPT:
    """The toy model that writes coordinates as text; its random answers are varied."""
    return _varied(tiny)


@pytest.fixture(scope="session")
def proposals_model(tiny_proposals: configs.Config) -> EarthGPT:
    """The toy model that points at proposals."""
    return _varied(tiny_proposals)


def _varied(config: configs.Config) -> EarthGPT:
    import torch

    from rsbench.reference_model.model import EarthGPT

    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        model = EarthGPT(config).eval()
        for weight in model.language.parameters():
            if weight.ndim > 1:  # at their usual size all logits would be nearly equal
                weight.normal_(0, 0.3)
        if model.region is not None:
            for linear in (model.region.step.shown, model.region.step.fit):
                linear.weight.normal_(0, 0.3)
    return model


@pytest.fixture(scope="session")
def scenes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight training scenes at 64 pixels in two shards."""
    from rsbench.reference_model.scenes import render

    folder = tmp_path_factory.mktemp("scenes")
    assert len(list(render(folder, 1_000_000, 8, 64, per_shard=4))) == 2
    return folder


@pytest.fixture(scope="session")
def text_folder(text_model: EarthGPT, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of the toy model that writes coordinates as text; not to be changed."""
    from rsbench.reference_model.checkpoint import save

    folder = tmp_path_factory.mktemp("checkpoints") / "text"
    save(folder, text_model, tokenizer)
    return folder


@pytest.fixture(scope="session")
def proposals_folder(
    proposals_model: EarthGPT, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The checkpoint of the toy model that points at proposals; not to be changed."""
    from rsbench.reference_model.checkpoint import save

    folder = tmp_path_factory.mktemp("checkpoints") / "proposals"
    save(folder, proposals_model, tokenizer)
    return folder
