"""The two readings of an answer."""

from __future__ import annotations

import math

from rsbench.harness.contract import Answer
from rsbench.harness.metrics.ruled import (
    cleaned,
    columns,
    distinct,
    for_a_judge,
    literal,
    outcome,
    reasons,
    score,
)
from rsbench.harness.rules.rule import EMPTY, JUDGE, NOTHING, UNPARSED
from rsbench.harness.rules.table import rule


def test_readings() -> None:
    assert literal(Answer(raw="", text="b", label="c")) == ""
    assert literal(Answer(label="c")) == cleaned(Answer(label="c")) == "c"
    assert literal(Answer()) == cleaned(Answer()) == ""
    assert cleaned(Answer(raw="a", text="b")) == "b"
    assert cleaned(Answer(raw="a", unparsable="why")) is None


def test_outcomes() -> None:
    strict, contain = rule("rsvqa/strict"), rule("rsvqa/contain")
    assert outcome(strict, "x", None, "yes", NOTHING) == UNPARSED
    assert outcome(strict, " ", None, "yes", NOTHING) == EMPTY
    assert outcome(contain, "yes", None, "yes", NOTHING) == 1.0
    assert outcome(contain, "yes", "yes", None, NOTHING) is None
    assert [score(0.5), score("why")] == [0.5, 0.0] and math.isnan(score(None))


def test_reasons_are_the_commonest_first() -> None:
    found = reasons([{"r": "b", "s": 1.0}, {"r": "a"}, {"r": "b", "s": None}])
    assert list(found["r"].items()) == [("b", 2), ("a", 1)] and "s" not in found


def test_what_samples_share_is_looked_at_once() -> None:
    one, other = {"r": JUDGE, "s": 1.0}, {"r": 0.5, "s": 1.0}
    evidence = [{"kind": "a", "scores": s} for s in (one, other, one)] + [{"kind": "a", "scores": dict(one)}]
    known, which = distinct(evidence)
    assert [e["scores"] for e in known] == [one, other, one] and which == [0, 1, 0, 2]
    assert columns(known, ("r", "s")) == {"r/": [0.0, 0.5, 0.0], "s/": [1.0, 1.0, 1.0]}
    assert for_a_judge(known, ("r", "s")) == {f"r/{JUDGE}": [1.0, 0.0, 1.0]}
