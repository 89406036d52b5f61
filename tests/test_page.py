"""What a person reads: the paper's table with our row labelled, and model text that does nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rsbench.harness.contract import Figure, Problem, Report, Slice
from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.page import command, page
from rsbench.harness.paper_tables import paper_tables

SPEC: dict[str, Any] = {
    "task": "clrs",
    "task_version": 1,
    "source": {"kind": "mini", "split": "test", "items": 200, "annotations": "a" * 64, "images": None},
    "adapter": "earthgpt",
    "arguments": {"wording": "paper"},
    "checkpoint": "c" * 64,
    "dialect": "earthgpt",
    "dialect_version": 1,
    "decoding": {"max_new_tokens": 512},
    "limit": 50,
    "seed": 3,
    "runtime": {"device": "cuda", "dtype": "float32"},
}


def report(task: str = "clrs", **changes: Any) -> Report:
    headline = Figure("top-1", 0.9347, 0.91, 0.95)
    base = Report(
        task=task,
        spec={**SPEC, "task": task},
        headline=headline,
        figures=(headline, Figure("macro top-1", None)),
        slices=(Slice("sensor", "sar", 40, headline),),
        samples=200,
        failed=2,
        unparsable=5,
        problems=(Problem("x|y.tif", "cannot be read"),),
        labels=("mini", "limited to 50 of 200"),
        details={
            "unparsable": {"<script>alert(1)</script> `x`": 5},
            "errors": {},
            "not computed": [],
            "note": None,
        },
        versions={"python": "3.11"},
    )
    return replace(base, **changes)


def test_our_row_stands_above_the_published_rows_and_is_labelled() -> None:
    lines = paper_tables([report()]).splitlines()
    ours = next(
        i
        for i, line in enumerate(lines)
        if "earthgpt,wording=paper (this run: mini; limited to 50 of 200)" in line
    )
    theirs = next(i for i, line in enumerate(lines) if "77.37" in line)
    assert ours < theirs
    assert "93.47 [91.00, 95.00]" in lines[ours]
    assert "2.5 %" in lines[ours]  # 5 of 198 answered
    assert any("Not comparable with the published rows" in line for line in lines)


def test_the_same_model_with_and_without_a_question_before_stands_in_two_rows() -> None:
    bare = report("mar20_obb")
    first = replace(bare, spec={**bare.spec, "prompting": "count"}, labels=(*bare.labels, "prompting count"))
    rows = [line for line in paper_tables([bare, first]).splitlines() if "(this run" in line]
    assert len(rows) == 2 and [("prompting count" in row) for row in rows] == [False, True]
    assert "--prompting count" in command(first.spec) and "--prompting" not in command(bare.spec)
    heard = {"answers": 198, "unparsable": 1, "rsvqa/strict/OA": 0.75}
    text = page(replace(first, details={**first.details, "first turn": heard}))
    assert "## first turn" in text and "rsvqa/strict/OA: 75.00" in text


def test_a_real_complete_run_has_no_caution() -> None:
    text = paper_tables([report(labels=())])
    assert "earthgpt,wording=paper (this run)" in text and "Not comparable" not in text


def test_two_tasks_of_one_table_share_a_row() -> None:
    text = paper_tables([report(), report("nasc_tg2")])
    (row,) = [line for line in text.splitlines() if "this run" in line]
    assert row.count("93.47") == 2 and "200 + 200" in row


def test_other_answers_have_another_row() -> None:
    other = report()
    other = replace(other, spec={**other.spec, "checkpoint": "d" * 64}, headline=Figure("top-1", 0.5))
    text = paper_tables([report(), replace(other, figures=(other.headline,)), report()])
    rows = [line for line in text.splitlines() if "this run" in line]
    assert [("93.47" in row, "50.00" in row) for row in rows] == [(True, False), (False, True), (True, False)]


def test_an_undefined_figure_is_a_dash() -> None:
    text = paper_tables([report(headline=Figure("top-1", None), figures=(Figure("top-1", None),))])
    (row,) = [line for line in text.splitlines() if "this run" in line]
    assert "–" in row and "0.00" not in row


def test_a_page_holds_slices_problems_and_how_to_reproduce() -> None:
    text = page(report())
    for words in ("sensor: sar", "cannot be read", "x|y.tif", "sha256 " + "c" * 64, "How to reproduce"):
        assert words in text


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "`<script>`", "a | <script> | b", "<script>\n\n<i>"]
)
def test_foreign_words_do_nothing(words: str) -> None:
    """Whatever a model says or a class is called: rendered with HTML allowed, only our markup is there."""
    from markdown_it import MarkdownIt

    counts = {"columns": [words, "beach", "unparsable"], "rows": [[1, 0, 2], [0, 3, 0]]}
    classes = {words: {"samples": 3, "hits": 1, "accuracy": 1 / 3}}
    details = {"unparsable": {words: 2}, "errors": {words: 1}, "note": words, "not computed": []}
    headline = Figure("top-1", 0.5)
    text = page(
        report(
            details={**details, "choice": {"classes": classes, "confusion": counts}},
            slices=(Slice("sensor", words, 4, headline),),
            problems=(Problem(words, words),),
            labels=(),
        )
    )
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert "<script>" not in html and "<i>" not in html
    assert html.count("<table>") == 5
    rows = [line for line in text.splitlines() if line.startswith("|") and "script" in line]
    assert len(rows) == 4  # a slice, a class, the head and a row of the matrix: no line is torn


def test_the_command_asks_the_same_again() -> None:
    words = command(SPEC)
    for part in ("--model earthgpt,wording=paper", "--tasks clrs", "--data mini", "--limit 50", "--seed 3"):
        assert part in words
    assert "--device cuda" in words and "float32" not in words
    assert "--split" not in words and "--dialect" not in words


def test_the_command_says_what_is_not_usual_and_can_be_pasted() -> None:
    source = {**SPEC["source"], "kind": "folder", "split": "train"}
    arguments = {"answers": "my answers.jsonl", "dialect": "plain"}
    words = command({**SPEC, "source": source, "task": "mar20", "arguments": arguments})
    assert "--model 'earthgpt,answers=my answers.jsonl,dialect=plain'" in words
    assert "--split train" in words and "--data DIR" in words
    assert "--dialect plain,x=1" in command({**SPEC, "dialect": "plain,x=1"})
    trained = command({**SPEC, "arguments": {"checkpoint": "short/checkpoint"}})
    assert "--model earthgpt,checkpoint=short/checkpoint --tasks" in trained


def test_it_says_which_figures_stand_in_the_columns() -> None:
    given = Figure("one-class/AP@0.40/voc07/given", 0.5)
    text = paper_tables([report("mar20", headline=given, figures=(given,))])
    assert "AP@40 of this run is one-class/AP@0.40/voc07/given." in text
    nothing = Figure("one-class/AP@0.40/voc07/clip-score", None)
    details = {"not computed": ["clip-score"]}
    text = paper_tables([report("mar20", headline=nothing, figures=(), details=details)])
    assert "AP@40 of this run (one-class/AP@0.40/voc07/clip-score) is not computed." in text
    other = Figure("one-class/AP@0.40/voc07/none", 0.25, 0.2, 0.3)
    text = paper_tables([report("mar20", headline=nothing, figures=(other,), details=details)])
    assert "is not computed, for want of the clip-score; none: 25.00 [20.00, 30.00]." in text
    own = Figure("all classes/mAP@0.50/voc07/clip-score", None)
    same = Figure("all classes/mAP@0.50/voc07/none", 0.25)
    text = paper_tables([report("voc", headline=own, figures=(same,), details=details)])
    assert text.startswith("### Results\n")
    assert (
        "voc: all classes/mAP@0.50/voc07/clip-score is not computed, for want of the clip-score; none: 25.00."
        in text
    )


def test_known_errors_are_told_apart_from_broken_items() -> None:
    mended = report(problems=(Problem("x", "cannot be read"), Problem("7", "erratum: left out, asked twice")))
    text = page(mended)
    assert "- 1 broken items in the data set" in text and "- 1 known errors of the data set corrected" in text
    assert "errata: none known" in text and "known errors of the data set" not in page(report())
    source = SPEC["source"]
    for version, said in ((0, "errata: not corrected"), (2, "errata: version 2")):
        spec = {**SPEC, "source": {**source, "errata": version}}
        assert said in page(report(spec=spec)) and ("--errata none" in command(spec)) == (version == 0)
    copy = {**SPEC, "source": {**source, "kind": "Hugging Face copy"}}
    assert "--data hf:DIR" in command(copy)


@pytest.mark.parametrize("task", [name for name in card_names() if read_card(name).table])
def test_every_column_holds_its_own_figure(task: str) -> None:
    card = read_card(task)
    headline = Figure(str(card.protocol["headline"]), 0.0123, 0.01, 0.02)
    values = {name: 0.2 + i / 100 for i, name in enumerate(dict.fromkeys(card.table["columns"].values()))}
    figures = (headline, *(Figure(name, value, 0.1, 0.9) for name, value in values.items()))
    text = paper_tables([report(task, headline=headline, figures=figures)])
    (row,) = (line for line in text.splitlines() if "(this run" in line)
    shown = [f"{values[name]:.2%}".removesuffix("%") for name in card.table["columns"].values()]
    assert [cell.split("[")[0].strip() for cell in row.split("|") if "[" in cell] == shown
