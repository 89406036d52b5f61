"""What tests share: where the development data lies, if it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("RSBENCH_SHARED", Path(__file__).parents[2] / "shared"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that ask for `shared` are collected only where that folder exists."""
    if not SHARED.is_dir():
        items[:] = [item for item in items if "shared" not in getattr(item, "fixturenames", ())]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development data and golden files."""
    return SHARED
