"""What is asked about drawn scenes: every kind of question, answered as the picture was drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset


def drawn(name: str, folder: Path, count: int) -> tuple[Sample, ...]:
    card = read_card(name)
    return open_dataset(card, write_mini(card, folder / name, count=count), cache=folder)[0].samples


def test_every_kind_of_question_is_asked_of_every_image(tmp_path: Path) -> None:
    samples = drawn("vqa", tmp_path, 12)
    kinds = Counter((s.images[0].name, s.target.kind) for s in samples)
    assert {kind for _, kind in kinds} == {"presence", "count", "comp", "sensor"}
    assert len(kinds) == 4 * 12 and set(kinds.values()) == {1}
    sensors = [s for s in samples if s.target.kind == "sensor"]
    assert all(s.target.texts == (s.tags["sensor"],) for s in sensors)
    assert {s.question for s in sensors} == {"Which sensor took this image?"}
    assert {t for s in sensors for t in s.target.texts} == {"optical", "SAR", "infrared"}


def test_regions_are_shown_and_not_told(tmp_path: Path) -> None:
    samples = drawn("region_captions", tmp_path, 6)
    for sample in samples:
        (region,), (text,), label = sample.regions, sample.target.texts, sample.target.label
        assert sample.question == "" and region.label == ""
        assert text.startswith(f"1 {label} at the ")
        x1, y1, x2, y2 = region.points
        assert 0 <= x1 < x2 <= 128 and 0 <= y1 < y2 <= 128 and sample.images[0].size == (128, 128)
        x, y = (x1 + x2) / 2 / 128, (y1 + y2) / 2 / 128
        place = text.partition(" at the ")[2]  # rounding of the box may move a middle across a third
        assert min(abs(x - t) for t in (1 / 3, 2 / 3)) < 1e-3 or ("left" in place) == (x < 1 / 3)
        assert min(abs(y - t) for t in (1 / 3, 2 / 3)) < 1e-3 or ("top" in place) == (y < 1 / 3)
