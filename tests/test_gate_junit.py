"""The JUnit document: its structure as readers of it expect, its counts, and names that are not XML."""

from __future__ import annotations

from typing import Any

from defusedxml.ElementTree import fromstring

from rsbench.harness.gate import Observed, Refusal, Verdict, judged
from rsbench.harness.gate_config import FigureRule
from rsbench.harness.gate_junit import as_junit
from rsbench.harness.metrics.paired import Difference

# what the schemas in use agree on: element -> attributes it must have, children it may have
FORM = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, {"testcase"}),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}


def verdict(task: str = "mar20", figure: str = "OA") -> Verdict:
    rule = FigureRule("*", ("*",), 1.0, None, True)
    drop, rise = Difference(-0.02, -0.03, -0.01, 0.001), Difference(0.02, 0.01, 0.03, 0.001)
    figures = [
        Observed(task, figure, 0.9, 0.88, drop, 500),
        Observed(task, "top-1", 0.8, 0.82, rise, 500),
        Observed("clrs", "top-1", 0.8, 0.82, rise, 500),
    ]
    lines = judged([(one, rule) for one in figures], 0.05)
    return Verdict(tuple(lines), (Refusal("aid", "No run of it.", "Run it."),))


def check(element: Any) -> None:
    attributes, children = FORM[element.tag]
    assert set(element.attrib) == attributes, element.tag
    assert {child.tag for child in element} <= children
    if element.tag.startswith("testsuite"):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests")) == len(cases)
        assert int(element.get("failures")) == sum(case.find("failure") is not None for case in cases)
        assert int(element.get("errors")) == sum(case.find("error") is not None for case in cases)
    for child in element:
        check(child)


def test_a_suite_a_task_and_a_case_a_figure() -> None:
    text = as_junit(verdict())
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>\n")
    root: Any = fromstring(text.encode())
    check(root)
    assert [suite.get("name") for suite in root] == ["mar20", "clrs", "aid"]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "1")
    worse, better = root[0]
    assert worse.get("classname") == "rsbench.gate.mar20" and worse.get("name") == "OA"
    failure = worse.find("failure")
    assert "90.00 before, 88.00 now, -2.00 [-3.00, -1.00]" in failure.get("message")
    assert "tolerance 1 point, p 0.003" in failure.text and "more than chance" in failure.text
    assert "which is better" in better.find("system-out").text
    assert root[2][0].find("error").text == "No run of it. Run it."


def test_names_that_xml_forbids_or_means_something_by() -> None:
    hostile = 'a\x00\x1b\x0b<failure message="x">&amp;]]>\ud800\ufffe\U0001f6e9 é'
    root: Any = fromstring(as_junit(verdict(hostile, hostile)).encode())
    check(root)
    assert root[0].get("name") == 'a <failure message="x">&amp;]]>\U0001f6e9 é'
    assert root[0][0].get("name") == root[0].get("name")


def test_nothing_judged_is_a_document_too() -> None:
    check(fromstring(as_junit(Verdict((), ())).encode()))
