"""LRS-VQA's synonym rule on the table made from WordNet 3.0."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest

from rsbench.harness.rules import lrs
from rsbench.harness.rules.rule import EMPTY, Outcome


def test_doctests() -> None:
    assert doctest.testmod(lrs).failed == 0


@pytest.mark.parametrize(
    ("said", "gold", "expected"),
    [
        ("airport", "airport", 1.0),
        ("aerodrome", "airport", 1.0),
        ("Airports", "airport", 1.0),
        ("airfield", "airport", 0.0),  # its hypernym
        ("grey", "gray", 1.0),
        ("two", "2", 1.0),
        ("II", "2", 1.0),
        ("three", "2", 0.0),
        ("cars", "automobile", 1.0),
        ("moored", "docked", 0.0),
        ("wharf", "dock", 1.0),
        ("parking lots", "parking lot", 0.0),  # no lemma has a space
        ("parking lot", "parking lot", 1.0),
        ("", "airport", EMPTY),
        ("no", "no", 1.0),
        ("yes", "no", 0.0),
        ("volcano", "lava", lrs.UNKNOWN),
    ],
)
def test_official(said: str, gold: str, expected: Outcome) -> None:
    assert lrs.official(said, gold) == expected


def test_white_space_is_kept_by_the_official_rule() -> None:
    assert lrs.official("airport ", "airport") == 0.0
    assert lrs.rscovlm(" Aerodrome. ", "airport") == 1.0


def test_the_table_knows_every_answer(shared: Path) -> None:
    """Every gold answer of the benchmark is right for itself, and none is outside the table."""
    lines = (shared / "data" / "LRS-VQA_annotations" / "LRS_VQA_merged.jsonl").read_text().splitlines()
    golds = {json.loads(line)["ground_truth"] for line in lines}
    assert len(lines) == 7333
    for gold in golds:
        assert lrs.official(gold, gold) == 1.0
        assert lrs.official("zzz", gold) == 0.0


def test_sharing_a_synset_is_symmetric() -> None:
    words = sorted(lrs.synonyms().vocabulary)
    sets = {word: lrs.synonyms().of(word) for word in words}
    some = {(a, b) for a in words for b in words if a < b and sets[a] & sets[b]}
    assert ("aerodrome", "airport") not in some or lrs.official("aerodrome", "airport") == 1.0
    assert len(some) > 50
    for a, b in some:
        assert lrs.official(a, b) == lrs.official(b, a) == 1.0
