"""Accuracies of short answers: EarthDial's published figures, types, weights, corners."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Target
from rsbench.harness.errors import UsageError
from rsbench.harness.metrics import vqa
from rsbench.harness.metrics.vqa import VQA
from rsbench.harness.roles import Bulk, Metric, Resampling
from rsbench.harness.rules.rule import EMPTY, JUDGE, UNPARSED
from rsbench.harness.rules.table import RSVQA

ROWS = [  # said, gold, type
    ("yes", "yes", "presence"),
    ("No.", "yes", "presence"),
    ("", "no", "presence"),
    ("rural", "rural", "rural_urban"),
    ("3", "2", "count"),
    ("maybe", "2", "count"),
]


def observed(metric: VQA, rows: list[tuple[str, str, str]] = ROWS) -> list[Evidence]:
    return [metric.observe(Target(texts=(g,), kind=k), Answer(text=s, raw=s)) for s, g, k in rows]


def test_doctests() -> None:
    assert doctest.testmod(vqa).failed == 0


def test_earthdial_rsvqa_lr(shared: Path) -> None:
    """Published: presence 92.58 (truncated), comparison 92.75, average 92.70: the mean over questions."""
    file = shared / "data" / "predictions_EarthDial" / "rs_vqa" / "results" / "RSVQA_LR.jsonl"
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    metric = VQA("rsvqa/earthdial", ("rsvqa/strict",), excluded=("count",))
    targets = [Target(texts=(row["annotation"],), kind=row["vqa_type"]) for row in rows]
    answers = [Answer(text=row["answer"], raw=row["answer"]) for row in rows]
    evidence = metric.observe_all(targets, answers)
    assert evidence[:40] == [metric.observe(*pair) for pair in list(zip(targets, answers, strict=True))[:40]]
    figures = metric.tally(evidence).figures()
    for rule in ("rsvqa/earthdial", "rsvqa/strict"):  # the answers are clean: both rules agree
        shown = {
            name.removeprefix(f"{rule}/"): round(100 * (value or 0.0), 3)
            for name, value in figures.items()
            if name.startswith(rule)
        }
        assert shown == {
            "OA": 73.551,
            "AA": 76.758,
            "OA without count": 92.702,
            "AA without count": 93.114,
            "type: comp": 92.754,
            "type: count": 27.689,
            "type: presence": 92.589,
            "type: rural_urban": 94.0,
        }
    assert metric.details(evidence)["errors"]["vhm/counting"]["samples"] == 2947


def test_figures() -> None:
    metric = VQA(excluded=("count",))
    figures = metric.tally(observed(metric)).figures()
    assert figures == {
        "rsvqa/strict/OA": pytest.approx(2 / 6),
        "rsvqa/strict/AA": pytest.approx((1 / 3 + 1 + 0) / 3),
        "rsvqa/strict/OA without count": pytest.approx(2 / 4),
        "rsvqa/strict/AA without count": pytest.approx((1 / 3 + 1) / 2),
        "rsvqa/strict/type: count": 0.0,
        "rsvqa/strict/type: presence": pytest.approx(1 / 3),
        "rsvqa/strict/type: rural_urban": 1.0,
    }
    assert metric.tally(observed(metric)).figures(only="rsvqa/strict/AA") == {
        "rsvqa/strict/AA": figures["rsvqa/strict/AA"]
    }


def test_details() -> None:
    metric = VQA(others=("rsvqa/lhrs",))
    details = metric.details(observed(metric))
    assert details["types"]["count"] == {"samples": 2, "rsvqa/strict": 0.0, "rsvqa/lhrs": 0.0}
    assert details["types"]["presence"]["rsvqa/lhrs"] == pytest.approx(2 / 3)  # the empty one too
    assert details["unparsed"] == {"rsvqa/strict": {EMPTY: 1, UNPARSED: 1}}
    assert details["errors"]["vhm/counting"] == {
        "samples": 2,
        "without a number": 1,
        "MAE": 1.0,
        "MAPE": 0.5,
    }
    assert json.loads(json.dumps(details)) == details


def test_what_a_judge_would_decide_is_counted() -> None:
    metric = VQA("vrsbench/contain-first", ("vrsbench/exact",))
    rows = [("a car", "vehicle", "category"), ("car", "car", "category"), ("12", "2", "quantity")]
    evidence = observed(metric, rows)
    figures = metric.tally(evidence).figures()
    assert figures["vrsbench/contain-first/OA"] == pytest.approx(2 / 3)
    assert figures[f"vrsbench/contain-first/{JUDGE}"] == pytest.approx(1 / 3)
    assert f"vrsbench/exact/{JUDGE}" not in figures
    assert metric.details(evidence)["unparsed"] == {"vrsbench/contain-first": {JUDGE: 1}}


def test_strict_reads_what_the_dialect_left_and_others_the_literal_text() -> None:
    metric = VQA("rsvqa/strict", ("rsvqa/contain",))
    target = Target(texts=("yes",), kind="presence")
    clean = metric.observe(target, Answer(text="yes", raw="<answer>yes</answer>"))
    assert clean["scores"] == {"rsvqa/strict": 1.0, "rsvqa/contain": 1.0}
    broken = metric.observe(target, Answer(unparsable="no answer tag", raw="I say yes"))
    assert broken["scores"] == {"rsvqa/strict": UNPARSED, "rsvqa/contain": 1.0}
    assert metric.observe(target, Answer(unparsable="empty", raw=""))["scores"]["rsvqa/strict"] == EMPTY
    assert metric.observe(target, Answer())["scores"]["rsvqa/strict"] == EMPTY
    assert metric.observe(target, Answer(label="yes"))["scores"]["rsvqa/contain"] == 1.0
    assert metric.observe(Target(label="yes"), Answer(text="yes"))["scores"]["rsvqa/strict"] == 1.0


def test_an_empty_answer_scores_nothing() -> None:
    metric = VQA(others=RSVQA)
    figures = metric.tally(observed(metric, [("", gold, kind) for _, gold, kind in ROWS])).figures()
    assert {value for name, value in figures.items() if name.startswith("rsvqa/strict/")} == {0.0}
    assert figures["rsvqa/lhrs/OA"] == 1.0


def test_without_a_gold_answer_nothing_is_scored() -> None:
    metric = VQA()
    evidence = [metric.observe(Target(kind="presence"), Answer(text="yes"))]
    assert evidence[0]["scores"] == {"rsvqa/strict": None}
    assert set(metric.tally(evidence).figures().values()) == {None}


def test_without_types_there_is_no_average_over_them() -> None:
    metric = VQA()
    figures = metric.tally(observed(metric, [("yes", "yes", ""), ("no", "yes", "")])).figures()
    assert figures == {"rsvqa/strict/OA": 0.5, "rsvqa/strict/AA": None}


def test_of_nothing_is_none() -> None:
    metric = VQA(excluded=("count",))
    assert set(metric.tally([]).figures().values()) == {None}
    figures = metric.tally(observed(metric)).figures(np.zeros(len(ROWS)))
    assert set(figures.values()) == {None}


def test_evidence_is_json_and_its_order_does_not_matter() -> None:
    metric = VQA(others=RSVQA, excluded=("count",))
    evidence = observed(metric)
    again = json.loads(json.dumps(evidence))
    assert metric.tally(again).figures() == metric.tally(evidence).figures()
    assert metric.tally(again[::-1]).figures() == pytest.approx(metric.tally(evidence).figures())


def test_weights_are_repetitions() -> None:
    metric = VQA(others=RSVQA, excluded=("count",))
    evidence = observed(metric) * 3
    weights = np.random.default_rng(1).integers(0, 4, len(evidence))
    repeated = [e for e, w in zip(evidence, weights, strict=True) for _ in range(w)]
    assert metric.tally(evidence).figures(weights) == pytest.approx(metric.tally(repeated).figures())


def test_roles() -> None:
    metric: Metric = VQA()
    assert isinstance(metric, Bulk) and isinstance(metric.tally([]), Resampling)
    with pytest.raises(UsageError, match="rsvqa/strict"):
        VQA("rsvqa/strickt")


def test_odd_answers() -> None:
    metric = VQA(others=RSVQA)
    for text in ("\ud800", "\x00", "\u202eyes", "y" * 200_000, "\ufdfa" * 1000):
        evidence = metric.observe(Target(texts=("yes",), kind="presence"), Answer(text=text, raw=text))
        assert evidence["scores"]["rsvqa/strict"] in (0.0, UNPARSED)
