"""BLEU, ROUGE-L, CIDEr-D against pycocoevalcap on random texts; the original CIDEr against its equations."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rsbench.harness.metrics.caption_tally import BLEU, CaptionTally

sentences = st.lists(st.sampled_from("abcde"), max_size=9).map(" ".join)
images = st.lists(st.tuples(sentences, st.lists(sentences, min_size=1, max_size=4)), min_size=1, max_size=8)


def peer(samples: list[tuple[str, list[str]]]) -> tuple[dict[str, float], dict[str, Any]]:
    """pycocoevalcap's scores of the whole set, and of each image."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    true = {i: texts for i, (_, texts) in enumerate(samples)}
    said = {i: [text] for i, (text, _) in enumerate(samples)}
    bleus, bleu_images = Bleu(4).compute_score(true, said, verbose=0)
    rouge, rouge_images = Rouge().compute_score(true, said)
    cider, cider_images = Cider().compute_score(true, said)
    whole = dict(zip(BLEU, bleus, strict=True)) | {"ROUGE-L": rouge, "CIDEr-D": cider}
    single = dict(zip(BLEU, bleu_images, strict=True)) | {"ROUGE-L": rouge_images, "CIDEr-D": cider_images}
    return whole, single


@settings(max_examples=150, deadline=None)
@given(images)
@example([("a b", ["a b"]), ("", ["a"])])
@example([("a", ["b"]), ("a", ["a"]), ("a", ["a"])])
def test_equal_to_pycocoevalcap(samples: list[tuple[str, list[str]]]) -> None:
    samples = [(said, [text or "x" for text in true]) for said, true in samples]  # rouge_l.py: "" against ""
    whole, single = peer(samples)
    tally = CaptionTally([{"hyp": said, "refs": true} for said, true in samples])
    figures, alone = tally.figures(), tally.per_sample()
    for name, value in whole.items():
        assert figures[name] == pytest.approx(value, abs=1e-12), name
        assert alone[name] == pytest.approx(np.array(single[name]), abs=1e-12), name


@settings(max_examples=100, deadline=None)
@given(images)
def test_original_cider_by_its_equations(samples: list[tuple[str, list[str]]]) -> None:
    """Equations 1 to 3 of the paper, written out with dictionaries."""
    tally = CaptionTally([{"hyp": said, "refs": true} for said, true in samples])
    ours = tally.per_sample()["CIDEr/original"]

    def grams(text: str, n: int) -> Counter[tuple[str, ...]]:
        tokens = text.split()
        return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))

    for row, (said, true) in enumerate(samples):
        total = 0.0
        for n in range(1, 5):
            seen = Counter(g for _, texts in samples for g in {g for text in texts for g in grams(text, n)})

            def vector(text: str, n: int = n, seen: Counter[Any] = seen) -> dict[Any, float]:
                return {g: c * math.log(len(samples) / max(seen[g], 1)) for g, c in grams(text, n).items()}

            a = vector(said)
            for text in true:
                b = vector(text)
                norm = math.hypot(*a.values()) * math.hypot(*b.values())
                total += sum(a[g] * b[g] for g in a.keys() & b.keys()) / norm / len(true) / 4 if norm else 0
        assert ours[row] == pytest.approx(10 * total, abs=1e-9)


def test_empty_against_empty_departs_from_the_script() -> None:
    samples = [("", ["", "a"]), ("a", ["a"])]
    assert peer(samples)[1]["ROUGE-L"][0] == 1
    tally = CaptionTally([{"hyp": said, "refs": true} for said, true in samples])
    assert tally.per_sample()["ROUGE-L"][0] == 0
