"""A verdict in words: everything a figure's line must say, and nothing that a name smuggles in."""

from __future__ import annotations

import pytest

from rsbench.harness.gate import Flip, Flips, Line, Observed, Refusal, Verdict, at_most, judged
from rsbench.harness.gate_config import FigureRule
from rsbench.harness.gate_text import as_markdown, as_text
from rsbench.harness.metrics.paired import Difference

RULE = FigureRule("*", ("*",), 1.0, None, True)
HOSTILE = "a\x1b[31m|`<b>x</b>`](javascript:1)\u202e\ud800\n# b"


def line(task: str = "mar20", figure: str = "one-class/AP@0.40/area", after: float = 0.7021) -> Line:
    difference = Difference(after - 0.725, after - 0.73, after - 0.72, 0.0004)
    return judged([(Observed(task, figure, 0.725, after, difference, 2511), RULE)], 0.05)[0]


def flips(count: int, sample: str = "7/{task}?.png") -> Flips:
    worst = [Flip(sample, "right", "wrong", 2, 0)] * min(count, 50)
    return Flips("mar20", "mar20-hf-0a1", "one-class/AP@0.40/area", count, 3, tuple(worst))


def test_the_line_of_a_figure_says_all_there_is() -> None:
    said = as_text(Verdict((line(),), ()))
    assert said.startswith("Gate: worse than the baseline (1 of 1 figures worse)\n")
    assert (
        "worse: mar20 one-class/AP@0.40/area: 72.50 before, 70.21 now, -2.29 [-2.79, -1.79], "
        "tolerance 1 point, p < 0.001: fell by 2.29 points, more than the tolerance of 1 point and more than "
        "chance alone gives."
    ) in said
    assert "95 % interval" in said and "Holm" in said


def test_what_is_not_judged_comes_with_its_reason_and_remedy() -> None:
    refused = Refusal("clrs", "The annotations differ.", "Run both on one copy of the data.")
    verdict = Verdict((), (refused, refused), notes=("aid has no run in the baseline.",))
    for said in (as_text(verdict), as_markdown(verdict)):
        assert "not comparable with the baseline (0 of 0 figures worse; not comparable: clrs)" in said
        assert (
            "The annotations differ." in said and "Run both on one copy" in said and "aid has no run" in said
        )
    assert "Holm" not in as_text(verdict)


def test_a_gate_that_can_hardly_see_says_so() -> None:
    few = Observed("clrs", "top-1", 0.8, 0.81, Difference(0.01, -0.09, 0.11, 0.8), 60)
    verdict = Verdict(tuple(judged([(few, RULE)], 0.05)), ())
    for said in (as_text(verdict), as_markdown(verdict)):
        assert "A true drop of twice the tolerance would be seen about 6 % of the time" in said
    assert "would be seen" not in as_text(Verdict((line(after=0.726),), ()))


def test_the_summary_begins_with_the_verdict_and_links_flipped_samples() -> None:
    link = "https://pages.example/{run}/samples.html#sample={id}&t={task}&{other}"
    said = as_markdown(Verdict((line(),), (), (flips(30),)), link).splitlines()
    assert said[0] == "## Gate: worse than the baseline (1 of 1 figures worse)"
    cells = [cell.strip() for cell in said[4].split("|")[1:-1]]
    assert cells[0] == "`one-class/AP@0.40/area`" and cells[2:6] == [
        "worse",
        "72.50",
        "70.21",
        "-2.29 [-2.79, -1.79]",
    ]
    rows = [row for row in said if row.startswith("- [")]
    address = "https://pages.example/mar20-hf-0a1/samples.html#sample=7%2F%7Btask%7D%3F.png&t=mar20&{other}"
    assert rows == [f"- [`7/{{task}}?.png`]({address}): right, now wrong, 2 objects lost, 0 found"] * 20
    assert "- and 10 more (rsbench compare lists them all)" in said
    plain = as_markdown(Verdict((line(),), (), (flips(1),)))
    assert "- `7/{task}?.png`: right, now wrong" in plain and "](" not in plain


@pytest.mark.parametrize("form", [as_text, as_markdown])
def test_names_of_others_do_nothing(form: object) -> None:
    assert callable(form)
    verdict = Verdict(
        (line(HOSTILE, HOSTILE), at_most(HOSTILE, 0.5, 1.0, 9, 0.0)),
        (Refusal(HOSTILE, HOSTILE, HOSTILE),),
        (Flips(HOSTILE, HOSTILE, HOSTILE, 1, 0, (Flip(HOSTILE, "right", "wrong", 0, 0),)),),
        (HOSTILE,),
    )
    said = form(verdict)
    assert not any(bad in said for bad in ("\x1b", "\u202e", "\ud800"))
    said.encode()
    assert not any(row.lstrip().startswith("# b") for row in said.splitlines())  # no line of its own
    if form is as_markdown:
        for row in said.splitlines():
            outside = "".join(row.split("`")[::2])  # what is not shown letter by letter
            assert "<b>" not in outside and "](javascript" not in outside.replace("\\]", "")
        rows = [row for row in said.splitlines() if row.startswith("|")]
        assert {row.replace("\\|", "").count("|") for row in rows} == {9}
