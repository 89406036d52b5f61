"""Cutting a paraphrase table down: every entry of known words stays, in order, in chunks of any size."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.metrics import paraphrases
from rsbench.harness.metrics.paraphrases import shorten, words_of


def test_words() -> None:
    assert words_of([]) == frozenset()
    assert words_of(["A snow-covered L1", "caf\u00e9's ||| x"]) == {
        "a",
        "snow",
        "covered",
        "l1",
        "caf",
        "s",
        "x",
    }


@pytest.mark.parametrize("chunk", [7, 64, 1 << 20])
def test_against_plain_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    generator = np.random.default_rng(7)
    words = "plane planes aeroplane 's , Plane sea-side caf\u00e9 \u673a 12 a-b".split()
    entries = [
        (f"{p:.3f}", " ".join(generator.choice(words, a)), " ".join(generator.choice(words, b)))
        for p, a, b in zip(
            generator.random(300), generator.integers(1, 4, 300), generator.integers(1, 4, 300), strict=True
        )
    ]
    table, short = tmp_path / "table.gz", tmp_path / "short.gz"
    table.write_bytes(gzip.compress("".join("\n".join(e) + "\n" for e in entries).encode()))
    known = words_of(["plane planes sea side 12 s"])
    monkeypatch.setattr(paraphrases, "CHUNK", chunk)
    shorten(table, known, short)
    expected = [e for e in entries if words_of(e[1:]) <= known]
    assert 0 < len(expected) < len(entries)
    assert gzip.decompress(short.read_bytes()).decode() == "".join("\n".join(e) + "\n" for e in expected)


def test_no_words_no_entries_but_those_without_any(tmp_path: Path) -> None:
    table, short = tmp_path / "table.gz", tmp_path / "short.gz"
    table.write_bytes(gzip.compress(b"0.5\n, .\n...\n0.5\na\nb\n"))
    shorten(table, frozenset(), short)
    assert gzip.decompress(short.read_bytes()) == b"0.5\n, .\n...\n"
