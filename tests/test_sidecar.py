"""The note of a miniature: tags by image name, for any reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.contract import Image, Sample, Target
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.sidecar import FILE, Sidecar, read_sidecar, tagged, write_sidecar
from rsbench.harness.errors import DataError

SAMPLE = Sample("a", (Image("i/a.jpg", ""),), Target(), tags={"class": "lake"})


def test_tags_of_the_card_the_sample_and_the_image(tmp_path: Path) -> None:
    card = read_card("clrs")
    assert read_sidecar(tmp_path) is None
    assert tagged([SAMPLE], tmp_path, card)[0].tags == {"sensor": "optical", "class": "lake"}
    write_sidecar(tmp_path, Sidecar({"seed": 1}, {"i/a.jpg": {"sensor": "SAR", "shift": "base"}}))
    assert tagged([SAMPLE], tmp_path, card)[0].tags == {"sensor": "SAR", "class": "lake", "shift": "base"}
    found = read_sidecar(tmp_path)
    assert found is not None and found.made == {"seed": 1}


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"rsbench_mini": 2, "made": {}, "items": {}}', '{"rsbench_mini": 1}']
)
def test_a_damaged_note_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(DataError, match=FILE):
        read_sidecar(tmp_path)
