"""What a vocabulary of the nano is learned from."""

from __future__ import annotations

import re
from pathlib import Path

from rsbench.reference_model.scenes import read_shards
from rsbench.reference_model.vocabulary import texts


def test_coordinates_are_not_read_and_leave_no_runs(scenes_folder: Path) -> None:
    read = list(texts(read_shards(sorted(scenes_folder.glob("*.npz")))))
    assert "," in read and not any(re.search(r"\d\.\d\d|[,;]{2}", text) for text in read)
    assert any("Assistant:" in text for text in read)
