"""SS and S-IoU of objects' names, with and without the encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics import semantic, similarity
from rsbench.harness.metrics.semantic import Semantic


class Letters:
    """In the encoder's place: the share of letters in common."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def cosine(self, text: str, other: str) -> float:
        return len(set(text) & set(other)) / len(set(text) | set(other))


@pytest.fixture
def metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Semantic:
    """With an encoder that needs no weights."""
    pytest.importorskip("transformers")
    monkeypatch.setattr(semantic, "SentenceEncoder", Letters)
    for name in similarity.FILES:
        (tmp_path / name).touch()
    return Semantic(tmp_path)


def test_without_the_encoder_ss_is_absent_never_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "PACKAGE", "no_such_package")
    metric = Semantic()
    seen = metric.observe(Target(texts=("small_vehicle", "car")), Answer(text="Region 2: large vehicle."))
    assert seen == {"said": "large vehicle", "gold": "small vehicle", "words": 1 / 3, "cosine": None}
    assert metric.tally([seen]).figures() == {"SS": None, "S-IoU": pytest.approx(1 / 3)}
    assert "all-MiniLM-L6-v2" in metric.absent()["SS"]


def test_with_an_encoder(metric: Semantic) -> None:
    assert metric.absent() == {}
    said = [
        Answer(text="ship"),
        Answer(text="vehicle"),
        Answer(text=""),
        Answer(unparsable="x"),
        Answer(label="ship"),
    ]
    seen = [metric.observe(Target(label="ship"), answer) for answer in said]
    cosines = [e["cosine"] for e in seen]
    assert cosines[0] == cosines[4] == 1.0 and cosines[1] < 1 and cosines[2:4] == [0.0, 0.0]
    figures = metric.tally(json.loads(json.dumps(seen))).figures()
    assert figures["SS"] == pytest.approx(sum(cosines) / 5) and figures["S-IoU"] == pytest.approx(0.4)
    classes = metric.details(seen)["classes"]
    assert classes == {"ship": {"objects": 5, **figures}}


def test_samples_without_a_name_count_for_nothing(metric: Semantic) -> None:
    named, unnamed = (
        metric.observe(Target(label="ship"), Answer(text="ship")),
        metric.observe(Target(), Answer()),
    )
    assert metric.tally([named, unnamed]).figures() == pytest.approx({"SS": 1.0, "S-IoU": 1.0})
    assert metric.tally([]).figures() == metric.tally([unnamed]).figures() == {"SS": None, "S-IoU": None}
