"""The texts of samples are those of their rows, letter for letter, however odd the values."""

from __future__ import annotations

import json
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Image, Raster, Region, Sample, Stretch, Target, canonical
from rsbench.harness.datasets.verify import fingerprint
from rsbench.harness.sample_texts import SampleTexts, Shared
from rsbench.harness.values import sample_to

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.floats() | st.integers(-(10**6), 10**6)
PAIR = st.tuples(st.integers(0, 9), st.integers(0, 9))
REGION = st.builds(
    Region,
    st.tuples(NUMBER, NUMBER, NUMBER, NUMBER),
    TEXT,
    score=st.none() | st.floats(),
    ignore=st.booleans(),
    span=st.none() | PAIR,
    mask=st.none() | st.builds(Raster, st.integers(1, 9), st.integers(1, 9), TEXT),
)
REGIONS = st.lists(REGION, max_size=2).map(tuple)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
IMAGE = st.builds(
    Image, TEXT, TEXT, st.integers(0, 2), st.none() | st.just((0, 1, 2, 3)), st.none() | PAIR,
    st.none() | st.just(Stretch((1,))), st.sampled_from(["", "rot90", "speckle/3"]),
)  # fmt: skip
SAMPLE = st.builds(
    Sample,
    TEXT,
    st.lists(IMAGE, min_size=1, max_size=2).map(tuple),
    st.builds(Target, st.none() | TEXT, TEXTS, REGIONS, TEXT, TEXTS, st.none() | PAIR),
    TEXT,
    st.dictionaries(TEXT, TEXT, max_size=2),
    REGIONS,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SAMPLE, max_size=6))
def test_texts_are_those_of_rows(samples: list[Sample]) -> None:
    texts = SampleTexts()
    for sample in (*samples, *samples):
        row = sample_to(sample)
        assert texts.line(sample) == json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        parts = {k: v for k, v in row.items() if k in ("id", "question", "regions", "target")}
        assert texts.truth(sample) == canonical(parts)


@settings(max_examples=30, deadline=None)
@given(st.lists(SAMPLE, max_size=6))
def test_a_fingerprint_is_the_digest_of_the_list_of_rows(samples: list[Sample]) -> None:
    parts = ("id", "question", "regions", "target")
    rows = [{k: v for k, v in sample_to(s).items() if k in parts} for s in samples]
    rows.sort(key=lambda row: str(row["id"]))
    ordered = json.dumps(rows, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert fingerprint(samples, samples, {})[0] == sha256(ordered.encode()).hexdigest()


def test_a_shared_value_is_written_once_and_never_mistaken_for_another() -> None:
    written: list[object] = []

    def write(value: object) -> str:
        written.append(value)
        return str(value)

    shared, one = Shared(write), ["one"]
    assert [shared(one), shared(one)] == ["['one']"] * 2 and written == [one]
    texts = [shared([number]) for number in range(70_000)]  # gone at once, more than are kept
    assert texts == [f"[{number}]" for number in range(70_000)]
