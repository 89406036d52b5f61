"""ROUGE-L by hand; equality with pycocoevalcap is in test_caption_tally.py."""

from __future__ import annotations

import pytest

from rsbench.harness.metrics.rouge_l import BETA, rouge_l


def test_precision_and_recall_of_different_references() -> None:
    precision, recall = 2 / 4, 1 / 1  # of "a x y b z w" and of "c"
    expected = (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)
    assert rouge_l("a b c d", ["a x y b z w", "c"]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("caption", "references"),
    [("", ["a"]), ("", [""]), (" ", ["a b"]), ("a", []), ("a", [""]), ("a", ["b", "c d"])],
)
def test_nothing_in_common(caption: str, references: list[str]) -> None:
    assert rouge_l(caption, references) == 0


def test_empty_tokens_between_blanks_count_as_in_the_script() -> None:
    assert rouge_l("a b ", ["a b"]) < 1
