"""Captions of images and of regions: what is asked, and what the answers are compared by."""

from __future__ import annotations

from dataclasses import replace

from rsbench.harness.contract import Image, Region, Sample, Target, Text, Turn
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.published import read_table
from rsbench.harness.registry import load
from rsbench.tasks.captioning import build

IMAGE = (Image("1.png", "", size=(9, 9)),)
BARE = Sample("1", IMAGE, Target(texts=("a ship",), label="ship"))
ASKED = Sample("2", IMAGE, Target(texts=("a bus",), label="bus"), question="What is it?")
POINTED = Sample("3", IMAGE, Target(texts=("a bus",)), regions=(Region((1, 2, 3, 4), ""),))


def test_what_is_asked() -> None:
    task = build(read_card("region_captions"), Dataset((BARE, ASKED, POINTED), (), ("bus", "ship")))
    asked = [task.request(sample, ()) for sample in task.samples()]
    assert asked == [
        Text("", sentences=True),  # how a picture or a region is asked about is the dialect's to say
        Text("What is it?", sentences=True),
        Text("", sentences=True),
    ]
    assert task.request(BARE, (Turn("?", "!"),)) is None


def test_regions_have_metrics_of_their_own() -> None:
    names = {}
    for card in ("captions", "region_captions"):
        task = build(read_card(card), Dataset((BARE,), (), ("bus", "ship")))
        names[card] = [metric.name for metric in task.metrics]
        assert task.headline in {f for m in task.metrics for f in m.tally([]).figures()}
    assert names["captions"] == ["caption", "rouge"]
    assert names["region_captions"] == ["caption", "rouge", "semantic", "class_named"]
    assert load("metrics", "class_named").name == "class_named"


def test_the_captions_table_has_its_figures() -> None:
    """The names under which report.json holds what papers print."""
    task = build(read_card("captions"), Dataset((BARE,), (), ()))
    figures = {name for metric in task.metrics for name in metric.tally([]).figures()}
    assert {"BLEU-4", "CIDEr-D"} <= figures and task.headline == "BLEU-4"


def test_the_columns_of_table_4_are_figures() -> None:
    card = read_card("nwpu_captions")
    task = build(card, Dataset((BARE,), (), ()))
    figures = {name for metric in task.metrics for name in metric.tally([]).figures()}
    assert set(card.table["columns"].values()) <= figures
    assert tuple(card.table["columns"]) == read_table("table_4").columns


def test_a_card_may_name_another_tokenizer() -> None:
    card = replace(read_card("captions"), protocol={"headline": "BLEU-4", "tokenizer": "lower"})
    task = build(card, Dataset((BARE,), (), ()))
    assert task.protocol == "lower" and task.metrics[0].details([])["tokenizer"] == "lower"
    assert build(read_card("captions"), Dataset((BARE,), (), ())).protocol == "ptb"


def test_official_counts_of_captions() -> None:
    """Images in all, by the papers: 31,500, 10,921, 4,743, 2,100 and 613."""
    names = ("nwpu_captions", "rsicd", "rsitmd", "ucm_captions", "sydney_captions")
    assert [sum(read_card(n).counts.values()) for n in names] == [31_500, 10_921, 4743, 2100, 613]
    assert [read_card(n).counts["test"] for n in names] == [3150, 1093, 452, 210, 58]
